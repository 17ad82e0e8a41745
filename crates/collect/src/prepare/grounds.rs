//! What traits say that the contract needs to know: where the customer lives, and that somebody is a child.

use gate::Dated;
use linkage::perfect::{self, Attribute, Context, Country, Date, Verdict};
use model::{Jurisdiction, Timestamp};

/// From this age on nobody is a child to any law we know.
const GROWN: u8 = 18;

/// What was said, on its way to facts.
#[derive(Debug, Default)]
pub(super) struct Grounds {
    country: Option<Country>,
    region: Option<String>,
    age: Option<Age>,
}

/// How old somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// So many years.
    Child(u8),
    /// Old enough for every law.
    Grown,
}

impl Grounds {
    /// Takes note of one trait, as the source said it.
    pub(super) fn note(
        &mut self,
        attribute: Attribute,
        raw: &str,
        context: &Context,
        at: Timestamp,
    ) {
        let text = || match perfect::trait_value(attribute.word(), raw, context).verdict {
            Verdict::Good(good) => Some(good.value.text),
            Verdict::Junk(_) | Verdict::Unreadable(_) => None,
        };
        if attribute == Attribute::Country {
            self.country = text().and_then(|code| Country::of_code(&code)).or(self.country);
        } else if attribute == Attribute::Region {
            self.region = Some(raw.to_owned());
        } else if attribute == Attribute::BirthDate {
            let today = Date::of_timestamp(at);
            if let Some(born) = perfect::date::birth(raw, context.country_default, today).good() {
                self.age = Some(years(born.value, today));
            }
        } else if attribute == Attribute::Age && self.age.is_none() {
            self.age = text().and_then(|age| age.parse().ok()).map(child);
        }
    }

    /// Where the customer lives: the country that was named, or the source's where only a part of one was.
    pub(super) fn lives(
        &self,
        context: &Context,
        at: Timestamp,
    ) -> Option<Dated<Option<Jurisdiction>>> {
        let assumed = context.country_default.filter(|_| self.region.is_some());
        let country = self.country.or(assumed)?;
        let named = Context { country_default: Some(country), ..*context };
        let part = self.region.as_ref().and_then(|region| {
            perfect::trait_value(Attribute::Region.word(), region, &named).verdict.good()
        });
        let within = part.and_then(|part| {
            format!("{}-{}", country.word(), part.value.text).parse::<Jurisdiction>().ok()
        });
        let value = within.or_else(|| country.word().parse().ok());
        Some(Dated { at, value })
    }

    /// How old a child is.
    pub(super) fn age(&self, at: Timestamp) -> Option<Dated<Option<u8>>> {
        let value = match self.age? {
            Age::Child(years) => Some(years),
            Age::Grown => None,
        };
        Some(Dated { at, value })
    }
}

/// Whole years on a day, of a child; the younger age where the date is not whole.
fn years(born: perfect::PartialDate, today: Date) -> Age {
    let (month, day) = (born.month.unwrap_or(12), born.day.unwrap_or(31));
    let had = (today.month, today.day) >= (month, day);
    let years = today.year.saturating_sub(born.year).saturating_sub(u16::from(!had));
    child(years)
}

fn child(years: u16) -> Age {
    let child = u8::try_from(years).ok().filter(|years| *years < GROWN);
    child.map_or(Age::Grown, Age::Child)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine in the morning of 30 November 2026.
    const NOW: Timestamp = Timestamp(1_796_029_200_000);

    fn noted(traits: &[(Attribute, &str)], country: &str) -> (Option<String>, Option<Age>) {
        let context =
            Context { country_default: Country::of_code(country), today: Date::of_timestamp(NOW) };
        let mut grounds = Grounds::default();
        for (attribute, raw) in traits {
            grounds.note(*attribute, raw, &context, NOW);
        }
        let lives = grounds.lives(&context, NOW).and_then(|lives| lives.value);
        (lives.map(|place| place.to_string()), grounds.age)
    }

    #[test]
    fn an_address_says_under_whose_law_somebody_is() {
        use Attribute::{Country, Region};
        let check = |traits: &[(Attribute, &str)], country, wanted: Option<&str>| {
            assert_eq!(noted(traits, country).0.as_deref(), wanted, "{traits:?}");
        };
        check(&[], "US", None);
        check(&[(Country, "Germany")], "US", Some("de"));
        check(&[(Region, "California")], "US", Some("us-ca"));
        check(&[(Region, "QC"), (Country, "Canada")], "US", Some("ca-qc"));
        check(&[(Country, "FR"), (Region, "Bretagne")], "", Some("fr"));
        check(&[(Region, "California")], "", None);
    }

    #[test]
    fn a_child_is_known_by_birth_date_or_age() {
        use Attribute::{Age as Years, BirthDate};
        let check = |traits: &[(Attribute, &str)], wanted| {
            assert_eq!(noted(traits, "US").1, wanted, "{traits:?}");
        };
        check(&[], None);
        check(&[(BirthDate, "2012-11-30")], Some(Age::Child(14)));
        check(&[(BirthDate, "2012-12-01")], Some(Age::Child(13)));
        check(&[(BirthDate, "2012")], Some(Age::Child(13)));
        check(&[(BirthDate, "1985-02-28")], Some(Age::Grown));
        check(&[(Years, "15")], Some(Age::Child(15)));
        check(&[(Years, "41")], Some(Age::Grown));
        check(&[(BirthDate, "2012-11-30"), (Years, "41")], Some(Age::Child(14)));
        check(&[(BirthDate, "soon")], None);
    }
}
