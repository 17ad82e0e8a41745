//! Who may ask: services, each bound to its purposes.

use crate::permit::UseKind;
use aws_lc_rs::{constant_time, digest};
use model::{Purpose, Sensitive};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A program or a team that reads through the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in use logs, which customers read.
    pub name: String,
    /// The team it belongs to, for policies about many.
    pub team: Option<String>,
    /// SHA-256 of its API key; the key itself is kept nowhere.
    pub key_sha256: [u8; 32],
    /// The purposes it may name.
    pub purposes: Vec<Purpose>,
    /// The kinds of use it may make.
    pub kinds: Vec<UseKind>,
    /// Whether it may change sources, links, contracts and quarantine.
    pub operates: bool,
}

/// A service with what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) service: Service,
    pub(crate) may: BTreeSet<(UseKind, Purpose)>,
    pub(crate) operates: bool,
}

/// The registered services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services(Vec<Arc<Granted>>);

/// A service that has shown its key. Only [`Services`] makes one, so a caller can name a purpose
/// but not assert one.
#[derive(Clone, Debug)]
pub struct Caller {
    granted: Arc<Granted>,
}

impl Services {
    /// Registers services, each of which may do what it is bound to.
    pub fn new(services: Vec<Service>) -> Self {
        let all = services.into_iter().map(|service| {
            let mut may = BTreeSet::new();
            for kind in &service.kinds {
                may.extend(service.purposes.iter().map(|purpose| (*kind, *purpose)));
            }
            Granted { may, operates: service.operates, service }
        });
        Self::granted(all.collect())
    }

    pub(crate) fn granted(all: Vec<Granted>) -> Self {
        Self(all.into_iter().map(Arc::new).collect())
    }

    /// The service whose key this is. Compares in constant time.
    #[expect(clippy::disallowed_methods, reason = "hashed on this line and compared as a hash")]
    pub fn authenticate(&self, key: &Sensitive<String>) -> Option<Caller> {
        let shown = digest::digest(&digest::SHA256, key.reveal().as_bytes());
        self.0
            .iter()
            .find(|granted| {
                let own = &granted.service.key_sha256;
                constant_time::verify_slices_are_equal(own, shown.as_ref()).is_ok()
            })
            .map(|granted| Caller { granted: Arc::clone(granted) })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Service> {
        self.0.iter().map(|granted| &granted.service)
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &Granted> {
        self.0.iter().map(|granted| &**granted)
    }
}

/// What each service may do: one line for each kind of use, with its purposes.
impl fmt::Display for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26} {:<16} for", "service", "may")?;
        for granted in &self.0 {
            let name = &granted.service.name;
            for kind in UseKind::ALL {
                let of_kind = granted.may.iter().filter(|(of, _)| *of == kind);
                let purposes: Vec<_> = of_kind.map(|(_, purpose)| purpose.word()).collect();
                if !purposes.is_empty() {
                    writeln!(f, "{name:<26} {:<16} {}", kind.word(), purposes.join(", "))?;
                }
            }
            if granted.operates {
                writeln!(f, "{name:<26} operates")?;
            }
        }
        Ok(())
    }
}

impl Caller {
    /// The service's name.
    pub fn name(&self) -> &str {
        &self.granted.service.name
    }

    /// Whether the service may name `purpose` for a use of `kind`.
    pub fn may(&self, kind: UseKind, purpose: Purpose) -> bool {
        self.granted.may.contains(&(kind, purpose))
    }

    /// Whether the service may change sources, links, contracts and quarantine.
    pub fn operates(&self) -> bool {
        self.granted.operates
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
            team: None,
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
