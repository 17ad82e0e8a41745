//! How a person's particulars get into a source: by their own hand, a clerk's or a paper form,
//! with the slips each of them makes. The same person at the same desk makes the same slips.

use super::calendar::{civil, date, push_number};
use super::chance::{Chance, wide};
use super::flags::Flags;
use super::names::nicknames;
use super::phones::transposed;
use super::places::COUNTRIES;
use super::population::{Household, Person};
use super::shop::SHOP_EMAIL;
use super::{Topic, World};

/// Who writes a person's particulars down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    /// The person, for an account.
    Web,
    /// The person, for another account.
    WebAgain,
    /// A clerk at a till.
    Till,
    /// The paper form of the loyalty card.
    Card,
    /// The customer-relations desk.
    File,
    /// The same desk, which did not find the first row.
    FileAgain,
}

/// How carefully a desk works, per thousand.
#[derive(Debug)]
struct Care {
    typo: u64,
    caps: u64,
    nickname: u64,
    /// Left empty: given name, email, phone, home, birth date and gender.
    empty: [u64; 6],
}

impl Desk {
    const fn care(self) -> Care {
        match self {
            Self::Web => {
                Care { typo: 12, caps: 12, nickname: 90, empty: [10, 0, 380, 420, 700, 850] }
            }
            Self::WebAgain => {
                Care { typo: 25, caps: 20, nickname: 250, empty: [30, 0, 500, 550, 800, 900] }
            }
            Self::Till => Care {
                typo: 60,
                caps: 200,
                nickname: 150,
                empty: [350, 250, 600, 1_000, 1_000, 1_000],
            },
            Self::Card => {
                Care { typo: 45, caps: 160, nickname: 60, empty: [15, 200, 180, 250, 150, 250] }
            }
            Self::File => {
                Care { typo: 40, caps: 50, nickname: 70, empty: [20, 250, 220, 120, 300, 200] }
            }
            Self::FileAgain => {
                Care { typo: 90, caps: 80, nickname: 160, empty: [60, 400, 300, 200, 450, 300] }
            }
        }
    }
}

/// What stands in the source afterwards; empty is nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) given: String,
    pub(super) family: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) postcode: String,
    pub(super) country: &'static str,
    pub(super) birth: String,
    pub(super) gender: &'static str,
    pub(super) flags: Flags,
}

impl World {
    /// What `desk` writes down at an instant.
    pub(super) fn entry(&self, nth: usize, desk: Desk, at_ms: i64) -> Entry {
        let Some((person, household)) = self.person(nth) else { return Entry::default() };
        let desk_number = match desk {
            Desk::Web => 0,
            Desk::WebAgain => 1,
            Desk::Till => 2,
            Desk::Card => 3,
            Desk::File => 4,
            Desk::FileAgain => 5,
        };
        let seed = [self.spec.seed, Topic::ENTRY, wide(nth), desk_number];
        let mut clerk = Clerk { person, household, desk, care: desk.care(), at_ms, seed };
        if self.canary(person).is_some() {
            clerk.care.empty = [0; 6];
        }
        let mut entry = Entry::default();
        clerk.name(&mut entry);
        clerk.contact(&mut entry);
        clerk.home(&mut entry);
        clerk.birth(&mut entry);
        entry.flags |= facts(person.flags, desk, &entry);
        if let Some(canary) = self.canary(person) {
            mark(&mut entry, canary);
        }
        entry
    }
}

#[derive(Debug)]
struct Clerk<'a> {
    person: &'a Person,
    household: &'a Household,
    desk: Desk,
    care: Care,
    at_ms: i64,
    seed: [u64; 4],
}

