//! What each purpose may see, and what it rests on in each place: a table one can print.

use crate::clock::Clocks;
use crate::pack::{Basis, Pack, Terms};
use model::{Category, Grant, Jurisdiction, Purpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

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

    /// Of its members this one, if it is one.
    pub(crate) const fn only(self, category: Category) -> Self {
        Self(self.0 & 1 << (category as u16))
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

/// The whole policy: what each purpose may see, and a rule pack for each place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    categories: BTreeMap<Purpose, Categories>,
    /// The first holds where no other does.
    packs: Vec<Pack>,
    place: BTreeMap<Jurisdiction, usize>,
}

/// What an operator says may not be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// The answer to the customer about their own data can be neither narrowed nor refused.
    SubjectAccess,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SubjectAccess => f.write_str(
                "the answer to the customer about their own data cannot be narrowed: leave it out",
            ),
        }
    }
}

impl std::error::Error for PolicyError {}

impl Default for Policy {
    /// With the packs that are shipped. Were one of them unreadable, there would be none, and
    /// everything would need a yes.
    fn default() -> Self {
        Self::of(Pack::shipped().unwrap_or_default())
    }
}

fn opens(purpose: Purpose) -> Categories {
    use Category::{
        Address, Behavioural, Contact, Demographic, Device, Identifier, Name, Preference,
        Transactional,
    };
    let categories: &[Category] = match purpose {
        Purpose::ServiceProvision => &[Name, Contact, Address, Identifier, Transactional],
        Purpose::Personalisation => &[Name, Demographic, Transactional, Behavioural, Preference],
        Purpose::Marketing => &[Name, Contact, Transactional, Behavioural, Preference],
        Purpose::Analytics => &[Demographic, Transactional, Behavioural, Device],
        Purpose::IdentityLinking => &[Name, Contact, Address, Demographic, Identifier],
        Purpose::HouseholdLinking => &[Name, Contact, Address],
        Purpose::ModelTraining => &[Transactional, Behavioural, Preference],
        Purpose::ThirdPartySharing
        | Purpose::CrossContextAdvertising
        | Purpose::CleanRoomMatching => &[Contact],
        Purpose::SubjectAccess => Category::ALL,
        Purpose::Operations => &[],
    };
    Categories::of(categories)
}

impl Policy {
    /// A policy by these packs, of which the first holds where no other does, and of two for one place
    /// the later.
    pub fn of(packs: Vec<Pack>) -> Self {
        let categories = Purpose::ALL.iter().map(|purpose| (*purpose, opens(*purpose))).collect();
        let places = packs.iter().enumerate();
        let place = places.flat_map(|(at, pack)| pack.places.iter().map(move |place| (*place, at)));
        Self { categories, place: place.collect(), packs }
    }

    /// The packs, the one that holds where no other does first.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The pack that holds in a place: its own, else its country's, else the first.
    pub fn pack(&self, place: Jurisdiction) -> Option<&Pack> {
        self.packs.get(self.place_of_pack(place))
    }

    pub(crate) fn place_of_pack(&self, place: Jurisdiction) -> usize {
        let own = self.place.get(&place).or_else(|| self.place.get(&place.country()));
        own.copied().unwrap_or(0)
    }

    /// By when requests are answered in a place.
    pub fn clocks(&self, place: Jurisdiction) -> Clocks {
        self.pack(place).map_or(Clocks::NONE_KNOWN, |pack| pack.clocks)
    }

    /// What a purpose may see.
    pub fn categories(&self, purpose: Purpose) -> Categories {
        self.categories.get(&purpose).copied().unwrap_or_default()
    }

    /// What holds for a grant of somebody who lives under the law of all these places: the strictest.
    pub fn terms(&self, places: &[Jurisdiction], grant: &Grant) -> Terms {
        let terms = places
            .iter()
            .map(|place| self.pack(*place).map_or(Terms::NOTHING, |pack| pack.terms(grant)));
        terms.reduce(|all, terms| all.and(&terms)).unwrap_or(Terms::NOTHING)
    }

    /// Whether there is a place where a customer decides about it: it is not necessary everywhere.
    pub fn is_chosen(&self, grant: &Grant) -> bool {
        self.packs.is_empty()
            || self.packs.iter().any(|pack| pack.terms(grant).basis != Basis::Necessary)
    }

    /// Says what a purpose may see.
    ///
    /// # Errors
    ///
    /// [`PolicyError::SubjectAccess`].
    pub fn set_categories(
        &mut self,
        purpose: Purpose,
        opens: Categories,
    ) -> Result<(), PolicyError> {
        if purpose == Purpose::SubjectAccess {
            return Err(PolicyError::SubjectAccess);
        }
        self.categories.insert(purpose, opens);
        Ok(())
    }

