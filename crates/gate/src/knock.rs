//! Knocking: a browser asks to be let in by an address, and whoever reads what is sent to that address
//! comes in by a link, or in that one browser by a code.
//!
//! INVARIANT: a knock looks and costs the same whether anybody has the address; the store keeps a hash of
//! what the browser holds, and of the code nothing, since it follows from the record's key.

use crate::gate::{ATTEMPTS_MAX, Gate};
use crate::permit::{Contact, Opening};
use crate::subject::{DOORS, DoorKind, DoorRow, SECRET, SESSION_MS, place, sha256};
use crate::uses::row_key;
use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Blind, RecordId, Sensitive, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Batch, Row, StoreError, Table, Version, limits};

/// Knocks by the first half of the hash of what the browser holds.
pub(crate) const KNOCKS: Table<[u8; 16], (), KnockRow> = store::table!("knocks", 1);

/// How long a knock, its link and its code last.
pub const KNOCK_MS: i64 = 15 * 60_000;

/// Codes that one browser may try for one knock.
pub const CODE_TRIES_MAX: u8 = 5;

/// Digits of a code.
pub const CODE_DIGITS: usize = 8;

/// One more than the greatest code.
const CODES: u64 = 100_000_000;

/// One knock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnockRow {
    /// SHA-256 of what the browser holds.
    hash: [u8; 32],
    /// The pseudonym of the address that was given.
    about: Blind,
    ends: Timestamp,
    /// How often this browser has knocked, one knock after the other.
    serial: u8,
    /// Codes tried.
    tries: u8,
    /// Whose address it is; nothing while nobody has looked, and where it is nobody's.
    record: Option<RecordId>,
}

/// A knock with its name.
type Known = ([u8; 16], Row<KnockRow>);

/// A knock that was staged.
#[derive(Debug)]
pub struct Knock {
    /// What the browser holds.
    pub held: Sensitive<String>,
    /// The knock's name.
    pub place: [u8; 16],
    /// How often this browser has knocked, this time included.
    pub serial: u8,
}

/// What is sent to whoever reads an address. Made when it is sent, and kept nowhere.
#[derive(Debug)]
pub struct Answered {
    /// Opens once, in any browser.
    pub link: Sensitive<String>,
    /// Opens once, in the browser that knocked.
    pub code: Sensitive<String>,
}

/// What came of trying a code.
#[derive(Debug)]
pub enum Tried {
    /// It is right: the session.
    In(Sensitive<String>),
    /// It is wrong, or the address is nobody's.
    Wrong,
    /// It was the last try; the pseudonym of the address.
    Last(Blind),
    /// There is no such knock, it has ended, or it was tried too often.
    Closed,
}

