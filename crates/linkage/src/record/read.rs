//! Reading a raw record: each value perfected, junk left out, ids of the rest.

use super::hash::{Map, hash_bytes};
use super::phone_digits::phone_digits;
use super::values::{birth, government, postcode, read_email, street, unit};
use super::{Field, Kind, NONE, Pool, RecordKey, Records, Row, Schema, ValueId};
use crate::perfect::{
    Country, Date, Gender, Verdict, address, country, gender, junk, match_form, name,
};

/// How raw values are read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The country of values that do not name one.
    pub country: Option<Country>,
    /// Decides the century of two-digit years: the last one that is not later.
    pub today: Date,
}

impl Default for Options {
    fn default() -> Self {
        Self { country: None, today: Date { year: 2030, month: 12, day: 31 } }
    }
}

/// Reads raw records of one table into [`Records`].
///
/// Values that many records share are perfected once, in a memory of [`MEMO_MAX`] raw values.
#[derive(Debug)]
pub struct Reader {
    schema: Schema,
    options: Options,
    named: bool,
    memo: Map<u64, Memo>,
}

/// Raw values that are remembered before all are forgotten.
const MEMO_MAX: usize = 1 << 20;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memo {
    pub(super) main: ValueId,
    pub(super) tokens: [ValueId; 4],
    pub(super) more: u32,
}

impl Reader {
    /// A reader of tables with the columns of `schema`.
    pub fn new(schema: Schema, options: Options) -> Self {
        let named = schema.has(Field::Given) || schema.has(Field::Family);
        Self { schema, options, named, memo: Map::default() }
    }

    /// What the columns mean.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Reads one record; `values` stand in the order of the schema's columns. Values beyond are not
    /// read, missing ones are missing.
    pub fn push(&mut self, records: &mut Records, key: RecordKey, values: &[&str]) {
        let row = self.read(&mut records.pool, values);
        records.rows.push(row);
        records.keys.push(key);
    }

    /// Reads one record into a row.
    pub fn read(&mut self, pool: &mut Pool, values: &[&str]) -> Row {
        let mut row = Row::EMPTY;
        for column in 0..self.schema.fields.len().min(values.len()) {
            let field = self.schema.fields.get(column).copied().unwrap_or(Field::Ignored);
            let raw = values.get(column).copied().unwrap_or_default();
            if !raw.is_empty() && field != Field::Ignored && field != Field::Id {
                self.field(pool, &mut row, field, raw);
            }
        }
        row
    }

    fn field(&mut self, pool: &mut Pool, row: &mut Row, field: Field, raw: &str) {
        match field {
            Field::GovernmentId => row.government = government(pool, raw),
            Field::Time => row.time = raw.trim().parse().unwrap_or(0),
            Field::Id | Field::Ignored => {}
            Field::Street
            | Field::Email
            | Field::Phone
            | Field::Given
            | Field::Middle
            | Field::Family
            | Field::Suffix
            | Field::FullName
            | Field::Sex
            | Field::BirthDate
            | Field::HouseNumber
            | Field::Unit
            | Field::Suburb
            | Field::City
            | Field::State
            | Field::Postcode
            | Field::Country
            | Field::Other(_)
            | Field::Source => {
                let memo = self.remembered(pool, field, raw);
                place(row, field, memo, self.named);
            }
        }
    }

    fn remembered(&mut self, pool: &mut Pool, field: Field, raw: &str) -> Memo {
        let hash = hash_bytes(field_number(field), raw.as_bytes());
        if let Some(known) = self.memo.get(&hash) {
            return *known;
        }
        let memo = perfected(pool, field, raw, &self.options);
        // What comes again and again is soon back.
        if self.memo.len() >= MEMO_MAX {
            self.memo.clear();
        }
        self.memo.insert(hash, memo);
        memo
    }
}

fn field_number(field: Field) -> u64 {
    match field {
        Field::Given => 1,
        Field::Middle => 2,
        Field::Family => 3,
        Field::Suffix => 4,
        Field::FullName => 5,
        Field::Sex => 6,
        Field::BirthDate => 7,
        Field::HouseNumber => 8,
        Field::Unit => 9,
        Field::Suburb | Field::City => 10,
        Field::State => 11,
        Field::Postcode => 12,
        Field::Country => 13,
        Field::Source => 14,
        Field::Other(number) => 100 + u64::from(number),
        Field::Street => 15,
        Field::Email => 16,
        Field::Phone => 17,
        Field::Id | Field::GovernmentId | Field::Time | Field::Ignored => 0,
    }
}

/// Perfects one value of a field whose values come again and again.
fn perfected(pool: &mut Pool, field: Field, raw: &str, options: &Options) -> Memo {
    let country = options.country;
    match field {
        Field::Given | Field::Middle => named(pool, &good(name::given(raw, country))),
        Field::Family => {
            let mut memo = named(pool, &good(name::family(raw, country)));
            let suffix = raw.rsplit([' ', ',']).next().filter(|last| last.len() < raw.len());
            memo.more = suffix.map_or(0, |last| u32::from(generation(last)));
            memo
        }
        Field::FullName => full_name(pool, raw, country),
        Field::Suffix => Memo { more: u32::from(generation(raw)), ..Memo::default() },
        Field::Sex => Memo { more: sex(raw, country), ..Memo::default() },
        Field::BirthDate => birth(pool, raw, options),
        Field::HouseNumber => one(pool.intern(Kind::Number, &squeezed(raw))),
        Field::Unit => one(pool.intern(Kind::Unit, &unit(raw))),
        Field::Suburb | Field::City => one(pool.intern(Kind::Place, &plain(raw))),
        Field::State => {
            let known = address::region(raw, country).good().map(|good| match_form(&good.value));
            one(pool.intern(Kind::State, &known.unwrap_or_else(|| plain(raw))))
        }
        Field::Postcode => one(pool.intern(Kind::Postcode, &postcode(raw, country))),
        Field::Country => {
            let known = country::parse(raw).good().map(|good| match_form(good.value.word()));
            one(pool.intern(Kind::State, &known.unwrap_or_default()))
        }
        Field::Other(_) => one(pool.intern(Kind::Other, &plain(raw))),
        Field::Source => one(pool.intern(Kind::Domain, &match_form(raw))),
        Field::Street => street(pool, raw, country),
        Field::Email => one(read_email(pool, raw)),
        Field::Phone => one(pool.intern(Kind::Phone, &phone_digits(raw))),
        Field::Id | Field::GovernmentId | Field::Time | Field::Ignored => Memo::default(),
    }
}

