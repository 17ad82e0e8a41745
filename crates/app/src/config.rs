//! `bonafide.toml`: read once, checked whole, refused with the place and the remedy.

mod ways_in;

use anyhow::{Context, Result, bail};
use gate::{Basis, Categories, Notice, Pack, Policy, Service, UseKind, key_sha256};
use model::{Category, Grant, Purpose, Scope};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
pub use ways_in::{BrandKeyConfig, MailConfig};

/// The whole configuration. Unknown keys are errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How to be reached, and where things are kept.
    pub server: Server,
    /// Which engine stores.
    pub store: StoreConfig,
    /// The ledger's name.
    pub ledger: LedgerConfig,
    /// How events are taken in.
    pub intake: IntakeConfig,
    /// How records are linked.
    pub linkage: LinkageConfig,
    /// What purposes rest on, where it is not the default.
    pub policy: BTreeMap<String, PolicyConfig>,
    /// What is promised.
    pub contract: ContractConfig,
    /// How letters are sent; without it they are not.
    pub mail: Option<MailConfig>,
    /// Grants with a scope.
    pub grant: Vec<GrantConfig>,
    /// Who may ask.
    pub service: Vec<ServiceConfig>,
    /// What they may do beside what they are bound to, and what not.
    pub access: AccessConfig,
    /// Whose word that a customer is there is taken.
    pub brand_key: Vec<BrandKeyConfig>,
    /// Who sends.
    pub source: Vec<collect::Source>,
}

/// How to be reached, and where things are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// The directory for the embedded store, keys and the ledger's witness.
    pub data_dir: PathBuf,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".to_owned(), data_dir: PathBuf::from("data") }
    }
}

/// How records are linked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkageConfig {
    /// Whether records that share no identifier are linked when they are alike, too.
    pub likeness: bool,
    /// The model to decide by, as `bonafide link train` writes it; when not given, the house learns
    /// its own from what it holds.
    pub model: Option<PathBuf>,
}

/// What is promised.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContractConfig {
    /// The notice (TOML) that the preference centre shows; the one that is shipped, when none is given.
    pub notice: Option<PathBuf>,
    /// Who is responsible, in the place of whom the notice names.
    pub controller: Option<String>,
    /// Where customers write to, in the place of what the notice names.
    pub contact: Option<String>,
    /// Rule packs (TOML) beside those that are shipped; of two for one place the later holds.
    pub packs: Vec<PathBuf>,
}

/// Who of staff and services may do what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// A file of Cedar policies, beside what each service is bound to.
    pub policies: Option<PathBuf>,
}

/// Which engine stores.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// `embedded` (the default), `postgresql` or `memory`.
    pub engine: Engine,
    /// The database's address, for `postgresql`.
    pub url: Option<String>,
}

/// The storage engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// A directory of this machine.
    #[default]
    Embedded,
    /// The brand's own database.
    Postgresql,
    /// Gone when the process ends; for trying things out.
    Memory,
}

/// The ledger's name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerConfig {
    /// Who signs: a name without spaces, such as `brand.example/ledger`.
    pub origin: String,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self { origin: "bonafide.localhost/ledger".to_owned() }
    }
}

/// How events are taken in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntakeConfig {
    /// For how many days a message id is remembered.
    pub dedupe_days: u32,
    /// A directory of scripts for web pages that stand in for our own.
    pub scripts_dir: Option<PathBuf>,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self { dedupe_days: 7, scripts_dir: None }
    }
}

/// What a purpose rests on and may see.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// `consent`, `legitimate_interest`, `opt_out` or `necessary`, in every place.
    pub basis: Option<Basis>,
    /// The categories it opens.
    pub categories: Option<Vec<String>>,
}

/// A grant with a scope.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantConfig {
    /// Its purpose.
    pub purpose: String,
    /// The channel it is for.
    pub channel: Option<String>,
    /// The recipient it is for.
    pub recipient: Option<String>,
}

/// A service that may ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// Its name, which customers see in their use log.
    pub name: String,
    /// The team it belongs to, for the policies of `access`.
    pub team: Option<String>,
    /// Its API key; better give `key_sha256` and keep the key elsewhere.
    pub key: Option<String>,
    /// SHA-256 of its API key, in hexadecimal digits.
    pub key_sha256: Option<String>,
    /// The purposes it may name.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// The kinds of use it may make; `view` when nothing is said.
    #[serde(default = "only_view")]
    pub may: Vec<String>,
    /// Whether it may change sources, links, contracts and quarantine.
    #[serde(default)]
    pub operates: bool,
}

