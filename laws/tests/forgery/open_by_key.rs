//! Holding a record's key is not enough: only the vault uses it, against an opening.

use model::{Category, RecordId};
use vault::{FieldToken, RecordKeys, Sealed};

fn open(keys: &RecordKeys, record: RecordId, field: FieldToken, sealed: &Sealed) {
    let _ = keys.open(record, field, sealed);
    let _: Category = sealed.category;
}

fn main() {}