fn place(row: &mut Row, field: Field, memo: Memo, named: bool) {
    match field {
        Field::Given => row.given = memo.main,
        Field::Family => {
            row.family = memo.main;
            row.suffix = row.suffix.max(u8::try_from(memo.more).unwrap_or(0));
        }
        Field::FullName if !named => {
            row.given = memo.main;
            row.family = memo.more;
        }
        Field::Suffix => row.suffix = row.suffix.max(u8::try_from(memo.more).unwrap_or(0)),
        Field::Sex => row.sex = u8::try_from(memo.more).unwrap_or(0),
        Field::BirthDate => (row.birth, row.birth_date) = (memo.main, memo.more),
        Field::HouseNumber => row.number = memo.main,
        Field::Unit => row.unit = memo.main,
        Field::Suburb => row.suburb = memo.main,
        Field::City => row.city = memo.main,
        Field::State => row.state = memo.main,
        Field::Postcode => row.postcode = memo.main,
        Field::Other(number) => {
            if let Some(other) = row.others.get_mut(usize::from(number)) {
                *other = memo.main;
            }
        }
        Field::Source => row.source = memo.main,
        Field::Email => put(&mut row.emails, memo.main),
        Field::Phone => put(&mut row.phones, memo.main),
        Field::Street => {
            // Number and unit of their own columns come first.
            let [number, unit, ..] = memo.tokens;
            row.street = memo.main;
            if row.number == NONE {
                row.number = number;
            }
            if row.unit == NONE {
                row.unit = unit;
            }
            return;
        }
        Field::Middle
        | Field::FullName
        | Field::Country
        | Field::Id
        | Field::GovernmentId
        | Field::Time
        | Field::Ignored => {}
    }
    memo.tokens.into_iter().for_each(|token| put(&mut row.tokens, token));
}

/// Adds a value to a small set, in the order of coming; what is too much is left out.
fn put(set: &mut [ValueId], value: ValueId) {
    if value == NONE || set.contains(&value) {
        return;
    }
    if let Some(free) = set.iter_mut().find(|known| **known == NONE) {
        *free = value;
    }
}

pub(super) fn one(main: ValueId) -> Memo {
    Memo { main, ..Memo::default() }
}

fn good(verdict: Verdict<String>) -> String {
    verdict.good().map(|good| good.value).unwrap_or_default()
}

/// Folded, or nothing when it is junk.
pub(super) fn plain(raw: &str) -> String {
    let usable = raw.len() <= crate::perfect::VALUE_MAX && junk::text(raw).is_none();
    if usable { match_form(raw) } else { String::new() }
}

pub(super) fn squeezed(raw: &str) -> String {
    plain(raw).replace(' ', "")
}

/// A name as one value, and its words.
fn named(pool: &mut Pool, perfect: &str) -> Memo {
    let folded = match_form(perfect);
    let mut memo = one(pool.intern(Kind::Name, &folded));
    for word in folded.split(' ').filter(|word| !PARTICLES.contains(word)) {
        put(&mut memo.tokens, pool.intern(Kind::Name, word));
    }
    memo
}

/// Words of names that tell nobody apart.
const PARTICLES: &[&str] = &[
    "of", "de", "the", "van", "von", "der", "den", "di", "da", "la", "le", "du", "del", "dos", "y",
    "al", "el", "bin", "and", "sir", "lord", "lady",
];

fn full_name(pool: &mut Pool, raw: &str, country: Option<Country>) -> Memo {
    let Some(good) = name::full(raw, country).good() else {
        return Memo::default();
    };
    let mut memo = named(pool, &good.value.given);
    memo.more = pool.intern(Kind::Name, &match_form(&good.value.family));
    memo.tokens = [NONE; 4];
    let all = match_form(raw);
    let words = all.split(' ').filter(|word| !PARTICLES.contains(word));
    // The first word and the last ones: what stands between is the least telling.
    let words: Vec<&str> = words.collect();
    let first = words.first().into_iter();
    for word in first.chain(words.iter().skip(1).rev()) {
        put(&mut memo.tokens, pool.intern(Kind::Name, word));
    }
    memo
}

fn generation(raw: &str) -> u8 {
    let Some(known) = name::suffix(raw).good() else { return 0 };
    match match_form(&known.value).as_str() {
        "jr" => 1,
        "sr" => 2,
        "ii" => 3,
        "iii" => 4,
        "iv" | "v" | "vi" => 5,
        _ => 0,
    }
}

fn sex(raw: &str, country: Option<Country>) -> u32 {
    match gender::parse(raw, country).good().map(|good| good.value) {
        Some(Gender::Female) => 1,
        Some(Gender::Male) => 2,
        Some(Gender::Diverse) => 3,
        Some(Gender::Unknown) | None => 0,
    }
}
