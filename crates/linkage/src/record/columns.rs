//! What columns mean, from their names and, where the name says nothing, from their content.

use crate::perfect::{Attribute, match_form};

/// The other columns that are compared.
pub const OTHERS_MAX: usize = 4;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The record's own name.
    Id,
    /// Given name or names.
    Given,
    /// Further given names or initials.
    Middle,
    /// Family name.
    Family,
    /// Generation.
    Suffix,
    /// A whole name.
    FullName,
    /// Sex or gender.
    Sex,
    /// Birth date.
    BirthDate,
    /// Street, perhaps with number and unit.
    Street,
    /// House number alone.
    HouseNumber,
    /// Flat, floor, second address line.
    Unit,
    /// Suburb, district.
    Suburb,
    /// Town.
    City,
    /// State, province, county.
    State,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// Email.
    Email,
    /// Phone.
    Phone,
    /// A number given by an authority: social security, tax, passport.
    GovernmentId,
    /// Another text that stays with a person, up to [`OTHERS_MAX`] columns.
    Other(u8),
    /// The source of the record.
    Source,
    /// When the source said so.
    Time,
    /// Not read.
    Ignored,
}

impl Field {
    /// The word for it in settings and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Given => "given_name",
            Self::Middle => "middle_name",
            Self::Family => "family_name",
            Self::Suffix => "suffix",
            Self::FullName => "name",
            Self::Sex => "sex",
            Self::BirthDate => "birth_date",
            Self::Street => "street",
            Self::HouseNumber => "house_number",
            Self::Unit => "unit",
            Self::Suburb => "suburb",
            Self::City => "city",
            Self::State => "state",
            Self::Postcode => "postcode",
            Self::Country => "country",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::GovernmentId => "government_id",
            Self::Other(_) => "other",
            Self::Source => "source",
            Self::Time => "time",
            Self::Ignored => "ignored",
        }
    }

    /// What a column of this name says; [`Field::Ignored`] when the name says nothing.
    pub fn of_column(name: &str) -> Self {
        by_name(name)
    }

    /// The field of a word of [`Field::word`]; `other` is the first other column.
    pub fn of_word(word: &str) -> Option<Self> {
        ALL.iter().copied().find(|field| field.word() == word)
    }
}

const ALL: &[Field] = &[
    Field::Id,
    Field::Given,
    Field::Middle,
    Field::Family,
    Field::Suffix,
    Field::FullName,
    Field::Sex,
    Field::BirthDate,
    Field::Street,
    Field::HouseNumber,
    Field::Unit,
    Field::Suburb,
    Field::City,
    Field::State,
    Field::Postcode,
    Field::Country,
    Field::Email,
    Field::Phone,
    Field::GovernmentId,
    Field::Other(0),
    Field::Source,
    Field::Time,
    Field::Ignored,
];

/// What each column of a table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// One field a column.
    pub fields: Vec<Field>,
}

/// How many rows of content are looked at for a column whose name says nothing.
const SAMPLE_MAX: usize = 200;

impl Schema {
    /// A schema given by hand.
    pub fn new(fields: Vec<Field>) -> Self {
        let mut schema = Self { fields };
        schema.settle();
        schema
    }

    /// Recognises columns by their names, and columns whose name says nothing by their content.
    ///
    /// Content finds emails, dates and phones. Other unknown columns are ignored: a column that says
    /// nothing about a person (a status, a score) would be evidence where there is none.
    pub fn recognise(names: &[&str], sample: &[Vec<String>]) -> Self {
        let mut fields: Vec<Field> = names.iter().map(|name| by_name(name)).collect();
        for (column, field) in fields.iter_mut().enumerate() {
            let says_nothing =
                names.get(column).is_some_and(|name| by_exact(&plain(name)).is_none());
            if *field == Field::Ignored && says_nothing {
                let values = sample.iter().take(SAMPLE_MAX).filter_map(|row| row.get(column));
                *field = by_content(values.map(String::as_str));
            }
        }
        Self::new(fields)
    }

