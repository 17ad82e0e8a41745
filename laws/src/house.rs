//! A house to test: every room, over any store.

use crate::chance::{Seeded, TestClock};
use app::config::Config;
use app::house::House;
use gate::Caller;
use model::{PersonId, Sensitive};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use tempfile::TempDir;

/// Where the time of a test begins: 2026-11-24.
pub const NOW_MS: i64 = 1_795_478_400_000;

/// The configuration of every test.
pub const BRAND: &str = include_str!("brand.toml");

/// The key of the service that answers customers about their own data, and operates.
pub const PRIVACY: &str = "privacy-0123456789abcdef";
/// The key of the service that may view for marketing.
pub const NEWSLETTER: &str = "newsletter-0123456789abcdef";
/// The key of the service that may view for analytics.
pub const ANALYST: &str = "analyst-0123456789abcdef";
/// The key of the service that may view what serving customers needs.
pub const DESK: &str = "desk-0123456789abcdef";
/// The key of the service that may view households.
pub const PLANNER: &str = "planner-0123456789abcdef";
/// The key of the service to which data leaves for marketing.
pub const AGENCY: &str = "agency-0123456789abcdef";
/// The key of a service that may do nothing.
pub const MUTE: &str = "mute-0123456789abcdef";
/// The write key of the source `web`.
pub const WEB: &str = "web-write-key";

/// A house with its directory, and the clock it lives by.
#[derive(Debug)]
pub struct Home {
    /// The rooms.
    pub house: House,
    /// Their clock.
    pub clock: Arc<TestClock>,
    /// Keys and witness; gone when this is dropped.
    pub dir: TempDir,
}

/// What links records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Shared identifiers only.
    Identifiers,
    /// Likeness too, by the shipped model, so that few records are enough.
    Likeness,
    /// Likeness too, by what the house learns.
    Learned,
}

/// The configuration with everything below `data`.
pub fn config(data: &Path) -> Config {
    let mut config = Config::parse(BRAND).unwrap();
    data.clone_into(&mut config.server.data_dir);
    config
}

impl Home {
    /// A house in memory.
    pub fn memory() -> Self {
        Self::over(Store::memory())
    }

    /// A house in a directory, over a store or without one over the embedded store, of which the
    /// configuration says more.
    pub fn configured(dir: TempDir, store: Option<Store>, more: &str) -> Self {
        let (clock, rng) = (TestClock::at(NOW_MS), Seeded::new(1));
        let mut config = Config::parse(&format!("{BRAND}{more}")).unwrap();
        dir.path().clone_into(&mut config.server.data_dir);
        let house = match store {
            Some(store) => House::over(store, &config, clock.clone(), rng),
            None => House::open(&config, clock.clone(), rng),
        };
        Self { house: house.unwrap(), clock, dir }
    }

    /// A house over a store, with keys of its own.
    pub fn over(store: Store) -> Self {
        Self::in_dir(tempfile::tempdir().unwrap(), Some(store), 1)
    }

    /// A house over the embedded store.
    pub fn embedded() -> Self {
        Self::in_dir(tempfile::tempdir().unwrap(), None, 1)
    }

    /// A house over a store with a copy of the keys of another.
    pub fn with_keys_of(other: &Path, store: Store) -> Self {
        Self::linking(other, store, By::Identifiers)
    }

    /// The same, linking as told.
    pub fn linking(other: &Path, store: Store, by: By) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy_dir(&other.join("keys"), &dir.path().join("keys"));
        Self::opened(dir, Some(store), 2, by)
    }

    /// A house over a store, or without one over the embedded store, in a directory.
    pub fn in_dir(dir: TempDir, store: Option<Store>, seed: u64) -> Self {
        Self::opened(dir, store, seed, By::Identifiers)
    }

    /// The same, linking as told.
    pub fn opened(dir: TempDir, store: Option<Store>, seed: u64, by: By) -> Self {
        let clock = TestClock::at(NOW_MS);
        let (mut config, rng) = (config(dir.path()), Seeded::new(seed));
        config.linkage.likeness = by != By::Identifiers;
        if by == By::Likeness {
            let model = dir.path().join("model.json");
            fs::write(&model, linkage::model::SHIPPED).unwrap();
            config.linkage.model = Some(model);
        }
        let house = match store {
            Some(store) => House::over(store, &config, clock.clone(), rng),
            None => House::open(&config, clock.clone(), rng),
        };
        Self { house: house.unwrap(), clock, dir }
    }

    /// The service that shows `key`.
    pub fn caller(&self, key: &str) -> Caller {
        caller(&self.house, key)
    }

    /// Who bears an identifier of the namespace `shop`.
    pub fn find(&self, kind: model::IdentifierKind, raw: &str) -> Vec<PersonId> {
        let blind = self.house.intake.identifier_in("shop", kind, raw).unwrap();
        self.house.people.lookup(blind).unwrap()
    }

    /// What the doctor finds: nothing, or the house is broken.
    pub fn examine(&self) -> Vec<String> {
        examine(&self.house)
    }
}

/// The service of a house that shows `key`.
pub fn caller(house: &House, key: &str) -> Caller {
    house.services.authenticate(&Sensitive::new(key.to_owned())).unwrap()
}

/// What the doctor finds in a house.
pub fn examine(house: &House) -> Vec<String> {
    let mut findings = house.people.examine(&mut |_| {}).unwrap().findings;
    findings.extend(house.vault.doctor().unwrap().findings);
    if let Err(error) = house.gate.ledger().verify_all() {
        findings.push(error.to_string());
    }
    findings
}

/// Copies a directory with its modes.
pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy_dir(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
