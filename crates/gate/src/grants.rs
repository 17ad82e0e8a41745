//! The registry of grants: each (purpose, scope) has one bit, for ever.

use model::{Bit, Grant, Purpose, Scope};
use store::{Batch, Store, StoreError, Table};

const GRANTS: Table<(), u8, Grant> = store::table!("grants", 1);

/// Which bit stands for which grant.
#[derive(Clone, Debug, Default)]
pub struct Grants(Vec<(Bit, Grant)>);

impl Grants {
    /// Loads the registry and adds what is missing of `wanted`; every purpose as a whole is always
    /// there. Existing bits never change.
    ///
    /// # Errors
    ///
    /// When the store fails, or more than [`model::GRANTS_MAX`] grants are wanted.
    pub fn open(store: &Store, wanted: &[Grant]) -> Result<Self, StoreError> {
        loop {
            let rows = store.read()?.range(&GRANTS, &(), None, model::GRANTS_MAX)?;
            let mut grants =
                Self(rows.into_iter().map(|(bit, row)| (Bit(bit), row.value)).collect());
            let wholes = Purpose::ALL.iter().map(|purpose| Grant::whole(*purpose));
            let mut batch = Batch::default();
            for grant in wholes.chain(wanted.iter().cloned()) {
                if grants.bit(&grant).is_none() {
                    let bit = grants.next_bit()?;
                    batch.check(&GRANTS, &(), &bit.0, None);
                    batch.put(&GRANTS, &(), &bit.0, &grant);
                    grants.0.push((bit, grant));
                }
            }
            if batch.is_empty() {
                return Ok(grants);
            }
            match store.commit(batch) {
                // Another process added one meanwhile: read its numbers and try again.
                Err(StoreError::Conflict) => {}
                done => return done.map(|()| grants),
            }
        }
    }

    fn next_bit(&self) -> Result<Bit, StoreError> {
        u8::try_from(self.0.len()).map(Bit).map_err(|_| StoreError::TooLarge {
            limit: "model::GRANTS_MAX",
            max: model::GRANTS_MAX,
            asked: self.0.len() + 1,
        })
    }

    /// The bit of a grant, if it is known here.
    pub fn bit(&self, grant: &Grant) -> Option<Bit> {
        self.0.iter().find(|(_, known)| known == grant).map(|(bit, _)| *bit)
    }

    /// The bit of a purpose as a whole.
    pub fn whole(&self, purpose: Purpose) -> Option<Bit> {
        self.0
            .iter()
            .find(|(_, known)| known.purpose == purpose && known.scope == Scope::Whole)
            .map(|(bit, _)| *bit)
    }

    /// The grant of a bit.
    pub fn grant(&self, bit: Bit) -> Option<&Grant> {
        self.0.iter().find(|(known, _)| *known == bit).map(|(_, grant)| grant)
    }

    /// All of them, by bit.
    pub fn iter(&self) -> impl Iterator<Item = &(Bit, Grant)> + Clone {
        self.0.iter()
    }
}
