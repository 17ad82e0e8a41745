//! Addresses that reach nobody: names that can never be registered (RFC 2606, RFC 6761).

use super::chance::Chance;
use super::names::nicknames;
use std::collections::HashSet;

const DOMAINS: [&str; 10] = [
    "mail.example",
    "example.com",
    "inbox.example",
    "post.example",
    "letters.example",
    "example.org",
    "home.example",
    "example.net",
    "work.example",
    "campus.example",
];

/// Hands out each address once.
#[derive(Debug, Default)]
pub(super) struct EmailBook {
    taken: HashSet<String>,
}

impl EmailBook {
    /// A personal address after one of the usual patterns. `year` is of birth.
    pub(super) fn personal(
        &mut self,
        given: &str,
        family: &str,
        year: i64,
        chance: &mut Chance,
    ) -> String {
        let short = nicknames(given).next().unwrap_or(given);
        let (given, family, short) = (plain(given), plain(family), plain(short));
        let first: String = given.chars().take(1).collect();
        let local = match chance.weighted(&[30, 12, 14, 14, 8, 8, 8, 6]) {
            0 => format!("{given}.{family}"),
            1 => format!("{first}.{family}"),
            2 => format!("{given}{family}"),
            3 => format!("{given}.{family}{:02}", year % 100),
            4 => format!("{family}.{given}"),
            5 => format!("{given}_{family}"),
            6 => format!("{short}{year}"),
            _ => format!("{short}.{first}{family}"),
        };
        self.unique(local, chance)
    }

    /// An address for a whole family.
    pub(super) fn of_family(&mut self, family: &str, chance: &mut Chance) -> String {
        let family = plain(family);
        let local = match chance.below(3) {
            0 => format!("the.{family}s"),
            1 => format!("family.{family}"),
            _ => format!("{family}.home"),
        };
        self.unique(local, chance)
    }

    fn unique(&mut self, mut local: String, chance: &mut Chance) -> String {
        let domain = chance.favour(&DOMAINS);
        loop {
            let address = format!("{local}@{domain}");
            if self.taken.insert(address.clone()) {
                return address;
            }
            local.push_str(&chance.below(100).to_string());
        }
    }
}

/// Lower-case ASCII letters and digits only.
pub(super) fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => out.push(letter),
            'ä' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'á' | 'à' | 'â' | 'å' | 'ã' | 'ą' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' => out.push('i'),
            'ó' | 'ò' | 'ô' => out.push('o'),
            'ú' | 'ù' | 'û' => out.push('u'),
            'ç' | 'ć' => out.push('c'),
            'ñ' | 'ń' => out.push('n'),
            'ł' => out.push('l'),
            'ş' | 'ś' => out.push('s'),
            'ğ' => out.push('g'),
            'ż' | 'ź' => out.push('z'),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_handed_out_once() {
        let (mut book, mut chance) = (EmailBook::default(), Chance::of(&[4]));
        let all: HashSet<_> =
            (0..3_000).map(|_| book.personal("Şerife", "Große-Öz", 1984, &mut chance)).collect();
        assert_eq!(all.len(), 3_000);
        assert!(all.iter().all(|address| address.is_ascii() && address.contains('@')));
    }
}
