//! Who may ask: services, each bound to its purposes.

use crate::permit::UseKind;
use aws_lc_rs::{constant_time, digest};
use model::{Purpose, Sensitive};
use std::sync::Arc;

/// A program or a team that reads through the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in use logs, which customers read.
    pub name: String,
    /// SHA-256 of its API key; the key itself is kept nowhere.
    pub key_sha256: [u8; 32],
    /// The purposes it may name.
    pub purposes: Vec<Purpose>,
    /// The kinds of use it may make.
    pub kinds: Vec<UseKind>,
    /// Whether it may change sources, links, contracts and quarantine.
    pub operates: bool,
}

/// The registered services.
#[derive(Clone, Debug, Default)]
pub struct Services(Vec<Arc<Service>>);

/// A service that has shown its key. Only [`Services`] makes one, so a caller can name a purpose
/// but not assert one.
#[derive(Clone, Debug)]
pub struct Caller {
    service: Arc<Service>,
}

impl Services {
    /// Registers services.
    pub fn new(services: Vec<Service>) -> Self {
        Self(services.into_iter().map(Arc::new).collect())
    }

    /// The service whose key this is. Compares in constant time.
    #[expect(clippy::disallowed_methods, reason = "hashed on this line and compared as a hash")]
    pub fn authenticate(&self, key: &Sensitive<String>) -> Option<Caller> {
        let shown = digest::digest(&digest::SHA256, key.reveal().as_bytes());
        self.0
            .iter()
            .find(|service| {
                constant_time::verify_slices_are_equal(&service.key_sha256, shown.as_ref()).is_ok()
            })
            .map(|service| Caller { service: Arc::clone(service) })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        self.0.iter().map(|service| &**service)
    }
}

impl Caller {
    /// The service's name.
    pub fn name(&self) -> &str {
        &self.service.name
    }

    /// Whether the service may name `purpose` for a use of `kind`.
    pub fn may(&self, kind: UseKind, purpose: Purpose) -> bool {
        self.service.purposes.contains(&purpose) && self.service.kinds.contains(&kind)
    }

    /// Whether the service may change sources, links, contracts and quarantine.
    pub fn operates(&self) -> bool {
        self.service.operates
    }
}

/// SHA-256 of an API key, as the registry keeps it.
pub fn key_sha256(key: &str) -> [u8; 32] {
    sha256(key)
}

/// SHA-256 of a text.
pub fn sha256(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_opens_the_service() {
        let services = Services::new(vec![Service {
            name: "newsletter".to_owned(),
            key_sha256: key_sha256("correct horse"),
            purposes: vec![Purpose::Marketing],
            kinds: vec![UseKind::View],
            operates: false,
        }]);
        let shown = |key: &str| services.authenticate(&Sensitive::new(key.to_owned()));
        assert!(shown("wrong horse").is_none());
        let caller = shown("correct horse").unwrap();
        assert!(caller.may(UseKind::View, Purpose::Marketing));
        assert!(!caller.may(UseKind::View, Purpose::Analytics));
        assert!(!caller.may(UseKind::Export, Purpose::Marketing));
    }
}
