//! Words of street lines in eight languages and their one form.

use crate::perfect::Country;

/// One kind of street: the form to show, the key to compare, and what people write, folded.
pub(super) struct Kind {
    /// Languages in which it is read.
    pub(super) languages: &'static str,
    /// To show.
    pub(super) shown: &'static str,
    /// To compare.
    pub(super) key: &'static str,
    /// As written, folded; several words are separated by blanks.
    pub(super) written: &'static [&'static str],
}

macro_rules! kinds {
    ($($languages:literal $shown:literal $key:literal [$($written:literal),*];)*) => {
        &[$(Kind { languages: $languages, shown: $shown, key: $key, written: &[$($written),*] },)*]
    };
}

/// Kinds of streets, standing as words of their own (USPS Publication 28 appendix C, and others).
pub(super) const KINDS: &[Kind] = kinds! {
    "en" "Street" "st" ["st", "str", "street", "strt"];
    "en" "Avenue" "ave" ["ave", "av", "aven", "avenue", "avn"];
    "en" "Road" "rd" ["rd", "road"];
    "en" "Boulevard" "blvd" ["blvd", "boul", "boulevard"];
    "en" "Drive" "dr" ["dr", "drv", "drive"];
    "en" "Lane" "ln" ["ln", "lane"];
    "en" "Court" "ct" ["ct", "crt", "court"];
    "en" "Place" "pl" ["pl", "place"];
    "en" "Square" "sq" ["sq", "square"];
    "en" "Terrace" "ter" ["ter", "terr", "tce", "terrace"];
    "en" "Highway" "hwy" ["hwy", "hway", "highway"];
    "en" "Parkway" "pkwy" ["pkwy", "pky", "parkway"];
    "en" "Circle" "cir" ["cir", "circ", "circle"];
    "en" "Crescent" "cres" ["cres", "cr", "crescent"];
    "en" "Close" "cl" ["cl", "close"];
    "en" "Trail" "trl" ["trl", "trail"];
    "en" "Way" "way" ["wy", "way"];
    "en" "Gardens" "gdns" ["gdns", "gardens"];
    "en" "Grove" "gr" ["gr", "grv", "grove"];
    "en" "Expressway" "expy" ["expy", "expressway"];
    "de" "Straße" "str" ["str", "strasse"];
    "de" "Platz" "pl" ["pl", "platz"];
    "de" "Allee" "allee" ["allee"];
    "de" "Weg" "weg" ["weg"];
    "fr" "Rue" "rue" ["rue", "r"];
    "fr" "Avenue" "ave" ["av", "ave", "aven", "avenue"];
    "fr" "Boulevard" "bd" ["bd", "bld", "blvd", "boul", "boulevard"];
    "fr" "Place" "pl" ["pl", "place"];
    "fr" "Chemin" "ch" ["ch", "che", "chem", "chemin"];
    "fr" "Allée" "all" ["all", "allee", "allees"];
    "fr" "Impasse" "imp" ["imp", "impasse"];
    "fr" "Route" "rte" ["rte", "route"];
    "fr" "Faubourg" "fg" ["fg", "fbg", "faubourg"];
    "fr" "Quai" "quai" ["quai", "q"];
    "fr" "Square" "sq" ["sq", "square"];
    "es" "Calle" "c" ["c", "cl", "cll", "calle"];
    "es" "Avenida" "av" ["av", "avda", "ave", "avd", "avenida"];
    "es" "Plaza" "pl" ["pl", "pza", "plza", "plaza"];
    "es" "Paseo" "po" ["po", "pso", "paseo"];
    "es" "Carretera" "ctra" ["ctra", "carr", "carretera"];
    "es" "Carrera" "cra" ["cra", "kr", "cr", "carrera"];
    "es" "Camino" "cno" ["cno", "cmno", "camino"];
    "es" "Ronda" "rda" ["rda", "ronda"];
    "pt" "Rua" "r" ["r", "rua"];
    "pt" "Avenida" "av" ["av", "avda", "avenida"];
    "pt" "Praça" "pca" ["pc", "pca", "pr", "praca"];
    "pt" "Travessa" "tv" ["tv", "trav", "travessa"];
    "pt" "Alameda" "al" ["al", "alameda"];
    "pt" "Estrada" "est" ["est", "estr", "estrada"];
    "pt" "Rodovia" "rod" ["rod", "rodovia"];
    "pt" "Largo" "lgo" ["lg", "lgo", "largo"];
    "it" "Via" "via" ["via", "v"];
    "it" "Viale" "vle" ["vle", "v le", "viale"];
    "it" "Piazza" "pza" ["pza", "pzza", "p za", "p zza", "piazza"];
    "it" "Corso" "cso" ["cso", "c so", "corso"];
    "it" "Largo" "lgo" ["lgo", "largo"];
    "it" "Vicolo" "vic" ["vic", "vlo", "v lo", "vicolo"];
    "nl" "Straat" "str" ["str", "straat"];
    "nl" "Laan" "ln" ["ln", "laan"];
    "nl" "Plein" "pln" ["pln", "plein"];
    "sv" "Gatan" "g" ["g", "gatan", "gata"];
    "sv" "Vägen" "v" ["v", "vagen", "vag"];
    "pl" "ulica" "ul" ["ul", "ulica"];
    "pl" "aleja" "al" ["al", "aleja", "aleje"];
    "pl" "plac" "pl" ["pl", "plac"];
    "pl" "osiedle" "os" ["os", "osiedle"];
    "tr" "Caddesi" "cad" ["cad", "cd", "cadde", "caddesi"];
    "tr" "Sokak" "sok" ["sok", "sk", "sokak", "sokagi"];
    "tr" "Mahallesi" "mah" ["mah", "mh", "mahalle", "mahallesi"];
    "tr" "Bulvarı" "bul" ["bul", "blv", "bulvar", "bulvari"];
};

