//! The vault opens nothing without an opening.

use gate::Permit;
use model::RecordId;
use vault::{FieldToken, RecordKeys, Sealed, Vault};

fn peek(
    vault: &Vault,
    permit: &Permit<gate::View>,
    keys: &RecordKeys,
    record: RecordId,
    field: FieldToken,
    sealed: &Sealed,
) {
    let _ = vault.open_field(permit, keys, record, field, sealed);
}

fn main() {}
