//! Texts that stand where a value is missing.

use super::{Junk, match_form};

/// Words that say "there is no value", folded, without blanks.
const PLACEHOLDERS: &[&str] = &[
    "na",
    "none",
    "null",
    "nil",
    "nan",
    "undefined",
    "unknown",
    "unkown",
    "notavailable",
    "notapplicable",
    "notprovided",
    "notgiven",
    "notset",
    "notspecified",
    "missing",
    "empty",
    "blank",
    "noname",
    "nofirstname",
    "nolastname",
    "noemail",
    "nophone",
    "noaddress",
    "anonymous",
    "guest",
    "user",
    "customer",
    "tbd",
    "tba",
    "todo",
    "default",
    "nodata",
    "novalue",
    "private",
    "withheld",
    "nosurname",
    "fnu",
    "lnu",
    "nfn",
    "nmn",
    "firstname",
    "lastname",
    "surname",
    "yourname",
    "fullname",
    "unbekannt",
    "unbek",
    "keine",
    "keineangabe",
    "keineangaben",
    "ka",
    "nichtangegeben",
    "ohne",
    "ohnenamen",
    "leer",
    "kunde",
    "gast",
    "vorname",
    "nachname",
    "inconnu",
    "inconnue",
    "aucun",
    "aucune",
    "neant",
    "nonrenseigne",
    "nondisponible",
    "nc",
    "sansnom",
    "prenom",
    "sinnombre",
    "sinapellido",
    "desconocido",
    "desconocida",
    "ninguno",
    "ninguna",
    "nodisponible",
    "sindatos",
    "nombre",
    "apellido",
    "desconhecido",
    "desconhecida",
    "nenhum",
    "nenhuma",
    "naoinformado",
    "semnome",
    "sconosciuto",
    "nessuno",
    "onbekend",
    "geen",
    "okand",
    "ukjent",
    "ukendt",
    "tuntematon",
    "nieznany",
    "nieznane",
    "brak",
    "bilinmiyor",
    "yok",
    "belirtilmemis",
    "neizvestno",
    "net",
    "不明",
    "不详",
    "未知",
    "なし",
    "無し",
    "无",
    "未定",
    "ゲスト",
    "غيرمعروف",
    "لايوجد",
    "مجهول",
    "अज्ञात",
];

/// Words people type to get past a form, folded, without blanks.
const FILLERS: &[&str] = &[
    "test",
    "testing",
    "tester",
    "testtest",
    "testuser",
    "test123",
    "asdf",
    "asdfasdf",
    "asdfg",
    "asdfgh",
    "asdfghjkl",
    "asd",
    "asdasd",
    "sdf",
    "sdfsdf",
    "qwe",
    "qwer",
    "qwerty",
    "qwertz",
    "azerty",
    "qweqwe",
    "zxc",
    "zxcv",
    "xyz",
    "abc",
    "abcd",
    "abcde",
    "abcdef",
    "abc123",
    "aaa",
    "dummy",
    "fake",
    "foo",
    "bar",
    "foobar",
    "blah",
    "blabla",
    "lorem",
    "loremipsum",
    "sample",
    "example",
    "prueba",
    "teste",
    "prova",
    "essai",
    "donotuse",
    "delete",
    "deleted",
    "fdsa",
    "jkl",
    "hjkl",
    "yxcv",
    "mickeymouse",
    "donaldduck",
    "johndoe",
    "janedoe",
    "maxmustermann",
    "erikamustermann",
    "mustermann",
    "テスト",
    "测试",
];

/// Why a text stands for no value, or nothing when it may be one.
///
/// Words that are surnames too (`Null`, `Test`, `Guest`, `Blank`, `Private`) are junk here;
/// [`super::name`] knows better.
pub fn text(raw: &str) -> Option<Junk> {
    if raw.len() > 96 {
        return None;
    }
    let folded = match_form(raw).replace(' ', "");
    if folded.is_empty() || PLACEHOLDERS.contains(&folded.as_str()) {
        return Some(Junk::Placeholder);
    }
    if FILLERS.contains(&folded.as_str()) || is_repeated(&folded) {
        return Some(Junk::Filler);
    }
    None
}

/// Three or more times the same ASCII letter or digit: "xxx", "000".
pub(super) fn is_repeated(folded: &str) -> bool {
    let first = folded.bytes().next();
    folded.len() >= 3 && folded.is_ascii() && folded.bytes().all(|byte| Some(byte) == first)
}

/// Surnames and given names that real people have although they are in the lists above.
const REAL_NAMES: &[&str] = &[
    "null",
    "test",
    "guest",
    "blank",
    "private",
    "gast",
    "bar",
    "ka",
    "na",
    "nan",
    "kunde",
    "ohne",
    "leer",
    "nil",
    "yok",
    "net",
    "missing",
    "fake",
    "tester",
    "nc",
    "asd",
    "tuntematon",
    "mustermann",
    "sample",
    "teste",
    "prova",
    "abc",
    "brak",
    "nombre",
];

/// Like [`text`] for a surname: "Null", "Test" and "Na" are surnames.
pub(super) fn surname(raw: &str) -> Option<Junk> {
    let folded = match_form(raw);
    if REAL_NAMES.contains(&folded.as_str()) && raw.chars().all(char::is_alphabetic) {
        return None;
    }
    text(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_many_languages_are_junk() {
        for raw in [
            "n/a",
            "N.A.",
            "none",
            "-",
            "--",
            "?",
            "…",
            "Unknown",
            "unbekannt",
            "keine Angabe",
            "k.A.",
            "sin nombre",
            "inconnu",
            "não informado",
            "nieznany",
            "bilinmiyor",
            "不明",
            "なし",
            "غير معروف",
            "okänd",
            "onbekend",
            "null",
        ] {
            assert_eq!(text(raw), Some(Junk::Placeholder), "{raw}");
        }
        for raw in ["test", "asdf", "xxx", "XXXX", "000", "qwerty", "Max Mustermann", "テスト"] {
            assert_eq!(text(raw), Some(Junk::Filler), "{raw}");
        }
        for raw in ["Ada", "Li", "O", "Xu", "No", "Nadia", "Testa", "北京"] {
            assert_eq!(text(raw), None, "{raw}");
        }
    }

    #[test]
    fn null_is_a_surname() {
        for raw in ["Null", "null", "NULL", "Test", "Na", "Blank"] {
            assert_eq!(surname(raw), None, "{raw}");
        }
        assert_eq!(surname("n/a"), Some(Junk::Placeholder));
        assert_eq!(surname("unknown"), Some(Junk::Placeholder));
    }
}