    /// Says what one column means, against what was recognised.
    pub fn set(&mut self, column: usize, field: Field) {
        if let Some(known) = self.fields.get_mut(column) {
            *known = field;
        }
        self.settle();
    }

    /// Numbers the other columns, and drops those beyond [`OTHERS_MAX`].
    fn settle(&mut self) {
        let has = |field, fields: &[Field]| fields.contains(&field);
        let city = has(Field::City, &self.fields);
        let mut others = 0_u8;
        for field in &mut self.fields {
            if let Field::Other(_) = field {
                let room = usize::from(others) < OTHERS_MAX;
                *field = if room { Field::Other(others) } else { Field::Ignored };
                others = others.saturating_add(1);
            }
            // A suburb is the town where no other is named.
            if *field == Field::Suburb && !city {
                *field = Field::City;
            }
        }
    }

    /// Whether a field is among the columns.
    pub fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }
}

fn plain(name: &str) -> String {
    match_form(name).replace([' ', '_'], "")
}

/// Names of columns beyond those of traits. Truth and ids of clusters are never evidence.
fn by_exact(plain: &str) -> Option<Field> {
    Some(match plain {
        "id" | "recid" | "uniqueid" | "recordid" | "rowid" | "key" | "customerid" | "userid" => {
            Field::Id
        }
        "entityid" | "cluster" | "clusterid" | "truth" | "label" | "householdid" | "dwellingid"
        | "flags" | "personid" => Field::Ignored,
        "streetnumber" | "housenumber" | "houseno" | "hausnummer" | "streetno" => {
            Field::HouseNumber
        }
        "suburb" | "district" | "neighbourhood" | "neighborhood" | "ortsteil" | "bairro" => {
            Field::Suburb
        }
        "socsecid"
        | "ssn"
        | "socialsecuritynumber"
        | "nationalid"
        | "taxid"
        | "passport"
        | "passportnumber"
        | "governmentid"
        | "nhsnumber"
        | "nino"
        | "cpf"
        | "curp"
        | "dni"
        | "personalnumber"
        | "driverslicense"
        | "licensenumber"
        | "medicare"
        | "sin" => Field::GovernmentId,
        "birthplace" | "placeofbirth" | "occupation" | "profession" | "jobtitle" | "beruf"
        | "nationality" | "company" | "employer" | "mothersmaidenname" | "maidenname"
        | "geburtsort" | "religion" => Field::Other(0),
        "ts" | "time" | "timestamp" | "updatedat" | "createdat" | "modified" | "date" => {
            Field::Time
        }
        "source" | "system" | "sourcesystem" | "dataset" | "origin" => Field::Source,
        "phone1" | "phone2" | "phone3" | "mobilephone1" => Field::Phone,
        "email1" | "email2" | "email3" => Field::Email,
        _ => return None,
    })
}

/// What a part of a column's name says, in the order in which it is asked.
const PARTS: &[(&str, Field)] = &[
    ("email", Field::Email),
    ("phone", Field::Phone),
    ("mobile", Field::Phone),
    ("birthplace", Field::Other(0)),
    ("placeofbirth", Field::Other(0)),
    ("dateofbirth", Field::BirthDate),
    ("birthdate", Field::BirthDate),
    ("dob", Field::BirthDate),
    ("postcode", Field::Postcode),
    ("postalcode", Field::Postcode),
    ("zipcode", Field::Postcode),
    ("firstname", Field::Given),
    ("givenname", Field::Given),
    ("lastname", Field::Family),
    ("surname", Field::Family),
    ("familyname", Field::Family),
    ("middle", Field::Middle),
    ("fullname", Field::FullName),
    ("gender", Field::Sex),
];

