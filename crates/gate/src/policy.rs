//! What each purpose rests on and which categories of data it may see: a table one can print.

use model::{Category, Purpose};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What makes a purpose lawful, which decides what silence means (GDPR Art. 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Allowed only while the person says yes.
    Consent,
    /// Allowed until the person says no.
    LegitimateInterest,
    /// Needed for a contract or by law: a signal does not change it.
    Necessary,
}

/// A set of categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories(u16);

impl Categories {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Every category, the unclassified included.
    pub fn all() -> Self {
        Self::of(Category::ALL)
    }

    /// The set of `list`.
    pub fn of(list: &[Category]) -> Self {
        Self(list.iter().fold(0, |set, category| set | 1 << (*category as u16)))
    }

    /// Whether `category` is in it.
    pub const fn has(self, category: Category) -> bool {
        self.0 >> (category as u16) & 1 == 1
    }

    /// Its members.
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.iter().copied().filter(move |category| self.has(*category))
    }
}

/// One line of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the purpose rests on.
    pub basis: Basis,
    /// What it may see.
    pub categories: Categories,
}

/// The whole policy: one rule for each purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    rules: Vec<(Purpose, Rule)>,
}

impl Default for Policy {
    fn default() -> Self {
        let rules =
            Purpose::ALL.iter().map(|purpose| (*purpose, Rule::default_of(*purpose))).collect();
        Self { rules }
    }
}

impl Rule {
    fn default_of(purpose: Purpose) -> Self {
        use Category::{
            Address, Behavioural, Contact, Demographic, Device, Identifier, Name, Preference,
            Transactional,
        };
        let (basis, categories): (Basis, &[Category]) = match purpose {
            Purpose::ServiceProvision => {
                (Basis::Necessary, &[Name, Contact, Address, Identifier, Transactional])
            }
            Purpose::Personalisation => {
                (Basis::Consent, &[Name, Demographic, Transactional, Behavioural, Preference])
            }
            Purpose::Marketing => {
                (Basis::Consent, &[Name, Contact, Transactional, Behavioural, Preference])
            }
            Purpose::Analytics => {
                (Basis::Consent, &[Demographic, Transactional, Behavioural, Device])
            }
            Purpose::IdentityLinking => {
                (Basis::LegitimateInterest, &[Name, Contact, Address, Demographic, Identifier])
            }
            Purpose::HouseholdLinking => (Basis::LegitimateInterest, &[Name, Contact, Address]),
            Purpose::ModelTraining => (Basis::Consent, &[Transactional, Behavioural, Preference]),
            Purpose::ThirdPartySharing
            | Purpose::CrossContextAdvertising
            | Purpose::CleanRoomMatching => (Basis::Consent, &[Contact]),
            Purpose::SubjectAccess => (Basis::Necessary, Category::ALL),
            Purpose::Operations => (Basis::Necessary, &[]),
        };
        Self { basis, categories: Categories::of(categories) }
    }
}

impl Policy {
    /// The rule of a purpose. A purpose without one would be a bug in this file; it is answered
    /// with the strictest rule there is.
    pub fn rule(&self, purpose: Purpose) -> Rule {
        self.rules
            .iter()
            .find(|(known, _)| *known == purpose)
            .map_or(Rule { basis: Basis::Consent, categories: Categories::NONE }, |(_, rule)| *rule)
    }

    /// Replaces the rule of a purpose. The answer to the customer about their own data cannot be
    /// narrowed.
    #[must_use]
    pub fn with(mut self, purpose: Purpose, rule: Rule) -> Self {
        if purpose != Purpose::SubjectAccess {
            self.rules.retain(|(known, _)| *known != purpose);
            self.rules.push((purpose, rule));
            self.rules.sort_by_key(|(purpose, _)| *purpose);
        }
        self
    }
}

/// The policy as a table: one line for each purpose.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26} {:<20} opens", "purpose", "rests on")?;
        for (purpose, rule) in &self.rules {
            let basis = match rule.basis {
                Basis::Consent => "consent",
                Basis::LegitimateInterest => "legitimate interest",
                Basis::Necessary => "necessity",
            };
            let opens: Vec<_> = rule.categories.iter().map(Category::word).collect();
            writeln!(f, "{:<26} {basis:<20} {}", purpose.word(), opens.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclassified_data_opens_for_nobody_but_its_subject() {
        let policy = Policy::default();
        for purpose in Purpose::ALL {
            let opens = policy.rule(*purpose).categories.has(Category::Unclassified);
            assert_eq!(opens, *purpose == Purpose::SubjectAccess, "{purpose}");
        }
    }

    #[test]
    fn every_purpose_has_one_line() {
        assert_eq!(Policy::default().to_string().lines().count(), Purpose::ALL.len() + 1);
    }

    #[test]
    fn the_answer_to_the_customer_cannot_be_narrowed() {
        let nothing = Rule { basis: Basis::Consent, categories: Categories::NONE };
        let policy = Policy::default().with(Purpose::SubjectAccess, nothing);
        assert_eq!(policy, Policy::default());
    }
}