impl Clerk<'_> {
    fn chance(&self, field: u64) -> Chance {
        let [seed, topic, nth, desk] = self.seed;
        Chance::of(&[seed, topic, nth, desk, field])
    }

    fn leaves(&self, field: usize, entry: &mut Entry, chance: &mut Chance) -> bool {
        let often = self.care.empty.get(field).copied().unwrap_or_default();
        let leaves = chance.often(often);
        if leaves && often < 400 {
            entry.flags |= Flags::MISSING;
        }
        leaves
    }

    fn name(&self, entry: &mut Entry) {
        let mut chance = self.chance(0);
        let sketch = &self.person.sketch;
        sketch.given.clone_into(&mut entry.given);
        entry.family = self.person.family(self.at_ms);
        if chance.often(self.care.nickname) {
            let short: Vec<_> = nicknames(sketch.given).collect();
            if !short.is_empty() {
                chance.pick(&short).clone_into(&mut entry.given);
                entry.flags |= Flags::NICKNAME;
            }
        }
        if chance.often(self.care.typo) {
            entry.given = typo(&entry.given, &mut chance);
            entry.flags |= Flags::TYPO;
        }
        if chance.often(self.care.typo) {
            entry.family = typo(&entry.family, &mut chance);
            entry.flags |= Flags::TYPO;
        }
        if !sketch.suffix.is_empty() && chance.often(600) {
            entry.family = format!("{} {}", entry.family, sketch.suffix);
        }
        if chance.often(14) {
            std::mem::swap(&mut entry.given, &mut entry.family);
            entry.flags |= Flags::SWAPPED;
        }
        if chance.often(self.care.caps) {
            entry.given = entry.given.to_uppercase();
            entry.family = entry.family.to_uppercase();
            entry.flags |= Flags::CAPS;
        }
        if self.leaves(0, entry, &mut chance) {
            entry.given.clear();
        } else if chance.often(5) {
            chance.pick(&["test", "Test", "xxx", "-", "n/a"]).clone_into(&mut entry.given);
            entry.flags |= Flags::JUNK;
        }
    }

    fn contact(&self, entry: &mut Entry) {
        let mut chance = self.chance(1);
        let person = self.person;
        let second = self.desk == Desk::WebAgain && !person.second_email.is_empty();
        entry.email = if second { person.second_email.clone() } else { person.email.clone() };
        if self.leaves(1, entry, &mut chance) {
            entry.email.clear();
        } else if self.desk == Desk::Till && chance.often(70) {
            SHOP_EMAIL.clone_into(&mut entry.email);
            entry.flags |= Flags::SHOP_EMAIL;
        } else if matches!(self.desk, Desk::Till | Desk::Card | Desk::File) && chance.often(15) {
            chance
                .pick(&[
                    "na@na.com",
                    "none@example.com",
                    "test@test.example",
                    "noemail@example.com",
                ])
                .clone_into(&mut entry.email);
            entry.flags |= Flags::JUNK;
        } else if chance.often(self.care.typo / 4)
            && let Some((local, domain)) = entry.email.split_once('@')
        {
            entry.email = format!("{}@{domain}", typo(local, &mut chance).to_lowercase());
            entry.flags |= Flags::TYPO;
        }
        let landline = self.household.landline;
        let phone = if landline.is_some() && chance.often(220) {
            entry.flags |= Flags::LANDLINE;
            landline
        } else {
            person.phone
        };
        entry.phone = phone.shown(chance.draw());
        if chance.often(self.care.typo / 2) && !entry.phone.is_empty() {
            entry.phone = transposed(&entry.phone);
            entry.flags |= Flags::DIGITS;
        }
        if self.leaves(2, entry, &mut chance) {
            entry.phone.clear();
        } else if chance.often(10) {
            chance.pick(&["0000000000", "1111111111", "0", "123456"]).clone_into(&mut entry.phone);
            entry.flags |= Flags::JUNK;
        }
    }

    fn home(&self, entry: &mut Entry) {
        let mut chance = self.chance(2);
        let home = self.household.home(self.at_ms);
        let country = COUNTRIES.get(home.country);
        if self.leaves(3, entry, &mut chance) {
            entry.country = country.filter(|_| chance.often(500)).map_or("", |place| place.code);
            return;
        }
        home.street.clone_into(&mut entry.street);
        home.city.clone_into(&mut entry.city);
        home.postcode.clone_into(&mut entry.postcode);
        let spelt_out = matches!(self.desk, Desk::File | Desk::FileAgain) && chance.often(250);
        entry.country = country.map_or("", |place| if spelt_out { place.name } else { place.code });
        if chance.often(self.care.typo) {
            entry.street = typo(&entry.street, &mut chance);
            entry.flags |= Flags::TYPO;
        }
        if chance.often(self.care.caps) {
            entry.street = entry.street.to_uppercase();
            entry.city = entry.city.to_uppercase();
            entry.flags |= Flags::CAPS;
        }
        if chance.often(40) {
            entry.postcode.retain(|letter| letter != ' ');
        }
    }

    fn birth(&self, entry: &mut Entry) {
        let mut chance = self.chance(3);
        let born = self.person.sketch.born;
        let (year, month, day) = civil(born);
        if self.leaves(4, entry, &mut chance) {
        } else if chance.often(14) {
            "1900-01-01".clone_into(&mut entry.birth);
            entry.flags |= Flags::JUNK;
        } else if chance.often(self.care.typo / 3) {
            entry.flags |= Flags::DIGITS;
            if day <= 12 && chance.often(600) {
                entry.birth = written(year, day, month);
            } else {
                entry.birth = written(year + chance.pick(&[-10, -1, 1, 10]), month, day.min(28));
            }
        } else if matches!(self.desk, Desk::File | Desk::FileAgain) && chance.often(60) {
            entry.birth = format!("{day:02}/{month:02}/{year}");
        } else {
            entry.birth = date(born);
        }
        if !self.leaves(5, entry, &mut chance) {
            let female = self.person.sketch.female != chance.often(8);
            entry.gender = if female { "F" } else { "M" };
        }
    }
}