/// Endings of street names that people shorten: language, short endings, full one, key.
pub(super) const ENDINGS: &[(&str, &[&str], &str, &str)] = &[
    ("de", &["straße", "strasse", "str.", "str", "stra?e"], "straße", "str"),
    ("de", &["platz", "pl."], "platz", "pl"),
    ("nl", &["straat", "str.", "str"], "straat", "str"),
    ("nl", &["laan", "ln."], "laan", "ln"),
    ("nl", &["plein", "pln."], "plein", "pln"),
    ("sv", &["gatan", "g."], "gatan", "g"),
    ("sv", &["vägen", "vagen", "v."], "vägen", "v"),
];

/// The language whose words a country's streets have; the mostly spoken one where there are several.
pub(super) fn language(country: Option<Country>) -> Option<&'static str> {
    Some(match country?.word() {
        "US" | "GB" | "IE" | "CA" | "AU" | "NZ" | "IN" | "ZA" | "SG" | "PH" | "NG" | "KE"
        | "PK" | "HK" | "PR" => "en",
        "DE" | "AT" | "CH" | "LI" | "LU" => "de",
        "FR" | "MC" | "SN" | "CI" | "BE" | "MA" | "TN" => "fr",
        "IT" | "SM" | "VA" => "it",
        "NL" | "SR" => "nl",
        "SE" | "FI" => "sv",
        "BR" | "PT" | "AO" | "MZ" => "pt",
        "PL" => "pl",
        "TR" => "tr",
        code if crate::perfect::name::SPANISH.contains(&code) => "es",
        _ => return None,
    })
}

/// Directions: key, and what people write, folded (English only).
pub(super) const DIRECTIONS: &[(&str, &[&str])] = &[
    ("N", &["n", "north"]),
    ("S", &["s", "south"]),
    ("E", &["e", "east"]),
    ("W", &["w", "west"]),
    ("NE", &["ne", "northeast"]),
    ("NW", &["nw", "northwest"]),
    ("SE", &["se", "southeast"]),
    ("SW", &["sw", "southwest"]),
];

/// Words for flats, floors and doors, folded.
pub(super) const UNITS: &[&str] = &[
    "apt",
    "apartment",
    "unit",
    "suite",
    "ste",
    "flat",
    "floor",
    "fl",
    "room",
    "rm",
    "bldg",
    "building",
    "lot",
    "apto",
    "apartamento",
    "depto",
    "dpto",
    "piso",
    "puerta",
    "planta",
    "escalera",
    "esc",
    "bloco",
    "sala",
    "conj",
    "andar",
    "appartement",
    "appt",
    "app",
    "etage",
    "bat",
    "batiment",
    "porte",
    "esc",
    "whg",
    "wohnung",
    "og",
    "eg",
    "dg",
    "stock",
    "top",
    "daire",
    "kat",
    "lgh",
    "m",
    "lok",
    "mieszkanie",
    "int",
    "interno",
    "scala",
    "bus",
    "bte",
    "boite",
    "hs",
];

/// Beginnings of post office boxes, folded.
pub(super) const BOXES: &[&str] = &[
    "po box",
    "p o box",
    "pob",
    "post office box",
    "postfach",
    "pf",
    "boite postale",
    "bp",
    "b p",
    "apartado de correos",
    "apartado",
    "apdo",
    "caixa postal",
    "casella postale",
    "cp",
    "postbus",
    "box",
    "skrytka pocztowa",
    "posta kutusu",
    "pk",
    "gpo box",
    "private bag",
];
