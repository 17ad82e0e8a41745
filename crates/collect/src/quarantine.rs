//! What was refused, kept sealed and visible until somebody fixes, replays or drops it.
//!
//! A row says where and why in words that hold no personal data; the event itself is sealed under
//! a key of its own, and opened only by a permit to repair it.

use gate::{Caller, Gate, Permit, Repair};
use model::{Category, RecordId, Sensitive, SourceId, Timestamp};
use people::PeopleError;
use serde::{Deserialize, Serialize};
use store::{Batch, Row, StoreError, Table, View};
use vault::{FieldToken, Sealed, Vault};

/// Quarantined items by the hour they came.
const QUARANTINE: Table<(), (Timestamp, RecordId), QuarantineRow> = store::table!("quarantine", 1);

/// Where an item lies, by its id.
const ITEMS: Table<RecordId, (), Timestamp> = store::table!("quarantine_items", 1);

/// The sealed field of an item.
const BODY: FieldToken = FieldToken(*b"quarant1");

/// An event that was refused.
#[derive(Debug)]
pub struct Held {
    /// Its own id.
    pub item: RecordId,
    /// The source that sent it.
    pub source: SourceId,
    /// When.
    pub at: Timestamp,
    /// Why, for programs.
    pub code: &'static str,
    /// Where in the event, as a JSON pointer with unknown names left out.
    pub pointer: String,
    /// Why, for people, and what to do.
    pub message: String,
    /// The endpoint it came through, so that it can be sent again.
    pub path: String,
    /// The event as it came.
    pub raw: Sensitive<Vec<u8>>,
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    /// The source that sent it.
    pub source: SourceId,
    /// Why, for programs.
    pub code: String,
    /// Where in the event.
    pub pointer: String,
    /// Why, for people, and what to do.
    pub message: String,
    /// The endpoint it came through.
    pub path: String,
    /// How long the event is, in bytes.
    pub bytes: u64,
    sealed: Sealed,
}

/// Adds refused events to a batch.
pub(crate) fn stage(
    vault: &Vault,
    view: &View<'_>,
    batch: &mut Batch,
    held: &[&Held],
) -> Result<(), PeopleError> {
    if held.is_empty() {
        return Ok(());
    }
    let items: Vec<_> = held.iter().map(|held| held.item).collect();
    let mut keys = vault.load(view, &items)?;
    for held in held {
        if keys.has(held.item) {
            // It is here already.
            continue;
        }
        keys.ensure(held.item)?;
        #[expect(clippy::disallowed_methods, reason = "sealed in the next statement")]
        let raw = held.raw.reveal();
        let sealed = keys.seal(held.item, BODY, Category::Unclassified, raw)?;
        let row = QuarantineRow {
            source: held.source,
            code: held.code.to_owned(),
            pointer: held.pointer.clone(),
            message: held.message.clone(),
            path: held.path.clone(),
            bytes: raw.len() as u64,
            sealed,
        };
        batch.put(&QUARANTINE, &(), &(held.at, held.item), &row);
        batch.put(&ITEMS, &held.item, &(), &held.at);
    }
    keys.stage(batch)?;
    Ok(())
}

/// The newest items before `before`, at most `limit`.
///
/// # Errors
///
/// When the store fails.
pub fn list(
    view: &View<'_>,
    before: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<(Timestamp, RecordId, QuarantineRow)>, StoreError> {
    let before = before.map(|at| (at, RecordId([0; 16])));
    let rows = view.range_back(&QUARANTINE, &(), before.as_ref(), limit)?;
    Ok(rows.into_iter().map(|((at, item), row)| (at, item, row.value)).collect())
}

/// One item.
///
/// # Errors
///
/// When the store fails.
pub fn find(
    view: &View<'_>,
    item: RecordId,
) -> Result<Option<(Timestamp, QuarantineRow)>, StoreError> {
    let Some(Row { value: at, .. }) = view.get(&ITEMS, &item, &())? else { return Ok(None) };
    let row = view.get(&QUARANTINE, &(), &(at, item))?;
    Ok(row.map(|row| (at, row.value)))
}

/// Spends a permit on an item's event as it came.
///
/// # Errors
///
/// When there is no such item any more, or it cannot be opened.
pub fn open(
    gate: &Gate,
    vault: &Vault,
    view: &View<'_>,
    permit: Permit<Repair>,
) -> Result<(QuarantineRow, Sensitive<Vec<u8>>), PeopleError> {
    let item = RecordId::from(permit.person());
    let (_, row) = find(view, item)?.ok_or(PeopleError::Unknown)?;
    let opening = gate.spend_item(permit);
    let keys = vault.load(view, &[item])?;
    let plain = vault.open_field(&opening, &keys, item, BODY, &row.sealed)?;
    Ok((row, plain.ok_or(PeopleError::Unknown)?))
}

/// Takes an item out of quarantine, after it was replayed or because nobody wants it. Gives
/// whether it was there.
///
/// # Errors
///
/// When the store fails or the ledger cannot record it.
pub fn drop_item(
    people: &people::People,
    caller: &Caller,
    item: RecordId,
) -> Result<bool, PeopleError> {
    let view = people.view()?;
    let Some((at, _)) = find(&view, item)? else { return Ok(false) };
    let mut batch = Batch::default();
    batch.delete(&QUARANTINE, &(), &(at, item));
    batch.delete(&ITEMS, &item, &());
    let shredding = people.vault().stage_shred(&view, &mut batch, &[item])?;
    let work = gate::Work {
        kind: gate::UseKind::Repair,
        purpose: model::Purpose::Operations,
        service: caller.name().to_owned(),
        people: roaring::RoaringBitmap::new(),
        signals: Vec::new(),
        leaves: Vec::new(),
    };
    match people.gate().record(work, batch) {
        Ok(appended) => {
            people.sync(&appended)?;
            shredding.finish()?;
            Ok(true)
        }
        Err(error) => {
            shredding.abandon()?;
            Err(error.into())
        }
    }
}
