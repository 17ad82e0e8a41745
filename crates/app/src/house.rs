//! The wiring: one house, its rooms opened in order over one store.

use crate::config::{Config, Engine};
use action::Action;
use anyhow::{Context, Result, bail};
use base64::Engine as _;
use collect::{Intake, SourceKind};
use gate::{BrandKeys, Caller, Gate, Ledger, Notice, Parts, Service, Services, Signer, UseKind};
use model::{Clock, Purpose, Rng, Sensitive};
use people::People;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{EmbeddedOptions, PostgresOptions, Store};
use vault::{Keys, RootKeyFile, Vault};

/// Where a house keeps what it keeps.
#[derive(Clone, Debug)]
pub struct Places {
    /// Everything below.
    pub data: PathBuf,
    /// The embedded store.
    pub store: PathBuf,
    /// Root, tree and ledger keys. Never in a backup of the store.
    pub keys: PathBuf,
    /// The ledger's witness: the newest checkpoint this machine has seen.
    pub witness: PathBuf,
    /// The operator's own scripts for web pages. Only a server reads them.
    pub scripts: Option<PathBuf>,
}

impl Places {
    /// The places below a data directory.
    pub fn below(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            store: data.join("store"),
            keys: data.join("keys"),
            witness: data.join("witness"),
            scripts: None,
        }
    }
}

/// All rooms, open.
#[derive(Debug)]
pub struct House {
    /// Bytes.
    pub store: Store,
    /// The only door.
    pub gate: Arc<Gate>,
    /// Sealed data.
    pub vault: Arc<Vault>,
    /// Records and people.
    pub people: Arc<People>,
    /// The way in.
    pub intake: Arc<Intake>,
    /// Who may ask.
    pub services: Services,
    /// Whose word that somebody is there is taken.
    pub brands: BrandKeys,
    /// What the preference centre promises.
    pub notice: Arc<Notice>,
    /// What is said to people.
    pub action: Arc<Action>,
    /// Where things are.
    pub places: Places,
}

