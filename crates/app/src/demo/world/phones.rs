//! Phone numbers that ring nobody: each regulator's ranges for drama and testing (Ofcom, NANPA,
//! `ComReg`, Bundesnetzagentur, Arcep, PTS, ACMA). A country without such a range, or whose range
//! is used up, borrows one of a neighbour or gives no number.

use super::chance::Chance;

/// `(index of the country, calling code, [(leading digits, how many digits follow)])`.
type Range = (usize, &'static str, &'static [(&'static str, u32)]);

const RANGES: [Range; 7] = [
    (
        0,
        "44",
        &[
            // 07700 9009xx stays free for the customer of the story.
            ("77009000", 2),
            ("77009001", 2),
            ("77009002", 2),
            ("77009003", 2),
            ("77009004", 2),
            ("77009005", 2),
            ("77009006", 2),
            ("77009007", 2),
            ("77009008", 2),
            ("1134960", 3),
            ("1144960", 3),
            ("1154960", 3),
            ("1164960", 3),
            ("1174960", 3),
            ("1184960", 3),
            ("1214960", 3),
            ("1314960", 3),
            ("1414960", 3),
            ("1514960", 3),
            ("1614960", 3),
            ("2079460", 3),
            ("1914980", 3),
            ("2896496", 3),
            ("2920180", 3),
            ("1632960", 3),
        ],
    ),
    (
        1,
        "1",
        &[
            ("21255501", 2),
            ("51255501", 2),
            ("50355501", 2),
            ("31255501", 2),
            ("20655501", 2),
            ("30355501", 2),
            ("61455501", 2),
            ("61755501", 2),
            ("40455501", 2),
            ("60255501", 2),
            ("61555501", 2),
            ("60855501", 2),
            ("52055501", 2),
            ("20855501", 2),
            ("41555501", 2),
            ("31055501", 2),
            ("21355501", 2),
            ("71355501", 2),
            ("21455501", 2),
            ("30555501", 2),
            ("21555501", 2),
            ("41255501", 2),
            ("31355501", 2),
            ("61255501", 2),
            ("31455501", 2),
            ("70255501", 2),
            ("80155501", 2),
            ("50555501", 2),
            ("91955501", 2),
            ("70455501", 2),
            ("80455501", 2),
            ("41055501", 2),
            ("20255501", 2),
            ("71655501", 2),
            ("21655501", 2),
            ("51355501", 2),
            ("31755501", 2),
            ("50255501", 2),
            ("90155501", 2),
            ("50455501", 2),
        ],
    ),
    (2, "353", &[("2091", 5)]),
    (
        3,
        "49",
        &[
            ("17139200", 2),
            ("176040690", 2),
            ("3023125", 3),
            ("4066969", 3),
            ("6990009", 3),
            ("8999998", 3),
            ("2214710", 3),
        ],
    ),
    (
        4,
        "33",
        &[("63998", 4), ("19900", 4), ("26191", 4), ("35301", 4), ("46571", 4), ("53649", 4)],
    ),
    (9, "46", &[("7017406", 2), ("8465004", 2), ("3139006", 2), ("4062804", 2), ("9803192", 2)]),
    (
        10,
        "61",
        &[
            ("25550", 4),
            ("27010", 4),
            ("35550", 4),
            ("37010", 4),
            ("75550", 4),
            ("77010", 4),
            ("85550", 4),
            ("87010", 4),
        ],
    ),
];

/// Borrowed from, in this order.
const LENDERS: [usize; 3] = [4, 10, 2];

/// A number: the calling code and the national digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Phone {
    range: u8,
    national: u64,
}

impl Phone {
    /// Whether there is a number at all.
    pub(super) fn is_some(self) -> bool {
        self.national > 0
    }

    /// As its bearer or a clerk writes it; nothing when there is none.
    pub(super) fn shown(self, style: u64) -> String {
        let Some((_, code, _)) = RANGES.get(usize::from(self.range)).filter(|_| self.is_some())
        else {
            return String::new();
        };
        let digits = self.national.to_string();
        let (head, tail) = digits.split_at_checked(3).unwrap_or((&digits, ""));
        let (middle, last) = tail.split_at_checked(3).unwrap_or((tail, ""));
        match (style % 5, *code) {
            (0 | 1, _) => format!("+{code}{digits}"),
            (2, _) => format!("+{code} {head} {middle} {last}"),
            (3, "1") => format!("({head}) {middle}-{last}"),
            (4, "1") => format!("{head}.{middle}.{last}"),
            (3, _) => format!("0{digits}"),
            (_, _) => format!("0{head} {middle}{last}"),
        }
    }
}

/// Hands out each number once.
#[derive(Debug, Default)]
pub(super) struct PhoneBook {
    taken: [u64; RANGES.len()],
}

impl PhoneBook {
    /// The next number of `country`, a borrowed one, or none.
    pub(super) fn take(&mut self, country: usize, chance: &mut Chance) -> Phone {
        let own = RANGES.iter().position(|(of, _, _)| *of == country);
        if let Some(phone) = own.and_then(|range| self.take_of(range)) {
            return phone;
        }
        if chance.often(450) {
            return Phone::default();
        }
        LENDERS.into_iter().find_map(|range| self.take_of(range)).unwrap_or_default()
    }

    fn take_of(&mut self, range: usize) -> Option<Phone> {
        let (_, _, blocks) = RANGES.get(range)?;
        let taken = self.taken.get_mut(range)?;
        let size: u64 = blocks.iter().map(|(_, digits)| 10_u64.pow(*digits)).sum();
        if *taken >= size {
            return None;
        }
        // The stride walks through the whole range and hides the order in which people were made.
        let mut left = *taken * 7_919 % size;
        *taken += 1;
        for (head, digits) in *blocks {
            let block = 10_u64.pow(*digits);
            if left < block {
                let national = head.parse::<u64>().ok()? * block + left;
                return Some(Phone { range: u8::try_from(range).ok()?, national });
            }
            left -= block;
        }
        None
    }
}

/// The last two digits swapped, a common slip of a hand. Only the last two: a slip further to the
/// front would leave the range that rings nobody.
pub(super) fn transposed(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if let [.., a, b] = letters.as_mut_slice() {
        std::mem::swap(a, b);
    }
    letters.into_iter().collect()
}

/// How many numbers a range holds, for a test.
#[cfg(test)]
fn size(range: usize) -> u64 {
    RANGES[range].2.iter().map(|(_, digits)| 10_u64.pow(*digits)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_number_is_handed_out_once() {
        for (range, (country, _, _)) in RANGES.iter().enumerate() {
            let mut book = PhoneBook::default();
            let mut chance = Chance::of(&[1]);
            let count = size(range).min(5_000);
            let numbers: HashSet<_> =
                (0..count).map(|_| book.take(*country, &mut chance).shown(0)).collect();
            assert_eq!(numbers.len() as u64, count);
        }
    }

    #[test]
    fn numbers_are_written_in_many_ways() {
        let phone = Phone { range: 0, national: 7_700_900_123 };
        let us = Phone { range: 1, national: 2_125_550_123 };
        for (phone, style, shown) in [
            (phone, 0, "+447700900123"),
            (phone, 2, "+44 770 090 0123"),
            (phone, 3, "07700900123"),
            (phone, 4, "0770 0900123"),
            (us, 3, "(212) 555-0123"),
            (us, 4, "212.555.0123"),
            (Phone::default(), 0, ""),
        ] {
            assert_eq!(phone.shown(style), shown);
        }
    }
}
