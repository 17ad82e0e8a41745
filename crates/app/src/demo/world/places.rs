//! Where people live: eleven countries, their cities, and how each writes a street and a postcode.

use super::chance::{Chance, wide};

/// One country's places.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1 alpha-2.
    pub(super) code: &'static str,
    /// What a form or clerk writes for it.
    pub(super) name: &'static str,
    /// BCP 47 tag of its browsers.
    pub(super) locale: &'static str,
    /// How many households of a thousand live here.
    pub(super) weight: u64,
    /// The culture most of its people have, an index into the names.
    pub(super) culture: usize,
    /// `City:start of the postcode`, parted by commas.
    cities: &'static str,
    /// `#` number, `@` street of the list.
    street: &'static str,
    streets: &'static str,
    /// Follows the postcode's start: `9` a digit, `A` a letter, others as they are.
    code_tail: &'static str,
    /// Names a flat inside the house; `9` a digit, `A` a letter. Empty when unusual.
    flat: &'static str,
}

/// A home's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Index into [`COUNTRIES`].
    pub(super) country: usize,
    /// Street, house number and flat as the country writes them.
    pub(super) street: String,
    /// City or town.
    pub(super) city: &'static str,
    /// Postcode as the country writes it.
    pub(super) postcode: String,
}

/// An address in a country, drawn.
pub(super) fn draw(country: usize, chance: &mut Chance) -> Address {
    let Some(place) = COUNTRIES.get(country) else { return Address::default() };
    let cities: Vec<_> = place.cities.split(',').collect();
    let (city, start) = chance.favour(&cities).split_once(':').unwrap_or_default();
    let streets: Vec<_> = place.streets.split(',').collect();
    let street = chance.pick(&streets);
    let longest = if chance.often(800) { 60 } else { 240 };
    let number = 1 + chance.below(longest);
    let number = if place.code == "US" { number * 17 + 100 } else { number };
    let mut written = place.street.replace('@', street).replace('#', &number.to_string());
    if !place.flat.is_empty() && chance.often(300) {
        written = place.flat.replace('@', &written);
        written = filled(&written, '~', chance);
    }
    let postcode = format!("{start}{}", filled(place.code_tail, '9', chance));
    Address { country, street: written, city, postcode }
}

/// A country as often as its weight.
pub(super) fn draw_country(chance: &mut Chance) -> usize {
    let weights: Vec<_> = COUNTRIES.iter().map(|country| country.weight).collect();
    chance.weighted(&weights)
}

fn filled(pattern: &str, digit: char, chance: &mut Chance) -> String {
    const LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
    let mut out = String::with_capacity(pattern.len());
    for letter in pattern.chars() {
        match letter {
            'A' if digit == '9' => out.push(char::from(chance.pick(LETTERS))),
            '1' if digit == '9' => out.push_str(&(1 + chance.below(9)).to_string()),
            _ if letter == digit => {
                let drawn = if digit == '~' { 1 + chance.below(9) } else { chance.below(10) };
                out.push_str(&drawn.to_string());
            }
            _ => out.push(letter),
        }
    }
    out
}

/// A shop of the brand that has a till.
pub(super) fn store(number: u64) -> &'static str {
    const STORES: [&str; 12] = [
        "London Marylebone",
        "Manchester",
        "Edinburgh",
        "Dublin",
        "Berlin Mitte",
        "Hamburg",
        "Lyon",
        "Austin",
        "Portland",
        "Utrecht",
        "Uppsala",
        "Melbourne",
    ];
    let index = usize::try_from(number % wide(STORES.len())).unwrap_or_default();
    STORES.get(index).copied().unwrap_or_default()
}

