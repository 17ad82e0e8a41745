//! Rule packs: what the law of a place makes of silence, of a yes and of a child's word, and by when a
//! request is answered. Data files, of which an operator may have their own; `packs/` holds those that
//! are shipped. They are not legal advice.

use crate::clock::{Clocks, Term};
use model::{Grant, GrantError, Jurisdiction, Purpose, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What makes a use lawful, which decides what silence means (GDPR Art. 6; US state laws).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Needed for a contract or by law: a signal does not change it.
    Necessary,
    /// Allowed until the person says no, by a right to opt out.
    OptOut,
    /// Allowed until the person objects (GDPR Art. 6(1)(f), 21).
    LegitimateInterest,
    /// Allowed only while the person says yes.
    Consent,
}

impl Basis {
    /// The word for it in files and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Necessary => "necessity",
            Self::OptOut => "opt-out",
            Self::LegitimateInterest => "legitimate interest",
            Self::Consent => "consent",
        }
    }

    /// Whether nothing said is as good as a yes.
    pub const fn silence_allows(self) -> bool {
        match self {
            Self::Necessary | Self::OptOut | Self::LegitimateInterest => true,
            Self::Consent => false,
        }
    }
}

/// Whose yes a use of a child's data needs. Later ones are stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// What anybody's would.
    #[default]
    Nothing,
    /// A yes, whatever silence means for others.
    OwnYes,
    /// A yes of whoever holds parental responsibility.
    Guardian,
    /// No yes is enough.
    Never,
}

impl fmt::Display for Needs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "as anybody",
            Self::OwnYes => "with their own yes",
            Self::Guardian => "with a guardian's yes",
            Self::Never => "never",
        })
    }
}

/// What a pack says about people below an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minor {
    /// Below this age, in years.
    pub under: u8,
    /// Whose yes it needs.
    pub needs: Needs,
}

/// What holds for one grant in one place, or in all the places of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What it rests on.
    pub basis: Basis,
    /// For how many days a yes lasts, where the basis is consent; for ever when nothing is said.
    pub days: Option<u16>,
    /// Whether a yes counts only when it was confirmed through the contact point it is about.
    pub double_opt_in: bool,
    /// What holds for children: ascending by age.
    pub minors: Vec<Minor>,
}

impl Terms {
    /// The strictest there are: what holds where no rule is found.
    pub const NOTHING: Self =
        Self { basis: Basis::Consent, days: None, double_opt_in: false, minors: Vec::new() };

    /// What holds for somebody who lives under both: whatever is stricter.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let days = match (self.days, other.days) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let mut minors = [self.minors.as_slice(), &other.minors].concat();
        minors.sort_unstable();
        minors.dedup();
        Self {
            basis: self.basis.max(other.basis),
            days,
            double_opt_in: self.double_opt_in || other.double_opt_in,
            minors,
        }
    }

    /// What somebody of `age` years needs.
    pub fn needs(&self, age: u8) -> Needs {
        let of_age = self.minors.iter().filter(|minor| age < minor.under);
        of_age.map(|minor| minor.needs).max().unwrap_or_default()
    }
}

/// One pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it is read from.
    pub law: Vec<String>,
    /// Where it holds.
    pub places: Vec<Jurisdiction>,
    /// By when requests are answered.
    pub clocks: Clocks,
    rules: BTreeMap<Grant, Rule>,
    minors: Vec<(Minor, Vec<Purpose>)>,
}

/// What a pack says about one purpose, or about one channel of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    basis: Basis,
    #[serde(default)]
    days: Option<u16>,
    #[serde(default)]
    double_opt_in: bool,
}

impl Pack {
    /// What holds for a grant here: the rule of its channel, else that of its purpose.
    pub fn terms(&self, grant: &Grant) -> Terms {
        let whole = || self.rules.get(&Grant::whole(grant.purpose));
        let Some(rule) = self.rules.get(grant).or_else(whole) else { return Terms::NOTHING };
        let concerns = |(minor, purposes): &(Minor, Vec<Purpose>)| {
            purposes.contains(&grant.purpose).then_some(*minor)
        };
        let mut minors: Vec<Minor> = self.minors.iter().filter_map(concerns).collect();
        minors.sort_unstable();
        let Rule { basis, days, double_opt_in } = *rule;
        Terms { basis, days, double_opt_in, minors }
    }

    /// The grants that have a rule of their own.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.rules.keys()
    }

    pub(crate) fn set_basis(&mut self, purpose: Purpose, basis: Basis) {
        for (_, rule) in self.rules.iter_mut().filter(|(grant, _)| grant.purpose == purpose) {
            rule.basis = basis;
        }
    }
}

