//! What traits say of where the customer lives, and under what family name. Pseudonyms only go on.

use linkage::perfect::{
    Address, Attribute, Context, RawAddress, address, address_parts, match_form, name,
};
use model::Timestamp;
use people::HomeFacts;
use vault::Vault;

/// The parts of the first address that a message says whole, on their way to a pseudonym.
#[derive(Debug, Default)]
pub(super) struct Home {
    /// Under which name its parts stand: one message may say where to send the bill, too.
    under: Option<String>,
    parts: Vec<(Attribute, String)>,
    family: Option<String>,
    left: bool,
}

impl Home {
    /// Takes note of one trait, as the source said it.
    pub(super) fn note(&mut self, attribute: Attribute, name: &str, raw: &str, context: &Context) {
        let country = context.country_default;
        if is_of_address(attribute) {
            let under = name.rsplit_once('.').map_or("", |(under, _)| under);
            if self.under.get_or_insert_with(|| under.to_owned()) == under {
                self.parts.push((attribute, raw.to_owned()));
            }
        } else if attribute == Attribute::FamilyName {
            let family = name::family(raw, country).good().map(|family| family.value);
            self.family = family.or(self.family.take());
        } else if attribute == Attribute::Name && self.family.is_none() {
            let full = name::full(raw, country).good().map(|full| full.value.family);
            self.family = full.filter(|family| !family.is_empty());
        }
    }

    /// An explicit null: they do not live there any more.
    pub(super) fn erased(&mut self, attribute: Attribute) {
        self.left |= matches!(attribute, Attribute::Street | Attribute::Address);
    }

    fn address(&self, context: &Context) -> Option<Address> {
        let of = |wanted| {
            let found = self.parts.iter().find(|(attribute, _)| *attribute == wanted);
            found.map(|(_, raw)| raw.as_str())
        };
        if let Some(line) = of(Attribute::Address) {
            return address::line(line, context.country_default).good().map(|good| good.value);
        }
        let street = of(Attribute::Street)?;
        let (flat, street) = match address::flat_first(street) {
            Some((flat, street)) => (Some(flat), street),
            None => (None, street),
        };
        let raw = RawAddress {
            street: Some(street),
            unit: of(Attribute::Unit).or(flat),
            city: of(Attribute::City),
            region: None,
            postcode: of(Attribute::Postcode),
            country: of(Attribute::Country),
        };
        address_parts(&raw, context.country_default).good().map(|good| good.value)
    }

    /// What goes on.
    pub(super) fn facts(&self, vault: &Vault, context: &Context, at: Timestamp) -> HomeFacts {
        let mut facts = HomeFacts::default();
        if let Some(address) = self.address(context)
            && let Some(house) = address.house_form()
        {
            let unit = address.unit_form().map(|unit| vault.feature("unit", &unit));
            facts.lives(vault.house(&house), unit, at);
        }
        if let Some(family) = &self.family {
            let heard = name::phonetic(&match_form(family));
            facts.is_called(vault.feature("family_sound", &heard), at);
        }
        if self.left {
            facts.leaves(at);
        }
        facts
    }
}

const fn is_of_address(attribute: Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Street
            | Attribute::Unit
            | Attribute::Postcode
            | Attribute::City
            | Attribute::Country
            | Attribute::Address
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use linkage::perfect::{Country, Date};

    /// The keys of house and flat that traits come to.
    fn said(traits: &[(&str, &str)]) -> Option<(String, Option<String>)> {
        let today = Date::of_timestamp(Timestamp(1_796_029_200_000));
        let context = Context { country_default: Country::of_code("GB"), today };
        let mut home = Home::default();
        for (name, raw) in traits {
            home.note(Attribute::of_name(name), name, raw, &context);
        }
        let address = home.address(&context)?;
        Some((address.house_form()?, address.unit_form()))
    }

    #[test]
    fn spellings_of_one_address_are_one_house() {
        let house = |street, postcode| {
            said(&[("address.street", street), ("address.postalCode", postcode)])
        };
        let elm = house("12 Elm Street", "LS1 4AP").unwrap();
        assert_eq!(house("12 Elm St.", "ls14ap"), Some(elm.clone()));
        assert_eq!(said(&[("address", "12 Elm Street, Leeds LS1 4AP")]), Some(elm.clone()));
        let flat = house("Flat 3, 12 Elm Street", "LS1 4AP").unwrap();
        assert_eq!((&flat.0, flat.1.as_deref()), (&elm.0, Some("3")));
        for (street, postcode) in [
            ("14 Elm Street", "LS1 4AP"),
            ("12 Oak Street", "LS1 4AP"),
            ("12 Elm Street", "LS1 4AQ"),
        ] {
            assert_ne!(house(street, postcode).map(|house| house.0), Some(elm.0.clone()));
        }
        assert_eq!(house("Elm Street", "LS1 4AP"), None, "a street is no house");
        assert_eq!(house("PO Box 12", "LS1 4AP"), None, "nobody lives in a box");
    }

    #[test]
    fn numbers_in_the_names_of_streets_count() {
        let house = |street| said(&[("street", street), ("postcode", "LS1 4AP")]).unwrap().0;
        assert_ne!(house("12 5th Avenue"), house("12 7th Avenue"));
    }

    #[test]
    fn two_addresses_in_one_message_are_not_mixed() {
        let one = [("address.street", "12 Elm Street"), ("address.postcode", "LS1 4AP")];
        let two = [("billing.street", "7 Oak Road"), ("billing.unit", "3")];
        let both: Vec<_> = one.into_iter().chain(two).collect();
        assert_eq!(said(&both), said(&one));
    }
}