impl House {
    /// Opens every room, creating what a fresh data directory lacks.
    ///
    /// # Errors
    ///
    /// When a room refuses: the store is in use or damaged, the ledger was altered, a key file is
    /// readable by others, the configuration is wrong.
    pub fn open(config: &Config, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Self> {
        let places = Places::below(&config.server.data_dir);
        let store = open_store(config, &places, &*rng)?;
        Self::over(store, config, clock, rng)
    }

    /// Opens every room over a store that is open already.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn over(
        store: Store,
        config: &Config,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self> {
        let scripts = config.intake.scripts_dir.clone();
        let places = Places { scripts, ..Places::below(&config.server.data_dir) };
        if store::backup::unfinished(&store)? {
            bail!("a restore into this store was interrupted: restore again into an empty one");
        }
        let keys = open_keys(&places, &rng)?;
        let signer = signer(&places, &config.ledger.origin, &*rng)?;
        let ledger = Ledger::open(store.clone(), signer, Some(places.witness.clone()))
            .context("the ledger cannot be opened")?;
        let gate = Gate::open(Parts {
            store: store.clone(),
            ledger,
            keys: Arc::clone(&keys) as Arc<dyn gate::LedgerKeys>,
            policy: config.policy()?,
            scoped_grants: config.grants()?,
            kept: vec![Arc::new(action::Kept)],
            clock: Arc::clone(&clock),
            rng: Arc::clone(&rng),
        })
        .context("the gate cannot be opened")?;
        let gate = Arc::new(gate);
        let vault =
            Vault::open(store.clone(), keys, gate.seal()).context("the vault cannot be opened")?;
        let vault = Arc::new(vault);
        let people = People::new(store.clone(), Arc::clone(&gate), Arc::clone(&vault));
        let people = Arc::new(linked(people, config)?);
        let notice = config.notice()?;
        gate.keep_notice(&notice).context("the notice cannot be kept")?;
        if let Some(changed) = people.follow_policy().context("folding contracts again")? {
            tracing::info!(changed, "the policy is another one: contracts were folded again");
        }
        let intake = Intake::open(store.clone(), Arc::clone(&people), config.intake(), clock)
            .context("the intake cannot be opened")?;
        let intake = Arc::new(intake);
        let notice = Arc::new(notice);
        let (gate_of, people_of) = (Arc::clone(&gate), Arc::clone(&people));
        let receipts = web::receipts(gate_of, people_of, Arc::clone(&notice));
        let action = Action::new(action::Parts {
            store: store.clone(),
            gate: Arc::clone(&gate),
            people: Arc::clone(&people),
            caller: mailer(&*rng)?,
            notice: Arc::clone(&notice),
            mail: config.mail()?,
            trusted: trusted(config.mail_sources(), &intake),
            receipts: Arc::new(receipts),
            rng,
        });
        Ok(Self {
            store,
            gate,
            vault,
            people,
            intake,
            services: config.services()?,
            brands: config.brands()?,
            notice,
            action: Arc::new(action),
            places,
        })
    }

    /// Finishes what is under way and leaves everything on disk as the next opening expects it.
    ///
    /// # Errors
    ///
    /// When the witness cannot be brought up to date.
    pub fn close(self) -> Result<()> {
        self.intake.stop();
        self.gate.ledger().flush_witness().context("the ledger's witness cannot be written")
    }
}

/// Whose word about addresses is trusted: of the sources that the configuration names, or where it names
/// none of all but pages and apps, whose keys anybody can read.
fn trusted(named: Option<Vec<String>>, intake: &Arc<Intake>) -> action::Trusted {
    let intake = Arc::clone(intake);
    Arc::new(move |source| {
        let public = |kind| matches!(kind, SourceKind::Web | SourceKind::App);
        intake.sources().by_id(source).is_some_and(|source| match &named {
            Some(named) => named.contains(&source.slug),
            None => !public(source.kind),
        })
    })
}

/// As whom letters are written: a service of the house's own, with a key that nobody else learns.
fn mailer(rng: &dyn Rng) -> Result<Caller> {
    let mut key = [0; 32];
    rng.fill(&mut key);
    let key = base64::engine::general_purpose::STANDARD.encode(key);
    let services = Services::new(vec![Service {
        name: action::CALLER.to_owned(),
        team: None,
        key_sha256: gate::key_sha256(&key),
        purposes: vec![Purpose::SubjectAccess],
        kinds: vec![UseKind::Contact],
        operates: false,
    }]);
    services.authenticate(&Sensitive::new(key)).context("a key that was just made")
}

/// Records between two words about progress.
const RECORDS_BETWEEN: u64 = 50_000;

/// Tells the room of people how to link.
fn linked(people: People, config: &Config) -> Result<People> {
    let mut told = 0;
    let mut tell = |records: u64| {
        if records >= told + RECORDS_BETWEEN {
            told = records;
            tracing::info!(records, "reading or comparing records, to link by likeness");
        }
    };
    if !config.linkage.likeness {
        return people.by_identifiers(&mut tell).context("records cannot be decided again");
    }
    let own = config.linkage.model.as_ref();
    let text = own.map(|path| {
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
    });
    let text = text.transpose()?;
    let people = people.by_likeness(text.as_deref(), &mut tell);
    people.context("records cannot be compared")?.context("linkage.model cannot be used")
}

/// Opens the engine that the configuration names.
///
/// # Errors
///
/// What the engine says.
pub fn open_store(config: &Config, places: &Places, rng: &dyn Rng) -> Result<Store> {
    match &config.store.engine {
        Engine::Memory => Ok(Store::memory()),
        Engine::Embedded => {
            private_dir(&places.data)?;
            let options = EmbeddedOptions::default();
            Store::embedded(&places.store, &options).with_context(|| {
                format!("the store in {} cannot be opened", places.store.display())
            })
        }
        Engine::Postgresql => {
            let Some(url) = &config.store.url else {
                bail!("store.url is missing: give the address of the PostgreSQL database");
            };
            let mut nonce = [0; 8];
            rng.fill(&mut nonce);
            let options = PostgresOptions::new(u64::from_be_bytes(nonce));
            Store::postgres(url, &options).context("the PostgreSQL store cannot be opened")
        }
    }
}

/// Opens the keyring.
///
/// # Errors
///
/// When key files are missing, damaged or readable by others.
pub fn open_keys(places: &Places, rng: &Arc<dyn Rng>) -> Result<Arc<Keys>> {
    private_dir(&places.data)?;
    private_dir(&places.keys)?;
    let root = RootKeyFile::open(&places.keys, Arc::clone(rng))
        .context("the root key cannot be opened")?;
    let keys =
        Keys::open(&places.keys, &root, Arc::clone(rng)).context("the keyring cannot be opened")?;
    Ok(Arc::new(keys))
}

/// The ledger's signing key, made when there is none.
///
/// # Errors
///
/// When the key file cannot be read or written, or others may read it.
pub fn signer(places: &Places, origin: &str, rng: &dyn Rng) -> Result<Signer> {
    private_dir(&places.data)?;
    private_dir(&places.keys)?;
    let path = places.keys.join("ledger.key");
    let seed: [u8; 32] = match fs::read(&path) {
        Ok(bytes) => {
            let mode = fs::metadata(&path)?.permissions().mode();
            if mode & 0o077 != 0 {
                bail!("{} may be read by others: chmod 600 it", path.display());
            }
            match bytes.try_into() {
                Ok(seed) => seed,
                Err(_) => bail!("{} is damaged: put the key's copy back", path.display()),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut seed = [0; 32];
            rng.fill(&mut seed);
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(&seed)?;
            file.sync_all()?;
            fs::File::open(&places.keys)?.sync_all()?;
            seed
        }
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    Signer::from_seed(origin, &seed).context("ledger.origin cannot be used")
}

fn private_dir(path: &Path) -> Result<()> {
    if !path.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("{} cannot be created", path.display()))?;
    }
    Ok(())
}
