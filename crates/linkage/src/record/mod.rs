//! Records of people, read once into a compact store: what the engine compares are ids of interned
//! values, never texts.

mod columns;
mod hash;
mod phone_digits;
mod pool;
mod read;
mod values;

pub use columns::{Field, OTHERS_MAX, Schema};
pub(crate) use hash::{Map, Set, fold_key, hash_bytes, mix};
pub use pool::{Kind, NONE, Pool, Value, ValueId};
pub use read::{Options, Reader};

/// The emails of one record that are kept.
pub const EMAILS_MAX: usize = 2;
/// The phones of one record that are kept.
pub const PHONES_MAX: usize = 3;
/// The name words of one record that are kept.
pub const TOKENS_MAX: usize = 6;

/// The caller's name of a record. Ties are broken by it, and nothing else is made of it.
pub type RecordKey = u128;

/// One record: ids into a [`Pool`], [`NONE`] where nothing is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The first given name.
    pub given: ValueId,
    /// The family name.
    pub family: ValueId,
    /// All words of the name, given and family among them.
    pub tokens: [ValueId; TOKENS_MAX],
    /// Street without its number.
    pub street: ValueId,
    /// House number.
    pub number: ValueId,
    /// Flat, floor, building, second address line.
    pub unit: ValueId,
    /// Suburb or district.
    pub suburb: ValueId,
    /// Town.
    pub city: ValueId,
    /// State, province, county.
    pub state: ValueId,
    /// Postal code.
    pub postcode: ValueId,
    /// Emails.
    pub emails: [ValueId; EMAILS_MAX],
    /// Phones.
    pub phones: [ValueId; PHONES_MAX],
    /// Number given by an authority.
    pub government: ValueId,
    /// Birth date as a value, for its frequency.
    pub birth: ValueId,
    /// Birth date, `year * 10_000 + month * 100 + day`, parts that are not known 0; 0 when missing.
    /// The day need not exist: typing errors are kept, for they can still be compared.
    pub birth_date: u32,
    /// What other columns say, in their order.
    pub others: [ValueId; OTHERS_MAX],
    /// The source, 0 when not known.
    pub source: u32,
    /// When the source said so, in seconds, or whatever unit the column has; 0 when not known.
    pub time: i64,
    /// 0 unknown, 1 female, 2 male, 3 diverse.
    pub sex: u8,
    /// 0 none; generations otherwise: 1 Jr, 2 Sr, 3 II, 4 III, 5 IV and later.
    pub suffix: u8,
}

/// The records of one run.
#[derive(Default)]
pub struct Records {
    /// The values.
    pub pool: Pool,
    /// The rows.
    pub rows: Vec<Row>,
    /// The caller's names of the rows.
    pub keys: Vec<RecordKey>,
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").finish_non_exhaustive()
    }
}

impl Row {
    /// A record of which nothing is known.
    pub const EMPTY: Self = Self {
        given: NONE,
        family: NONE,
        tokens: [NONE; TOKENS_MAX],
        street: NONE,
        number: NONE,
        unit: NONE,
        suburb: NONE,
        city: NONE,
        state: NONE,
        postcode: NONE,
        emails: [NONE; EMAILS_MAX],
        phones: [NONE; PHONES_MAX],
        government: NONE,
        birth: NONE,
        birth_date: 0,
        others: [NONE; OTHERS_MAX],
        source: 0,
        time: 0,
        sex: 0,
        suffix: 0,
    };
}
