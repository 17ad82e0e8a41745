//! The front door: the name of a trait and its raw value in, the attribute and its perfected value out.

mod vocabulary;

pub use vocabulary::Attribute;

use super::{
    Country, Date, Note, Notes, Perfected, Unreadable, Verdict, address, country, date, email,
    gender, junk, match_form, name, phone, pii, text,
};

/// What is known about where a value comes from.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The country whose habits hold for phone numbers, dates, postcodes and names that do not say.
    pub country_default: Option<Country>,
    /// The day on which the value arrived.
    pub today: Date,
}

/// A perfected value as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The value to keep and show.
    pub text: String,
    /// The value to compare and to derive blind indexes from, where equality means something.
    pub matching: Option<String>,
    /// What `matching` would be if a likely typing error were corrected. It never links by itself.
    pub suggestion: Option<String>,
    /// Many people may have this value: its equality is no evidence (role and throw-away mailboxes,
    /// service numbers).
    pub shared: bool,
}

/// A trait that was understood, or [`Attribute::Other`] when its name was not.
#[derive(Clone, Debug, PartialEq)]
pub struct Trait {
    /// What the value is.
    pub attribute: Attribute,
    /// The perfected value, or why there is none.
    pub verdict: Verdict<Value>,
}

/// Reads one trait. `attribute` is its name as sent, in any of the usual spellings, with the path of
/// its parents if it has any: `firstName`, `first_name`, `Vorname`, `address.postalCode`.
pub fn trait_value(attribute: &str, raw: &str, context: &Context) -> Trait {
    let attribute = Attribute::of_name(attribute);
    Trait { attribute, verdict: value(attribute, raw, context) }
}

/// Reads the value of a known attribute.
pub fn value(attribute: Attribute, raw: &str, context: &Context) -> Verdict<Value> {
    let country = context.country_default;
    match attribute {
        Attribute::Email => email::parse(raw).map(|email| Value {
            text: email.address,
            matching: Some(email.canonical),
            suggestion: email.suggestion,
            shared: email.shared,
        }),
        Attribute::Phone | Attribute::Mobile => phone::parse(raw, country)
            .map(|phone| Value { shared: phone.line == phone::Line::Service, ..same(phone.e164) }),
        Attribute::Name => name::full(raw, country).map(|full| {
            let matching = full.match_form();
            Value { matching: Some(matching), ..plain(full.display()) }
        }),
        Attribute::GivenName | Attribute::MiddleName => name::given(raw, country)
            .map(|given| Value { matching: Some(name::canonical_given(&given)), ..plain(given) }),
        Attribute::FamilyName => name::family(raw, country).map(folded),
        Attribute::Suffix => name::suffix(raw).map(folded),
        Attribute::BirthDate => {
            date::birth(raw, country, context.today).map(|born| same(born.to_string()))
        }
        Attribute::Gender => {
            gender::parse(raw, country).map(|gender| same(gender.word().to_owned()))
        }
        Attribute::Country => country::parse(raw).map(|country| same(country.word().to_owned())),
        Attribute::Street => address::street(raw, country)
            .map(|street| Value { matching: Some(street.match_form()), ..plain(street.display()) }),
        Attribute::Postcode => address::postcode(raw, country).map(same),
        Attribute::City => address::city(raw, country).map(folded),
        Attribute::Region => address::region(raw, country).map(folded),
        Attribute::Address => address::line(raw, country)
            .map(|address| Value { matching: address.match_form(), ..plain(address.display()) }),
        Attribute::Age => age(raw),
        Attribute::UserId | Attribute::Loyalty | Attribute::DeviceId => id(raw),
        Attribute::Unit | Attribute::Company => words(raw).map(folded),
        Attribute::Title | Attribute::JobTitle | Attribute::Language | Attribute::Username => {
            words(raw).map(plain)
        }
        Attribute::Other => free(raw),
    }
}

fn plain(text: String) -> Value {
    Value { text, matching: None, suggestion: None, shared: false }
}

fn same(text: String) -> Value {
    Value { matching: Some(text.clone()), ..plain(text) }
}

fn folded(text: String) -> Value {
    Value { matching: Some(match_form(&text)).filter(|form| !form.is_empty()), ..plain(text) }
}

/// Years of age; it ages, so it is no link feature.
fn age(raw: &str) -> Verdict<Value> {
    match words(raw) {
        Verdict::Good(good) => match good.value.parse::<u16>() {
            Ok(years) if years <= date::AGE_YEARS_MAX => {
                Verdict::Good(good.map(|_| plain(years.to_string())))
            }
            Ok(_) => Verdict::Unreadable(Unreadable::Impossible),
            Err(_) => Verdict::Unreadable(Unreadable::Malformed),
        },
        Verdict::Junk(reason) => Verdict::Junk(reason),
        Verdict::Unreadable(reason) => Verdict::Unreadable(reason),
    }
}

/// An id given by a source: case and punctuation belong to it; words for "nobody" do not make one.
fn id(raw: &str) -> Verdict<Value> {
    words(raw).map(same)
}

fn words(raw: &str) -> Verdict<String> {
    match text::clean(raw) {
        Err(reason) => Verdict::Unreadable(reason),
        Ok((clean, notes)) => match junk::text(&clean) {
            Some(reason) => Verdict::Junk(reason),
            None => Verdict::Good(Perfected { value: clean, confidence: 0.9, notes }),
        },
    }
}

/// A value nobody has said what it is: kept as it came, without the personal data found in it.
fn free(raw: &str) -> Verdict<Value> {
    let cut = pii::cut(raw);
    let mut notes = Notes::NONE;
    notes.add_if(!cut.found.is_empty(), Note::PiiCut);
    Verdict::Good(Perfected { value: plain(cut.clean.into_owned()), confidence: 1.0, notes })
}

#[cfg(test)]
mod tests;