impl Gate {
    /// Adds a knock to a batch. `before` is what the browser held already, if anything.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn stage_knock(
        &self,
        batch: &mut Batch,
        about: Blind,
        before: &Sensitive<String>,
    ) -> Result<Knock, StoreError> {
        let known = self.knock(before)?;
        let serial = known.map_or(0, |(_, row)| row.value.serial).saturating_add(1);
        let secret = self.secret();
        let (hash, ends) = (sha256(&secret), self.clock.now().plus_ms(KNOCK_MS));
        let row = KnockRow { hash, about, ends, serial, tries: 0, record: None };
        batch.put(&KNOCKS, &place(&hash), &(), &row);
        let held = Sensitive::new(URL_SAFE_NO_PAD.encode(secret));
        Ok(Knock { held, place: place(&hash), serial })
    }

    /// Makes what is sent to an address: only who may contact its person now can. Nothing when the knock
    /// has ended or the record's key is gone.
    ///
    /// # Errors
    ///
    /// When the store fails, or the opening does not cover the record.
    pub fn answer_knock(
        &self,
        opening: &Opening<Contact>,
        record: RecordId,
        knock: [u8; 16],
    ) -> Result<Option<Answered>, StoreError> {
        let view = self.store.read()?;
        let row = view.get(&KNOCKS, &knock, &())?;
        let open = row.filter(|row| self.clock.now() < row.value.ends);
        let key = self.keys.ledger_keys(&view, &[record])?.into_iter().next().flatten();
        let (Some(Row { version, value }), Some(key), true) =
            (open, key, opening.covers(record, &self.seal()))
        else {
            return Ok(None);
        };
        drop(view);
        let (made, ends) = (self.clock.now(), value.ends);
        let mut batch = Batch::default();
        let door = DoorRow { hash: value.hash, kind: DoorKind::Code, made, ends };
        batch.check(&KNOCKS, &knock, &(), Some(version));
        batch.put(&KNOCKS, &knock, &(), &KnockRow { record: Some(record), ..value });
        batch.put(&DOORS, &record, &knock, &door);
        self.store.commit(batch)?;
        let link = self.new_door(record, DoorKind::Link, ends.0 - made.0)?;
        Ok(Some(Answered { link, code: Sensitive::new(code(&key, &knock)) }))
    }

    /// Tries a code in the browser that holds `held`. Each try is counted before it is looked at.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn try_code(
        &self,
        held: &Sensitive<String>,
        tried: &Sensitive<String>,
    ) -> Result<Tried, StoreError> {
        let Some((at, version, row)) = self.count_try(held)? else { return Ok(Tried::Closed) };
        let view = self.store.read()?;
        // Where it is nobody's, a key of nobody's stands in, so that it takes as long.
        let record = row.record.unwrap_or(RecordId(at));
        let key = self.keys.ledger_keys(&view, &[record])?.into_iter().next().flatten();
        let right = is_code(tried, &code(&key.unwrap_or(row.hash), &at));
        drop(view);
        if !right || key.is_none() || row.record.is_none() {
            let last = row.tries >= CODE_TRIES_MAX;
            return Ok(if last { Tried::Last(row.about) } else { Tried::Wrong });
        }
        let mut batch = Batch::default();
        batch.check(&KNOCKS, &at, &(), Some(version));
        batch.delete(&KNOCKS, &at, &());
        batch.delete(&DOORS, &record, &at);
        let session = self.stage_door(&mut batch, record, DoorKind::Session, SESSION_MS);
        match self.store.commit(batch) {
            Ok(()) => Ok(Tried::In(session)),
            // Erased, or tried by another request, meanwhile.
            Err(StoreError::Conflict) => Ok(Tried::Closed),
            Err(error) => Err(error),
        }
    }

    /// Counts a try; nothing where there is nothing to try.
    fn count_try(
        &self,
        held: &Sensitive<String>,
    ) -> Result<Option<([u8; 16], Version, KnockRow)>, StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            let Some((at, row)) = self.knock(held)? else { return Ok(None) };
            if row.value.tries >= CODE_TRIES_MAX {
                return Ok(None);
            }
            let counted = KnockRow { tries: row.value.tries + 1, ..row.value };
            let mut batch = Batch::default();
            batch.check(&KNOCKS, &at, &(), Some(row.version));
            batch.put(&KNOCKS, &at, &(), &counted);
            match self.store.commit(batch) {
                Ok(()) => {}
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error),
            }
            let written = self.store.read()?.get(&KNOCKS, &at, &())?;
            return Ok(written.map(|row| (at, row.version, counted)));
        }
        Err(StoreError::Conflict)
    }

    /// The knock of a browser, while it lasts.
    #[expect(clippy::disallowed_methods, reason = "read into bytes that are hashed and compared")]
    fn knock(&self, held: &Sensitive<String>) -> Result<Option<Known>, StoreError> {
        let secret = URL_SAFE_NO_PAD.decode(held.reveal()).unwrap_or_default();
        if secret.len() != SECRET {
            return Ok(None);
        }
        let hash = sha256(&secret);
        let row = self.store.read()?.get(&KNOCKS, &place(&hash), &())?;
        let open = row.filter(|row| {
            let same = constant_time::verify_slices_are_equal(&row.value.hash, &hash).is_ok();
            same && self.clock.now() < row.value.ends
        });
        Ok(open.map(|row| (place(&hash), row)))
    }

    /// Forgets the knocks that have ended. Gives how many.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub fn sweep_knocks(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let rows = self.store.read()?.scan(&KNOCKS, None, limits::PAGE_MAX)?;
        let mut batch = Batch::default();
        for (at, (), row) in rows {
            if row.value.ends <= now {
                batch.delete(&KNOCKS, &at, &());
                if let Some(record) = row.value.record {
                    batch.delete(&DOORS, &record, &at);
                }
            }
        }
        let gone = batch.len();
        if gone > 0 {
            self.store.commit(batch)?;
        }
        Ok(gone)
    }
}

/// The code of a knock under a record's key.
fn code(key: &[u8; 32], knock: &[u8; 16]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &row_key(key, knock));
    let tag = hmac::sign(&key, b"bonafide code");
    let head = tag.as_ref().first_chunk::<8>().copied().unwrap_or_default();
    format!("{:0CODE_DIGITS$}", u64::from_be_bytes(head) % CODES)
}

/// Whether a code is the right one, however its digits are spaced. Compares in constant time.
#[expect(clippy::disallowed_methods, reason = "compared with what was sent")]
fn is_code(tried: &Sensitive<String>, right: &str) -> bool {
    let digits = tried.reveal().chars().filter_map(|digit| digit.to_digit(10));
    let digits: String =
        digits.take(2 * CODE_DIGITS).filter_map(|d| char::from_digit(d, 10)).collect();
    constant_time::verify_slices_are_equal(digits.as_bytes(), right.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let right = code(&[1; 32], &[2; 16]);
        assert_eq!(right.len(), CODE_DIGITS);
        let check = |tried: &str, expected| {
            assert_eq!(is_code(&Sensitive::new(tried.to_owned()), &right), expected, "{tried}");
        };
        let (head, tail) = right.split_at(4);
        check(&right, true);
        check(&format!(" {head} {tail} "), true);
        check(&format!("{head}-{tail}"), true);
        for wrong in ["", head, &format!("{right}0"), &code(&[1; 32], &[3; 16])] {
            check(wrong, false);
        }
    }
}
