//! Traits as the Segment spec and customer files name them.

use super::*;

const CONTEXT: Context =
    Context { country_default: None, today: Date { year: 2026, month: 11, day: 24 } };

#[test]
fn trait_names_mean_attributes() {
    for (name, attribute) in [
        ("email", Attribute::Email),
        ("E-Mail", Attribute::Email),
        ("e_mail", Attribute::Email),
        ("Email Address", Attribute::Email),
        ("firstName", Attribute::GivenName),
        ("first_name", Attribute::GivenName),
        ("Vorname", Attribute::GivenName),
        ("prénom", Attribute::GivenName),
        ("traits.lastName", Attribute::FamilyName),
        ("address.street", Attribute::Street),
        ("address.postalCode", Attribute::Postcode),
        ("billing_address.zip", Attribute::Postcode),
        ("address", Attribute::Address),
        ("user.id", Attribute::UserId),
        ("company.name", Attribute::Company),
        ("company.id", Attribute::Other),
        ("shipping.street", Attribute::Other),
        ("title", Attribute::JobTitle),
        ("Straße", Attribute::Street),
        ("date_of_birth", Attribute::BirthDate),
        ("Fecha de nacimiento", Attribute::BirthDate),
        ("sex", Attribute::Gender),
        ("shoeSize", Attribute::Other),
        ("...", Attribute::Other),
        ("", Attribute::Other),
    ] {
        assert_eq!(Attribute::of_name(name), attribute, "{name}");
    }
    for attribute in Attribute::ALL {
        assert_eq!(Attribute::of_word(attribute.word()), Some(*attribute));
    }
}

#[test]
fn a_value_is_kept_compared_or_refused() {
    let germany = Context { country_default: Country::of_code("DE"), ..CONTEXT };
    for (name, raw, text, matching) in [
        ("email", "Ada.L@GMail.com", "ada.l@gmail.com", Some("adal@gmail.com")),
        ("phone", "030 901820", "+4930901820", Some("+4930901820")),
        ("firstName", "BOB", "Bob", Some("robert")),
        ("lastName", "null", "Null", Some("null")),
        ("birthday", "5.3.1984", "1984-03-05", Some("1984-03-05")),
        ("gender", "w", "female", Some("female")),
        ("country", "Deutschland", "DE", Some("DE")),
        ("plz", "D-1067", "01067", Some("01067")),
        ("Straße", "Hauptstr. 5a", "Hauptstraße 5a", Some("hauptstr|5a|")),
        ("age", "42", "42", None),
        ("title", "VP of Engineering", "VP of Engineering", None),
        ("note", "mail ada@x.org", "mail [email]", None),
    ] {
        let verdict = trait_value(name, raw, &germany).verdict;
        let value = verdict.good().unwrap_or_else(|| panic!("{name} {raw}")).value;
        assert_eq!((&*value.text, value.matching.as_deref()), (text, matching), "{name} {raw}");
    }
    for (name, raw) in [
        ("email", "na@na.com"),
        ("phone", "0000000000"),
        ("first_name", "null"),
        ("userId", "undefined"),
        ("dob", "1900-01-01"),
    ] {
        assert!(
            matches!(trait_value(name, raw, &germany).verdict, Verdict::Junk(_)),
            "{name} {raw}"
        );
    }
}