fn by_name(name: &str) -> Field {
    let plain = plain(name);
    if let Some(field) = by_exact(&plain) {
        return field;
    }
    match Attribute::of_name(name) {
        Attribute::Email => Field::Email,
        Attribute::Phone | Attribute::Mobile => Field::Phone,
        Attribute::Name => Field::FullName,
        Attribute::GivenName => Field::Given,
        Attribute::MiddleName => Field::Middle,
        Attribute::FamilyName => Field::Family,
        Attribute::Suffix => Field::Suffix,
        Attribute::BirthDate => Field::BirthDate,
        Attribute::Gender => Field::Sex,
        Attribute::Address | Attribute::Street => Field::Street,
        Attribute::Unit => Field::Unit,
        Attribute::City => Field::City,
        Attribute::Region => Field::State,
        Attribute::Postcode => Field::Postcode,
        Attribute::Country => Field::Country,
        Attribute::Title
        | Attribute::Age
        | Attribute::Language
        | Attribute::Company
        | Attribute::JobTitle
        | Attribute::UserId
        | Attribute::Loyalty
        | Attribute::DeviceId
        | Attribute::Username
        | Attribute::Other => PARTS
            .iter()
            .find(|(part, _)| plain.contains(part))
            .map_or(Field::Ignored, |(_, field)| *field),
    }
}

/// The field that most of the values look like.
fn by_content<'a>(values: impl Iterator<Item = &'a str>) -> Field {
    let mut seen = 0_usize;
    let (mut emails, mut dates, mut phones) = (0_usize, 0_usize, 0_usize);
    for value in values.map(str::trim).filter(|value| !value.is_empty()) {
        seen += 1;
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let plain_date = value.len() == 10 && digits == 8;
        let other = |byte: &u8| !byte.is_ascii_digit() && !b"+-. ()/x".contains(byte);
        emails += usize::from(value.contains('@') && value.contains('.'));
        dates += usize::from(plain_date);
        phones += usize::from(
            !plain_date
                && (9..=15).contains(&digits)
                && !value.bytes().any(|byte| other(&byte))
                && value.len() > digits,
        );
    }
    let most = |count: usize| seen >= 3 && count * 10 >= seen * 8;
    match () {
        () if most(emails) => Field::Email,
        () if most(dates) => Field::BirthDate,
        () if most(phones) => Field::Phone,
        () => Field::Ignored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_headers_are_recognised() {
        for (name, field) in [
            ("rec_id", Field::Id),
            ("given_name", Field::Given),
            ("surname", Field::Family),
            ("street_number", Field::HouseNumber),
            ("address_1", Field::Street),
            ("address_2", Field::Unit),
            ("suburb", Field::Suburb),
            ("state", Field::State),
            ("postcode", Field::Postcode),
            ("postcode_fake", Field::Postcode),
            ("date_of_birth", Field::BirthDate),
            ("soc_sec_id", Field::GovernmentId),
            ("entity_id", Field::Ignored),
            ("household_id", Field::Ignored),
            ("middle_initial", Field::Middle),
            ("First Name", Field::Given),
            ("E-Mail", Field::Email),
            ("Mobile Phone", Field::Phone),
            ("Zip", Field::Postcode),
            ("full_name", Field::FullName),
            ("birth_place", Field::Other(0)),
            ("occupation", Field::Other(0)),
            ("lead_score", Field::Ignored),
        ] {
            assert_eq!(by_name(name), field, "{name}");
        }
    }

    #[test]
    fn content_speaks_where_the_header_does_not() {
        let row = |a: &str, b: &str, c: &str| vec![a.to_owned(), b.to_owned(), c.to_owned()];
        let sample = vec![
            row("ada@example.com", "1815-12-10", "(212) 555-0199"),
            row("bob@example.com", "1915-02-01", "212 555 7199"),
            row("eve@example.com", "1990-12-10", "212-555-1199"),
        ];
        let schema = Schema::recognise(&["c1", "c2", "c3"], &sample);
        assert_eq!(schema.fields, [Field::Email, Field::BirthDate, Field::Phone]);
    }
}
