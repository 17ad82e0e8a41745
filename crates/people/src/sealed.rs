//! The plain form of what is sealed: how a trait's value becomes bytes, and where an event's parts
//! belong.

use crate::PeopleError;
use crate::fact::TraitValue;
use model::Sensitive;
use store::StoreError;
use vault::FieldToken;

/// The bytes of a trait's value, about to be sealed.
pub(crate) fn write(value: &TraitValue) -> Result<Vec<u8>, PeopleError> {
    postcard::to_stdvec(value)
        .map_err(|_| StoreError::Corrupt("a trait cannot be written".to_owned()).into())
}

/// A trait's value from the bytes that were sealed.
pub(crate) fn read(plain: Sensitive<Vec<u8>>) -> Result<Sensitive<TraitValue>, PeopleError> {
    #[expect(clippy::disallowed_methods, reason = "decoded and wrapped again at once")]
    let bytes = plain.into_revealed();
    postcard::from_bytes(&bytes)
        .map(Sensitive::new)
        .map_err(|_| StoreError::Corrupt("a trait".to_owned()).into())
}

/// The field an event's parts are sealed under: its message, so that no part can be moved to
/// another event.
pub(crate) const fn event_field(message: [u8; 8]) -> FieldToken {
    FieldToken(message)
}