/// Every country. The order is part of the seed's meaning.
pub(super) const COUNTRIES: [Country; 11] = [
    Country {
        code: "GB",
        name: "United Kingdom",
        locale: "en-GB",
        weight: 270,
        culture: 0,
        cities: "London:SW,Manchester:M,Birmingham:B,Leeds:LS,Bristol:BS,Sheffield:S,Liverpool:L,\
            Edinburgh:EH,Glasgow:G,Cardiff:CF,Belfast:BT,Newcastle upon Tyne:NE,Norwich:NR,York:YO,\
            Exeter:EX,Brighton:BN",
        street: "# @",
        streets: "High Street,Station Road,Church Lane,Victoria Road,Mill Lane,Park Road,The Green,\
            Queens Road,Manor Road,Kings Road,New Road,Grange Road,Albert Road,Orchard Close,\
            Springfield Road,Elm Grove,Chestnut Avenue,Windsor Drive,Highfield Road,Alexandra Road,\
            Bridge Street,West Street,Cedar Close,Beech Avenue,Meadow View,Hawthorn Way",
        code_tail: "1 1AA",
        flat: "Flat ~, @",
    },
    Country {
        code: "US",
        name: "United States",
        locale: "en-US",
        weight: 170,
        culture: 0,
        cities: "Austin:787,Portland:972,Chicago:606,Seattle:981,Denver:802,Columbus:432,Boston:021,\
            Atlanta:303,Phoenix:850,Nashville:372,Madison:537,Tucson:857,Boise:837",
        street: "# @",
        streets: "Maple St,Oak Ave,Cedar Ln,Main St,Washington Blvd,Elm St,Lake Dr,Hill Rd,Pine St,\
            Park Ave,2nd St,5th Ave,Sunset Blvd,River Rd,Lincoln Ave,Jefferson St,Walnut St,\
            Spring St,Meadow Ln,Dogwood Ct,NW 14th Ave,Martin Luther King Jr Blvd",
        code_tail: "99",
        flat: "@ Apt ~",
    },
    Country {
        code: "IE",
        name: "Ireland",
        locale: "en-IE",
        weight: 70,
        culture: 0,
        cities: "Dublin:D06,Cork:T12,Galway:H91,Limerick:V94,Waterford:X91,Kilkenny:R95,Sligo:F91",
        street: "# @",
        streets: "Main Street,O'Connell Street,Church Road,Chapel Lane,Patrick Street,Abbey Road,\
            The Crescent,Beech Park,Oak Lawn,Seaview Terrace,Castle Avenue,Millbrook Court",
        code_tail: " A1A1",
        flat: "Apartment ~, @",
    },
    Country {
        code: "DE",
        name: "Deutschland",
        locale: "de-DE",
        weight: 120,
        culture: 1,
        cities: "Berlin:10,Hamburg:20,München:80,Köln:50,Frankfurt am Main:60,Leipzig:04,Dresden:01,\
            Stuttgart:70,Nürnberg:90,Bremen:28,Freiburg im Breisgau:79,Münster:48",
        street: "@ #",
        streets: "Hauptstraße,Schulstraße,Gartenstraße,Bahnhofstraße,Lindenstraße,Bergstraße,\
            Kirchstraße,Waldweg,Goethestraße,Schillerstraße,Mozartstraße,Rosenweg,Am Markt,\
            Friedrichstraße,Birkenweg,Ringstraße,Mühlenweg,Karl-Marx-Allee,Straße des 17. Juni",
        code_tail: "999",
        flat: "",
    },
    Country {
        code: "FR",
        name: "France",
        locale: "fr-FR",
        weight: 110,
        culture: 2,
        cities: "Paris:750,Lyon:690,Marseille:130,Toulouse:310,Nantes:440,Bordeaux:330,Lille:590,\
            Rennes:350,Strasbourg:670,Montpellier:340,Aix-en-Provence:131",
        street: "# @",
        streets: "rue des Lilas,rue de l'Église,avenue Victor Hugo,place de la République,\
            rue du Moulin,boulevard Gambetta,rue Pasteur,chemin des Vignes,rue Jean Jaurès,\
            allée des Tilleuls,rue de la Gare,impasse du Château,quai Saint-Michel,rue Émile Zola",
        code_tail: "99",
        flat: "@, appt ~",
    },
    Country {
        code: "ES",
        name: "España",
        locale: "es-ES",
        weight: 55,
        culture: 4,
        cities: "Madrid:280,Barcelona:080,Valencia:460,Sevilla:410,Bilbao:480,Málaga:290,Zaragoza:500",
        street: "@ #",
        streets: "Calle Mayor,Calle Real,Avenida de la Constitución,Calle San José,Plaza de España,\
            Calle del Sol,Paseo de la Estación,Calle Cervantes,Calle Nueva,Rambla de Catalunya",
        code_tail: "99",
        flat: "@, ~º B",
    },
    Country {
        code: "IT",
        name: "Italia",
        locale: "it-IT",
        weight: 55,
        culture: 5,
        cities: "Roma:001,Milano:201,Torino:101,Bologna:401,Firenze:501,Napoli:801,Genova:161,Verona:371",
        street: "@ #",
        streets: "Via Roma,Via Garibaldi,Corso Italia,Via Dante,Via Mazzini,Piazza San Marco,\
            Viale della Libertà,Via Verdi,Via Cavour,Via dei Mille,Via Giuseppe Verdi",
        code_tail: "99",
        flat: "@, int. ~",
    },
    Country {
        code: "NL",
        name: "Nederland",
        locale: "nl-NL",
        weight: 55,
        culture: 3,
        cities: "Amsterdam:10,Utrecht:35,Rotterdam:30,Den Haag:25,Groningen:97,Eindhoven:56,Haarlem:20",
        street: "@ #",
        streets: "Kerkstraat,Dorpsstraat,Schoolstraat,Molenweg,Julianastraat,Wilhelminastraat,\
            Prinsengracht,Stationsweg,Beatrixlaan,Oranjestraat,Eikenlaan,Burgemeester van Royensingel",
        code_tail: "99 AA",
        flat: "@-~",
    },
    Country {
        code: "PL",
        name: "Polska",
        locale: "pl-PL",
        weight: 40,
        culture: 6,
        cities: "Warszawa:00,Kraków:30,Wrocław:50,Poznań:60,Gdańsk:80,Łódź:90,Lublin:20",
        street: "ul. @ #",
        streets: "Polna,Leśna,Słoneczna,Krótka,Szkolna,Ogrodowa,Lipowa,Brzozowa,Łąkowa,Kwiatowa,\
            Mickiewicza,Kościuszki,Piłsudskiego,Jana Pawła II",
        code_tail: "-999",
        flat: "@/~",
    },
    Country {
        code: "SE",
        name: "Sverige",
        locale: "sv-SE",
        weight: 30,
        culture: 7,
        cities: "Stockholm:11,Uppsala:75,Göteborg:41,Malmö:21,Lund:22,Umeå:90",
        street: "@ #",
        streets: "Storgatan,Kungsgatan,Drottninggatan,Skolgatan,Björkvägen,Ringvägen,Kyrkogatan,\
            Skogsvägen,Ängsvägen,Järnvägsgatan",
        code_tail: "9 99",
        flat: "@ lgh 110~",
    },
    Country {
        code: "AU",
        name: "Australia",
        locale: "en-AU",
        weight: 25,
        culture: 0,
        cities: "Melbourne:30,Sydney:20,Brisbane:40,Perth:60,Adelaide:50,Hobart:70",
        street: "# @",
        streets: "Acacia Avenue,Banksia Street,Wattle Street,Bay Road,Collins Street,Ocean Parade,\
            Eucalyptus Drive,Station Street,Railway Terrace",
        code_tail: "99",
        flat: "~/@",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_their_country_does() {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        for (index, country) in COUNTRIES.iter().enumerate() {
            let mut chance = Chance::of(&[7, wide(index)]);
            for _ in 0..200 {
                let home = draw(index, &mut chance);
                assert!(digits(&home.street) > 0 && !home.city.is_empty(), "{home:?}");
                assert!(!home.street.contains(['~', '@', '#']), "{home:?}");
                let expected = match country.code {
                    "US" | "DE" | "FR" | "ES" | "IT" | "PL" | "SE" => 5,
                    "NL" | "IE" | "AU" => 4,
                    _ => 2,
                };
                assert_eq!(digits(&home.postcode), expected, "{home:?}");
            }
        }
    }

    #[test]
    fn weights_make_a_thousand() {
        assert_eq!(COUNTRIES.iter().map(|country| country.weight).sum::<u64>(), 1_000);
    }
}