/// Why a file is no pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackError {
    /// Not TOML of the right form; the parser's words, with line and column.
    Malformed(String),
    /// A rule is about no grant: its name and why.
    Grant(String, GrantError),
    /// A rule is about a recipient, whom no law names.
    Recipient(String),
    /// It extends a pack that is not known: the name.
    Extends(String),
    /// It neither says what a purpose rests on nor extends a pack that does.
    Lacks(Purpose),
    /// It has no clocks and extends no pack that has.
    Clocks,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is not a rule pack: {why}"),
            Self::Grant(name, why) => write!(f, "rules.{name}: {why}"),
            Self::Recipient(name) => {
                write!(f, "rules.{name}: a rule is about a purpose or a channel")
            }
            Self::Extends(name) => {
                write!(f, "extends: there is no pack {name} before this one: read it first")
            }
            Self::Lacks(purpose) => write!(f, "rules.{purpose} is missing: say what it rests on"),
            Self::Clocks => f.write_str("clocks are missing: say by when a request is answered"),
        }
    }
}

impl std::error::Error for PackError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    #[serde(default)]
    extends: Option<String>,
    law: Vec<String>,
    places: Vec<Jurisdiction>,
    #[serde(default)]
    rules: BTreeMap<String, Rule>,
    minors: Option<Vec<MinorEntry>>,
    clocks: Option<ClocksEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MinorEntry {
    under: u8,
    needs: Needs,
    /// Which purposes it is about; all of them when nothing is said.
    #[serde(default)]
    purposes: Vec<Purpose>,
    /// Of these, which not.
    #[serde(default)]
    except: Vec<Purpose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClocksEntry {
    acknowledge: Option<Term>,
    answer: Term,
    extension: Option<Term>,
    opt_out: Term,
    ask_again: Option<Term>,
}

impl Pack {
    /// Reads a pack from TOML. One that extends another takes over what it does not say itself.
    ///
    /// # Errors
    ///
    /// [`PackError`], with the place.
    pub fn parse(text: &str, known: &[Self]) -> Result<Self, PackError> {
        let file: File =
            toml::from_str(text).map_err(|error| PackError::Malformed(error.to_string()))?;
        let base = file
            .extends
            .map(|name| {
                let found = known.iter().find(|pack| pack.name == name);
                found.ok_or(PackError::Extends(name))
            })
            .transpose()?;
        let mut rules = base.map(|base| base.rules.clone()).unwrap_or_default();
        for (name, rule) in file.rules {
            let grant: Grant = name.parse().map_err(|why| PackError::Grant(name.clone(), why))?;
            if matches!(grant.scope, Scope::Recipient(_)) {
                return Err(PackError::Recipient(name));
            }
            rules.insert(grant, rule);
        }
        let lacks = |purpose: &&Purpose| !rules.contains_key(&Grant::whole(**purpose));
        if let Some(purpose) = Purpose::ALL.iter().find(lacks) {
            return Err(PackError::Lacks(*purpose));
        }
        let minors = file.minors.map(|entries| {
            let minor = |entry: MinorEntry| {
                let MinorEntry { under, needs, mut purposes, except } = entry;
                if purposes.is_empty() {
                    purposes = Purpose::ALL.to_vec();
                }
                purposes.retain(|purpose| !except.contains(purpose));
                (Minor { under, needs }, purposes)
            };
            entries.into_iter().map(minor).collect()
        });
        let clocks = file.clocks.map(|entry| {
            let ClocksEntry { acknowledge, answer, extension, opt_out, ask_again } = entry;
            Clocks { acknowledge, answer, extension, opt_out, ask_again }
        });
        Ok(Self {
            name: file.name,
            title: file.title,
            law: file.law,
            places: file.places,
            clocks: clocks.or_else(|| base.map(|base| base.clocks)).ok_or(PackError::Clocks)?,
            rules,
            minors: minors.or_else(|| base.map(|base| base.minors.clone())).unwrap_or_default(),
        })
    }

    /// The packs that are shipped; the strict one, which holds wherever no other does, comes first.
    ///
    /// # Errors
    ///
    /// [`PackError`]: never, as a test holds.
    pub fn shipped() -> Result<Vec<Self>, PackError> {
        let mut packs = Vec::with_capacity(SHIPPED.len());
        for text in SHIPPED {
            let pack = Self::parse(text, &packs)?;
            packs.push(pack);
        }
        Ok(packs)
    }
}

/// In the order in which they extend one another.
const SHIPPED: [&str; 10] = [
    include_str!("packs/strict.toml"),
    include_str!("packs/gdpr.toml"),
    include_str!("packs/gdpr-13.toml"),
    include_str!("packs/de-at.toml"),
    include_str!("packs/gb.toml"),
    include_str!("packs/us.toml"),
    include_str!("packs/us-ca.toml"),
    include_str!("packs/us-states.toml"),
    include_str!("packs/ca.toml"),
    include_str!("packs/ca-qc.toml"),
];

#[cfg(test)]
#[path = "pack_tests.rs"]
mod tests;