fn written(year: i64, month: i64, day: i64) -> String {
    let mut out = String::with_capacity(10);
    push_number(&mut out, year, 4);
    out.push('-');
    push_number(&mut out, month, 2);
    out.push('-');
    push_number(&mut out, day, 2);
    out
}

/// What is difficult about the person and shows in this entry.
fn facts(mut flags: Flags, desk: Desk, entry: &Entry) -> Flags {
    if entry.email.is_empty() || entry.flags.has(Flags::SHOP_EMAIL) {
        flags = flags.without(Flags::FAMILY_EMAIL);
    }
    if entry.phone.is_empty() {
        flags = flags.without(Flags::RECYCLED_PHONE);
    }
    if !matches!(desk, Desk::File | Desk::FileAgain) {
        flags = flags.without(Flags::TWICE);
    }
    flags.without(Flags::GPC.with(Flags::SKEWED))
}

fn mark(entry: &mut Entry, canary: &str) {
    for field in [&mut entry.given, &mut entry.family, &mut entry.street, &mut entry.city] {
        if !field.is_empty() {
            field.push(' ');
        }
        field.push_str(canary);
    }
    if let Some((local, domain)) = entry.email.split_once('@') {
        entry.email = format!("{local}.{canary}@{domain}");
    }
}

/// One letter lost, doubled, changed or swapped with its neighbour.
pub(super) fn typo(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = 1 + chance.index(letters.len() - 2);
    match chance.below(4) {
        0 => {
            letters.remove(at);
        }
        1 => {
            let letter = letters.get(at).copied().unwrap_or('e');
            letters.insert(at, letter);
        }
        2 => letters.swap(at, at + 1),
        _ => {
            let near = chance.pick(&['a', 'e', 'i', 'o', 'r', 's', 't', 'n', 'm', 'l']);
            if let Some(letter) = letters.get_mut(at) {
                *letter = near;
            }
        }
    }
    letters.into_iter().collect()
}
