//! Numbers for people in cohort bitmaps, leased from the store in blocks.

use store::{Batch, Store, StoreError, Table};

/// The first number nobody has leased.
const NEXT: Table<(), (), u32> = store::table!("ordinals", 1);

/// Numbers leased at once. A process that stops wastes the rest of its block: bitmaps stay dense
/// enough, and no two processes ever give out the same number.
const BLOCK: u32 = 1 << 16;

/// The numbers this process may still give out.
#[derive(Debug, Default)]
pub(crate) struct Ordinals {
    next: u32,
    end: u32,
}

impl Ordinals {
    /// A number nobody else has.
    pub(crate) fn take(&mut self, store: &Store) -> Result<u32, StoreError> {
        while self.next == self.end {
            let row = store.read()?.get(&NEXT, &(), &())?;
            let first = row.as_ref().map_or(0, |row| row.value);
            let end = first.checked_add(BLOCK).ok_or(StoreError::TooLarge {
                limit: "people a house can ever have",
                max: u32::MAX as usize,
                asked: u32::MAX as usize + 1,
            })?;
            let mut batch = Batch::default();
            batch.check(&NEXT, &(), &(), row.map(|row| row.version));
            batch.put(&NEXT, &(), &(), &end);
            match store.commit(batch) {
                Ok(()) => (self.next, self.end) = (first, end),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        let ordinal = self.next;
        self.next += 1;
        Ok(ordinal)
    }
}
