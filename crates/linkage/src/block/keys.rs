//! The keys of one row: what it must share with another to be compared with it.
//!
//! Keys are symmetric and depend on the row alone. Each has up to three refinements, by which a
//! block that is too large is divided.

use super::rules::{RULES, Rule, SLOTS};
use crate::record::{NONE, Pool, Row, ValueId, hash_bytes, mix};

/// A key and its refinements: each further key is shared only by rows that share the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The keys from coarse to fine.
    pub keys: [u64; CHAIN_MAX],
    /// How many of them there are; 0 when the row has no key of this rule.
    pub len: usize,
}

/// The keys of a chain: one and its three refinements.
pub const CHAIN_MAX: usize = 4;

impl Chain {
    fn of(rule: Rule, parts: &[u64], refinements: &[u64]) -> Self {
        if parts.contains(&0) {
            return Self::default();
        }
        let mut key = parts.iter().fold(rule as u64 + 1, |key, part| mix(key, *part));
        let mut chain = Self { keys: [key; CHAIN_MAX], len: 1 };
        for (place, refinement) in chain.keys.iter_mut().skip(1).zip(refinements) {
            key = mix(key, *refinement);
            *place = key;
            chain.len += 1;
        }
        chain
    }
}

/// What keys are made of, computed once a row. 0 where nothing is known.
struct Parts {
    given_sound: u64,
    given_initial: u64,
    given_start: u64,
    family_sound: u64,
    family_initial: u64,
    family_start: u64,
    year: u64,
    month: u64,
    day: u64,
    street: u64,
    number: u64,
    city: u64,
    state: u64,
    postcode: u64,
}

impl Parts {
    fn of(pool: &Pool, row: &Row) -> Self {
        let value = |id: ValueId| pool.value(id).hash;
        let sound = |id: ValueId| {
            let value = pool.value(id);
            if value.sound == 0 { value.hash } else { u64::from(value.sound) }
        };
        let start = |id: ValueId, most: usize| start_of(pool, id, most);
        let full = pool.value(row.given).alias;
        let date = row.birth_date;
        let some = |part: u32| if part == 0 { 0 } else { u64::from(part) + 1 };
        let city = if row.city == NONE { row.suburb } else { row.city };
        Self {
            given_sound: sound(full),
            given_initial: start(full, 1),
            given_start: start(row.given, 3),
            family_sound: sound(row.family),
            family_initial: start(row.family, 1),
            family_start: start(row.family, 3),
            year: some(date / 10_000),
            month: some(date / 100 % 100),
            day: some(date % 100),
            street: value(row.street),
            number: value(row.number),
            city: value(city),
            state: value(row.state),
            postcode: value(row.postcode),
        }
    }
}

/// All chains of a row, in the order of slots.
pub fn keys(pool: &Pool, row: &Row) -> [Chain; SLOTS] {
    let mut chains = [Chain::default(); SLOTS];
    chains_of(pool, row, RULES, |_, slot, chain| {
        if let Some(place) = chains.get_mut(usize::from(slot)) {
            *place = chain;
        }
    });
    chains
}

/// Calls `visit` with each chain of a row that has keys.
pub(crate) fn each_chain(pool: &Pool, row: &Row, mut visit: impl FnMut(Rule, Chain)) {
    chains_of(pool, row, RULES, |place, _, chain| {
        if let Some(rule) = RULES.get(place).filter(|_| chain.len > 0) {
            visit(*rule, chain);
        }
    });
}

/// The key at `depth` of the row's chain whose key before that is `key`.
pub(crate) fn finer(pool: &Pool, row: &Row, rule: Rule, key: u64, depth: usize) -> Option<u64> {
    let mut next = None;
    chains_of(pool, row, &[rule], |_, _, chain| {
        let before = chain.keys.iter().take(chain.len).nth(depth.wrapping_sub(1));
        if before == Some(&key) && depth < chain.len {
            next = next.or(chain.keys.get(depth).copied());
        }
    });
    next
}

/// Calls `visit` with the chains of a row by some rules: the place of the rule among them, the slot,
/// the chain.
pub(super) fn chains_of(
    pool: &Pool,
    row: &Row,
    rules: &[Rule],
    mut visit: impl FnMut(usize, u8, Chain),
) {
    let parts = Parts::of(pool, row);
    for (place, rule) in rules.iter().enumerate() {
        for (slot, number) in (0..rule.width()).zip(rule.start()..) {
            let chain = chain_of(*rule, slot, pool, row, &parts);
            visit(place, u8::try_from(number).unwrap_or(u8::MAX), chain);
        }
    }
}