fn only_view() -> Vec<String> {
    vec![UseKind::View.word().to_owned()]
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or says something that is not known; the message names the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let config: Self = Self::parse(&text)
            .with_context(|| format!("{} is not a configuration", path.display()))?;
        Ok(config)
    }

    /// Reads a configuration from text.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text)?;
        config.policy()?;
        config.grants()?;
        config.services()?;
        config.mail()?;
        config.brands()?;
        Ok(config)
    }

    /// The policy: the rule packs, with what the file says.
    ///
    /// # Errors
    ///
    /// When a purpose or a category is unknown.
    pub fn policy(&self) -> Result<Policy> {
        let mut packs = Pack::shipped().context("the shipped rule packs")?;
        for path in &self.contract.packs {
            let place = || format!("contract.packs: {}", path.display());
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("{} cannot be read", place()))?;
            packs.push(Pack::parse(&text, &packs).with_context(place)?);
        }
        let mut policy = Policy::of(packs);
        for (word, said) in &self.policy {
            let place = format!("policy.{word}");
            let purpose = Purpose::of_word(word).with_context(|| place.clone())?;
            if let Some(basis) = said.basis {
                policy.set_basis(purpose, basis).with_context(|| place.clone())?;
            }
            if let Some(words) = &said.categories {
                let categories: Result<Vec<_>, _> =
                    words.iter().map(|word| Category::of_word(word)).collect();
                let categories = categories.with_context(|| format!("{place}.categories"))?;
                if categories.contains(&Category::Unclassified) {
                    bail!("{place}.categories: unclassified data is sealed: classify it first");
                }
                let opens = policy.set_categories(purpose, Categories::of(&categories));
                opens.with_context(|| place.clone())?;
            }
        }
        Ok(policy)
    }

    /// Grants with a scope.
    ///
    /// # Errors
    ///
    /// When a purpose is unknown, or a grant has no scope or two.
    pub fn grants(&self) -> Result<Vec<Grant>> {
        let grants = self.grant.iter().enumerate().map(|(index, said)| {
            let purpose = Purpose::of_word(&said.purpose)
                .with_context(|| format!("grant[{index}].purpose"))?;
            let scope = match (&said.channel, &said.recipient) {
                (Some(channel), None) => Scope::Channel(channel.clone()),
                (None, Some(recipient)) => Scope::Recipient(recipient.clone()),
                (None, None) | (Some(_), Some(_)) => {
                    bail!("grant[{index}]: give either a channel or a recipient")
                }
            };
            Ok(Grant { purpose, scope })
        });
        grants.collect()
    }

    /// The notice.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is none; the message names the place.
    pub fn notice(&self) -> Result<Notice> {
        let ContractConfig { notice, controller, contact, .. } = &self.contract;
        let notice = match notice {
            None => Notice::shipped().context("the shipped notice")?,
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!("contract.notice: {} cannot be read", path.display())
                })?;
                Notice::parse(&text)
                    .with_context(|| format!("contract.notice: {}", path.display()))?
            }
        };
        Ok(notice.by(controller.as_deref(), contact.as_deref())?)
    }

    /// The services.
    ///
    /// # Errors
    ///
    /// When a word is unknown, a key is missing, or two services share a name or a key.
    pub fn services(&self) -> Result<gate::Services> {
        let mut services: Vec<Service> = Vec::new();
        for said in &self.service {
            let service = said.service().with_context(|| format!("service {}", said.name))?;
            let known = services
                .iter()
                .find(|known| known.name == service.name || known.key_sha256 == service.key_sha256);
            if let Some(known) = known {
                bail!("service {}: it shares its name or key with {}", said.name, known.name);
            }
            services.push(service);
        }
        let policies = match &self.access.policies {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("access.policies: {} cannot be read", path.display()))?,
        };
        gate::Services::under(services, &policies).context("access.policies")
    }

    /// What the intake needs.
    pub fn intake(&self) -> collect::IntakeOptions {
        collect::IntakeOptions {
            dedupe_ms: i64::from(self.intake.dedupe_days.max(1)) * 86_400_000,
            sources: self.source.clone(),
        }
    }
}

impl ServiceConfig {
    fn service(&self) -> Result<Service> {
        let key = match (&self.key, &self.key_sha256) {
            (Some(key), None) if key.len() >= 16 => key_sha256(key),
            (Some(_), None) => bail!("key: use at least 16 characters"),
            (None, Some(hex)) => from_hex(hex).context("key_sha256")?,
            (None, None) | (Some(_), Some(_)) => bail!("give either key or key_sha256"),
        };
        let purposes: Result<Vec<_>, _> =
            self.purposes.iter().map(|word| Purpose::of_word(word)).collect();
        let kinds: Result<Vec<_>> = self
            .may
            .iter()
            .map(|word| UseKind::of_word(word).with_context(|| format!("may: unknown use {word}")))
            .collect();
        Ok(Service {
            name: self.name.clone(),
            team: self.team.clone(),
            key_sha256: key,
            purposes: purposes.context("purposes")?,
            kinds: kinds?,
            operates: self.operates,
        })
    }
}

fn from_hex(text: &str) -> Result<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        bail!("give sixty-four hexadecimal digits");
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair)?, 16)
            .context("give sixty-four hexadecimal digits")?;
    }
    Ok(out)
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