    /// Says what a purpose rests on, in every place and on every channel.
    ///
    /// # Errors
    ///
    /// [`PolicyError::SubjectAccess`].
    pub fn set_basis(&mut self, purpose: Purpose, basis: Basis) -> Result<(), PolicyError> {
        if purpose == Purpose::SubjectAccess {
            return Err(PolicyError::SubjectAccess);
        }
        self.packs.iter_mut().for_each(|pack| pack.set_basis(purpose, basis));
        Ok(())
    }
}

/// What each purpose opens, and then, pack by pack, what each grant rests on.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26} opens", "purpose")?;
        for (purpose, categories) in &self.categories {
            let opens: Vec<_> = categories.iter().map(Category::word).collect();
            writeln!(f, "{:<26} {}", purpose.word(), opens.join(", "))?;
        }
        self.packs.iter().enumerate().try_for_each(|(at, pack)| write_pack(f, pack, at == 0))
    }
}

fn write_pack(f: &mut fmt::Formatter<'_>, pack: &Pack, default: bool) -> fmt::Result {
    let places: Vec<_> = pack.places.iter().map(Jurisdiction::to_string).collect();
    let places = if default { "wherever no other holds".to_owned() } else { places.join(" ") };
    writeln!(f, "\n{}: {}\n  in {places}", pack.name, pack.title)?;
    let Clocks { acknowledge, answer, extension, opt_out, ask_again } = pack.clocks;
    write!(f, "  answer within {answer}")?;
    let more = [("acknowledge", acknowledge), ("extension", extension), ("ask again", ask_again)];
    for (what, term) in more {
        if let Some(term) = term {
            write!(f, ", {what} {term}")?;
        }
    }
    writeln!(f, ", opt-out {opt_out}")?;
    writeln!(f, "  {:<26} {:<20} children", "grant", "rests on")?;
    for grant in pack.grants() {
        let terms = pack.terms(grant);
        let mut basis = terms.basis.word().to_owned();
        if terms.double_opt_in {
            basis.push_str(", confirmed");
        }
        if let Some(days) = terms.days {
            write!(basis, ", {days} days")?;
        }
        let minor = |minor: &crate::pack::Minor| format!("under {} {}", minor.under, minor.needs);
        let minors: Vec<_> = match terms.basis {
            Basis::Necessary => Vec::new(),
            Basis::OptOut | Basis::LegitimateInterest | Basis::Consent => {
                terms.minors.iter().map(minor).collect()
            }
        };
        let line = format!("  {:<26} {basis:<20} {}", grant.to_string(), minors.join(", "));
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unclassified_data_opens_for_nobody_but_its_subject() {
        let policy = Policy::default();
        for purpose in Purpose::ALL {
            let opens = policy.categories(*purpose).has(Category::Unclassified);
            assert_eq!(opens, *purpose == Purpose::SubjectAccess, "{purpose}");
        }
    }

    #[test]
    fn a_place_is_looked_up_before_its_country_and_nothing_is_loose() {
        let policy = Policy::default();
        let name = |place: &str| policy.pack(place.parse().unwrap()).unwrap().name.clone();
        for (place, wanted) in [
            ("us-ca", "us-ca"),
            ("us-wy", "us"),
            ("de-by", "de-at"),
            ("eu", "gdpr"),
            ("jp", "strict"),
        ] {
            assert_eq!(name(place), wanted, "{place}");
        }
        let marketing = Grant::whole(Purpose::Marketing);
        assert_eq!(policy.terms(&[], &marketing), Terms::NOTHING);
        let both = ["us", "fr"].map(|place| place.parse().unwrap());
        assert_eq!(policy.terms(&both, &marketing).basis, Basis::Consent);
        assert_eq!(Policy::of(Vec::new()).terms(&both, &marketing), Terms::NOTHING);
    }

    #[test]
    fn the_table_has_every_rule_of_every_pack() {
        let policy = Policy::default();
        let table = policy.to_string();
        for pack in policy.packs() {
            assert!(table.contains(&format!("\n{}: {}\n", pack.name, pack.title)));
            assert!(pack.grants().all(|grant| table.contains(&format!("\n  {grant} "))));
        }
    }

    #[test]
    fn the_answer_to_the_customer_cannot_be_narrowed() {
        let mut policy = Policy::default();
        let nothing = policy.set_categories(Purpose::SubjectAccess, Categories::NONE);
        assert_eq!(nothing, Err(PolicyError::SubjectAccess));
        let asked = policy.set_basis(Purpose::SubjectAccess, Basis::Consent);
        assert_eq!(asked, Err(PolicyError::SubjectAccess));
        assert_eq!(policy, Policy::default());
    }
}