fn chain_of(rule: Rule, slot: usize, pool: &Pool, row: &Row, parts: &Parts) -> Chain {
    let Parts { given_sound: gs, given_initial: gi, family_sound: fs, family_initial: fi, .. } =
        *parts;
    let Parts { year, month, day, postcode, city, state, .. } = *parts;
    let hash = |id: ValueId| pool.value(id).hash;
    let chain = |base: &[u64], refinements: &[u64]| Chain::of(rule, base, refinements);
    let place = if postcode == 0 { city } else { postcode };
    match rule {
        Rule::Email => chain(&[hash(at(&row.emails, slot))], &[gi, fs]),
        Rule::Local => {
            let local = pool.value(pool.value(at(&row.emails, slot)).alias);
            let long = pool.letters(local).len() >= 5;
            chain(&[if long { local.hash } else { 0 }], &[gi, fs])
        }
        Rule::Phone => {
            let letters = pool.letters(pool.value(at(&row.phones, slot)));
            let last = letters.get(letters.len().saturating_sub(7)..).unwrap_or_default();
            chain(&[if last.len() < 6 { 0 } else { hash_bytes(5, last) }], &[gi, fs])
        }
        Rule::Government => chain(&[hash(row.government)], &[gi, fs]),
        Rule::Birth => chain(&[year, month, day], &[gi, fs, gs]),
        Rule::Sounds => chain(
            &[if gs == 0 || fs == 0 { 0 } else { mix(gs.min(fs), gs.max(fs)) }],
            &[year, place],
        ),
        Rule::FamilyYear => chain(&[fs, year], &[gi, month]),
        Rule::GivenMonth => chain(&[gs, year, month], &[fi, day]),
        Rule::GivenDay => chain(&[gs, month, day], &[fi, year]),
        Rule::FamilyDay => chain(&[fs, month, day], &[gi, year]),
        Rule::InitialsYearDay => chain(&[gi, fi, year, day], &[fs]),
        Rule::InitialsYearMonth => chain(&[gi, fi, year, month], &[fs]),
        Rule::FamilyCity => chain(&[fs, city], &[gi, year]),
        Rule::FamilyPostcode => chain(&[fs, postcode], &[gi, year]),
        Rule::GivenPostcode => chain(&[gs, postcode], &[fi, year]),
        Rule::GivenCity => chain(&[gs, city], &[fi, year]),
        Rule::House => chain(&[parts.street, parts.number], &[place, gi, fs]),
        Rule::Street => {
            let line = if slot == 0 { row.street } else { row.unit };
            chain(&[start_of(pool, line, 4), place], &[parts.number, gi, fs])
        }
        Rule::NumberFamily => chain(&[parts.number, fs], &[state, gi, place]),
        Rule::GovernmentHalf => {
            let letters = pool.letters(pool.value(row.government));
            let (first, second) = letters.split_at(letters.len() / 2);
            let half = if slot == 0 { first } else { second };
            let half = if half.len() < 3 { 0 } else { hash_bytes(20 + slot as u64, half) };
            chain(&[half, postcode], &[gi, year])
        }
        Rule::NumberPostcode => chain(&[parts.number, postcode], &[gi, fs]),
        Rule::PostcodeBirth => chain(&[postcode, year], &[month, gi]),
        Rule::Starts => chain(&[parts.given_start, parts.family_start], &[year, state, place]),
        Rule::TokenYear => chain(&[hash(spare(row, slot)), year], &[gi, month]),
        Rule::TokenPostcode => chain(&[hash(spare(row, slot)), postcode], &[gi, year]),
        Rule::OtherFamily => chain(&[hash(at(&row.others, slot)), fs], &[gi, year]),
        Rule::OtherGiven => chain(&[hash(at(&row.others, slot)), gs, year], &[fi, month]),
        Rule::NameOfEmail => {
            let key = match slot {
                0 | 1 => local_letters(pool, at(&row.emails, slot)),
                2 => joined(pool, row.given, row.family, 63),
                3 => joined(pool, row.family, row.given, 63),
                _ => joined(pool, row.given, row.family, 1),
            };
            chain(&[key], &[gi, state])
        }
    }
}

/// The hash of a value's first letters.
fn start_of(pool: &Pool, id: ValueId, most: usize) -> u64 {
    let letters = pool.letters(pool.value(id));
    let start = letters.get(..most.min(letters.len())).unwrap_or_default();
    if start.is_empty() { 0 } else { hash_bytes(7, start) }
}

fn at(set: &[ValueId], slot: usize) -> ValueId {
    set.get(slot).copied().unwrap_or(NONE)
}

/// A word of the name that is neither given nor family name.
fn spare(row: &Row, slot: usize) -> ValueId {
    let words = row.tokens.iter().filter(|id| **id != row.given && **id != row.family);
    words.copied().nth(slot).unwrap_or(NONE)
}

fn local_letters(pool: &Pool, email: ValueId) -> u64 {
    let local = pool.letters(pool.value(pool.value(email).alias));
    let mut word = [0_u8; 64];
    let mut len = 0;
    for (place, letter) in word.iter_mut().zip(local.iter().filter(|l| l.is_ascii_alphabetic())) {
        *place = *letter;
        len += 1;
    }
    if len < 6 { 0 } else { hash_bytes(11, word.get(..len).unwrap_or_default()) }
}

/// Two names written together, the first cut to `most` letters.
fn joined(pool: &Pool, first: ValueId, second: ValueId, most: usize) -> u64 {
    if first == NONE || second == NONE {
        return 0;
    }
    let mut word = [0_u8; 128];
    let mut len = 0;
    let first = pool.letters(pool.value(first)).iter().take(most);
    let second = pool.letters(pool.value(second)).iter();
    for (place, letter) in word.iter_mut().zip(first.chain(second)) {
        *place = *letter;
        len += 1;
    }
    if len < 6 { 0 } else { hash_bytes(11, word.get(..len).unwrap_or_default()) }
}
