//! The attributes of a customer and the many names they come under.

use model::{Category, IdentifierKind};

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $category:ident, [$($name:literal),* $(,)?];)*) => {
        /// What a value says about a customer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute { $($(#[$doc])* $variant,)* }

        impl Attribute {
            /// Every attribute.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in API, files and documents.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What kind of data it is.
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)* }
            }

            fn of_plain(plain: &str) -> Option<Self> {
                match plain {
                    $($($name)|* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

attributes! {
    /// An email address.
    Email = "email", Contact, ["email", "mail", "emailaddress", "emailadresse", "correo",
        "correoelectronico", "courriel", "eposta", "epost", "mailadresse", "primaryemail",
        "homeemail", "workemail", "contactemail", "customeremail", "useremail", "personalemail"];
    /// A phone number.
    Phone = "phone", Contact, ["phone", "tel", "telephone", "telefon", "telefono", "telefone",
        "phonenumber", "telephonenumber", "telefonnummer", "telnr", "phoneno", "homephone",
        "primaryphone", "workphone", "contactphone", "contactnumber", "customerphone", "fon",
        "businessphone", "daytimephone", "telnumber"];
    /// A mobile phone number.
    Mobile = "mobile", Contact, ["mobile", "mobilephone", "cell", "cellphone", "handy", "mobil",
        "mobilenumber", "mobilefon", "mobiltelefon", "movil", "celular", "portable", "gsm",
        "whatsapp", "mobileno", "mobilenummer", "handynummer", "smsnumber"];
    /// A full name.
    Name = "name", Name, ["name", "fullname", "customername", "contactname", "displayname",
        "nombrecompleto", "nomcomplet", "nomecompleto", "nomecognome", "personname", "adsoyad",
        "clientname", "vollstandigername"];
    /// A form of address or academic title.
    Title = "title", Name, ["salutation", "anrede", "honorific", "honorificprefix", "nameprefix",
        "prefix", "civilite", "tratamiento", "titel", "courtesytitle"];
    /// Given names.
    GivenName = "given_name", Name, ["firstname", "givenname", "given", "vorname", "prenom",
        "nombre", "nome", "fname", "forename", "first", "voornaam", "fornamn", "imie", "ad",
        "primernombre", "customerfirstname", "namefirst"];
    /// Further given names.
    MiddleName = "middle_name", Name, ["middlename", "middle", "secondname", "middleinitial",
        "mname", "additionalname", "segundonombre", "zweitername"];
    /// Family names.
    FamilyName = "family_name", Name, ["lastname", "surname", "familyname", "family", "nachname",
        "familienname", "apellido", "apellidos", "sobrenome", "cognome", "lname", "achternaam",
        "efternamn", "nazwisko", "soyad", "nomdefamille", "last", "nom", "customerlastname",
        "namelast", "zuname"];
    /// `Jr`, `III`, `PhD`.
    Suffix = "suffix", Name, ["suffix", "namesuffix", "honorificsuffix", "generation"];
    /// The day of birth.
    BirthDate = "birth_date", Demographic, ["birthday", "birthdate", "dob", "dateofbirth",
        "birth", "geburtsdatum", "geburtstag", "gebdatum", "datedenaissance", "datenaissance",
        "naissance", "fechadenacimiento", "fechanacimiento", "datadenascimento",
        "datanascimento", "datadinascita", "geboortedatum", "fodelsedatum", "dataurodzenia",
        "dogumtarihi", "bday", "customerdob"];
    /// Gender or sex.
    Gender = "gender", Demographic, ["gender", "sex", "geschlecht", "sexe", "genre", "sexo",
        "genero", "sesso", "geslacht", "kon", "plec", "cinsiyet"];
    /// Years of age.
    Age = "age", Demographic, ["age", "alter", "edad", "idade"];
    /// A language.
    Language = "language", Demographic, ["language", "lang", "locale", "sprache", "langue",
        "idioma", "preferredlanguage"];
    /// A whole postal address in one text.
    Address = "address", Address, ["address", "fulladdress", "addressfull", "postaladdress",
        "mailingaddress", "homeaddress", "adresse", "anschrift", "direccion", "endereco",
        "indirizzo", "adres", "addressformatted", "formattedaddress"];
    /// Street and house number.
    Street = "street", Address, ["street", "streetaddress", "addressstreet", "addressline1",
        "address1", "addressline", "street1", "strasse", "strassehausnummer", "strassenr", "rue",
        "calle", "rua", "logradouro", "straat", "ulica", "gatuadress", "addressstreetaddress",
        "addressaddress1", "streetname", "streetline1", "addr1", "addressline1street"];
    /// Flat, floor or building.
    Unit = "unit", Address, ["unit", "address2", "addressline2", "apartment", "apt", "suite",
        "flat", "street2", "wohnung", "adresszusatz", "complement", "complemento", "addr2",
        "addressunit", "streetline2"];
    /// Town.
    City = "city", Address, ["city", "town", "locality", "ort", "stadt", "wohnort", "ville",
        "ciudad", "cidade", "citta", "stad", "postort", "miasto", "sehir", "addresscity",
        "addresstown", "addresslocality", "municipality", "plaats", "woonplaats", "suburb"];
    /// State, province, county.
    Region = "region", Address, ["region", "state", "province", "county", "bundesland", "estado",
        "provincia", "provinz", "departement", "addressstate", "addressregion", "prefecture",
        "stateprovince", "statecode", "uf", "addressprovince", "provincecode"];
    /// Postal code.
    Postcode = "postcode", Address, ["postcode", "postalcode", "zip", "zipcode", "plz",
        "postleitzahl", "codepostal", "cp", "codigopostal", "cep", "cap", "pincode",
        "postnummer", "kodpocztowy", "postakodu", "addresspostalcode", "addresszip",
        "addresspostcode", "addresszipcode", "postal", "eircode"];
    /// Country.
    Country = "country", Address, ["country", "countrycode", "land", "pays", "pais", "paese",
        "kraj", "ulke", "nation", "addresscountry", "countryname", "addresscountrycode"];
    /// The company a customer works for.
    Company = "company", Name, ["company", "companyname", "organisation", "organization",
        "firma", "employer", "entreprise", "empresa", "azienda", "societe", "bedrijf"];
    /// What the customer works as.
    JobTitle = "job_title", Demographic, ["title", "jobtitle", "position", "beruf", "occupation"];
    /// A name chosen on a site.
    Username = "username", Identifier, ["username", "login", "nickname", "handle", "screenname",
        "benutzername"];
    /// The source's id of a customer.
    UserId = "user_id", Identifier, ["userid", "customerid", "id", "uid", "customernumber",
        "kundennummer", "externalid", "clientid", "accountid", "memberid", "contactid"];
    /// The number of a loyalty card.
    Loyalty = "loyalty", Identifier, ["loyaltyid", "loyaltynumber", "loyalty", "cardnumberloyalty",
        "membershipnumber", "loyaltycard", "kundenkarte", "frequentflyer", "rewardsid"];
    /// An advertising or hardware id.
    DeviceId = "device_id", Device, ["deviceid", "advertisingid", "idfa", "idfv", "gaid", "adid",
        "deviceadvertisingid"];
    /// Something else.
    Other = "other", Unclassified, ["other"];
}

/// Parents that say whose the value is, but not that it is something else.
const PARENTS: &[&str] = &[
    "traits",
    "context",
    "user",
    "customer",
    "contact",
    "profile",
    "person",
    "properties",
    "address",
    "home",
    "homeaddress",
    "billing",
    "billingaddress",
    "postaladdress",
    "mailingaddress",
    "primary",
    "personal",
    "location",
    "defaultaddress",
];

impl Attribute {
    /// The attribute of a word, if it is one.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.word() == word)
    }

    /// The attribute that a trait or column name means, in any of the usual spellings.
    ///
    /// Parents are separated by dots. Those that only say whose the value is are skipped; under any
    /// other (`company.name`, `shipping.street`) only the whole path is looked up: a present is
    /// shipped to somebody else's home.
    pub fn of_name(name: &str) -> Self {
        if name.len() > NAME_MAX {
            return Self::Other;
        }
        let path: Vec<String> =
            name.split('.').map(plain).filter(|part| !part.is_empty()).collect();
        let skipped = path.iter().take_while(|part| PARENTS.contains(&part.as_str())).count();
        let Some(last) = path.len().checked_sub(1) else {
            return Self::Other;
        };
        let rest = path.get(skipped.min(last)..).unwrap_or_default().concat();
        Self::of_plain(&rest).or_else(|| Self::of_plain(&path.concat())).unwrap_or(Self::Other)
    }

    /// The kind of identifier it is, if it is one.
    pub const fn identifier(self) -> Option<IdentifierKind> {
        match self {
            Self::Email => Some(IdentifierKind::Email),
            Self::Phone | Self::Mobile => Some(IdentifierKind::Phone),
            Self::UserId => Some(IdentifierKind::UserId),
            Self::Loyalty => Some(IdentifierKind::Loyalty),
            Self::DeviceId => Some(IdentifierKind::DeviceId),
            Self::Name
            | Self::Title
            | Self::GivenName
            | Self::MiddleName
            | Self::FamilyName
            | Self::Suffix
            | Self::BirthDate
            | Self::Gender
            | Self::Age
            | Self::Language
            | Self::Address
            | Self::Street
            | Self::Unit
            | Self::City
            | Self::Region
            | Self::Postcode
            | Self::Country
            | Self::Company
            | Self::JobTitle
            | Self::Username
            | Self::Other => None,
        }
    }
}

/// The longest trait name that is looked up, in bytes.
const NAME_MAX: usize = 128;

/// Letters and digits only, folded: `First_Name`, `firstName` and `first name` are one.
fn plain(part: &str) -> String {
    if part.is_ascii() {
        let letters = part.chars().filter(char::is_ascii_alphanumeric);
        return letters.map(|letter| letter.to_ascii_lowercase()).collect();
    }
    crate::perfect::match_form(part).replace(' ', "")
}
