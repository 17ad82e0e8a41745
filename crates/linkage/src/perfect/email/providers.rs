//! What is known about mailbox providers, misspelt domains, role and throw-away mailboxes.

use std::collections::HashSet;
use std::sync::LazyLock;

/// How a provider reads local parts.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// The character that begins a tag.
    pub(super) tag: Option<char>,
    /// Whether dots make no difference.
    pub(super) dots_ignored: bool,
}

const PLAIN: Rule = Rule { tag: None, dots_ignored: false };
const TAGS: Rule = Rule { tag: Some('+'), dots_ignored: false };

/// The provider's rule and the domain that stands for all its aliases.
pub(super) fn rule(domain: &str) -> (Rule, &str) {
    match domain {
        "gmail.com" | "googlemail.com" => {
            (Rule { tag: Some('+'), dots_ignored: true }, "gmail.com")
        }
        "proton.me" | "protonmail.com" | "protonmail.ch" | "pm.me" => (TAGS, "proton.me"),
        "icloud.com" | "me.com" | "mac.com" => (TAGS, "icloud.com"),
        "yandex.ru" | "ya.ru" | "yandex.com" | "yandex.kz" | "yandex.by" => (TAGS, "yandex.ru"),
        "fastmail.com" | "fastmail.fm" | "zoho.com" | "hey.com" | "mailbox.org" | "posteo.de"
        | "tutanota.com" | "tuta.io" | "runbox.com" | "msn.com" | "migadu.com" => (TAGS, domain),
        _ if is_microsoft(domain) => (TAGS, domain),
        _ => (PLAIN, domain),
    }
}

fn is_microsoft(domain: &str) -> bool {
    ["outlook.", "hotmail.", "live."].iter().any(|start| {
        domain
            .strip_prefix(start)
            .is_some_and(|end| end.len() <= 6 && (end == "com" || is_country(end)))
    })
}

/// `de`, `co.uk`, `com.br`.
fn is_country(end: &str) -> bool {
    let last = end.strip_prefix("co.").or_else(|| end.strip_prefix("com.")).unwrap_or(end);
    last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether anybody can open a mailbox there.
pub(super) fn is_free(domain: &str) -> bool {
    let name = domain.split('.').next().unwrap_or_default();
    matches!(
        name,
        "gmail"
            | "googlemail"
            | "yahoo"
            | "ymail"
            | "hotmail"
            | "outlook"
            | "live"
            | "msn"
            | "aol"
            | "icloud"
            | "mail"
            | "gmx"
            | "web"
            | "protonmail"
            | "proton"
            | "yandex"
            | "qq"
            | "email"
            | "freenet"
            | "wp"
            | "o2"
            | "libero"
            | "orange"
            | "uol"
            | "bol"
            | "terra"
            | "rediffmail"
            | "naver"
            | "me"
            | "mac"
    )
}

/// Misspelt domains and what was meant: names seen in customer files, not every near word, since
/// `mail.com` and `ymail.com` are one letter from `gmail.com` and real.
const MISSPELT: &[(&str, &[&str])] = &[
    (
        "gmail.com",
        &[
            "gmial.com",
            "gmai.com",
            "gmal.com",
            "gmil.com",
            "gamil.com",
            "gnail.com",
            "gmaill.com",
            "gmail.co",
            "gmail.cm",
            "gmail.om",
            "gmail.comm",
            "gmail.coom",
            "gmali.com",
            "gmaio.com",
            "gmaul.com",
            "gemail.com",
            "ggmail.com",
            "gmsil.com",
            "gmqil.com",
            "gimail.com",
            "gmaii.com",
            "gmail.net",
            "gmail.org",
            "fmail.com",
            "hmail.com",
            "gmeil.com",
            "gmail.de",
            "gmail.fr",
            "gmail.es",
            "gmail.co.uk",
            "jmail.com",
            "gmailcom.com",
        ],
    ),
    ("googlemail.com", &["googelmail.com", "goglemail.com", "googlemail.de", "gogglemail.com"]),
    (
        "hotmail.com",
        &[
            "hotmial.com",
            "hotmai.com",
            "hotmal.com",
            "hotmil.com",
            "hotamil.com",
            "hotmaill.com",
            "hotmail.co",
            "hotmail.cm",
            "hotnail.com",
            "hotmali.com",
            "homtail.com",
            "htomail.com",
            "hotmeil.com",
            "hormail.com",
            "hotmaik.com",
            "otmail.com",
            "hitmail.com",
            "hotmail.comm",
        ],
    ),
    (
        "outlook.com",
        &[
            "outlok.com",
            "outloo.com",
            "outllok.com",
            "outlokk.com",
            "oulook.com",
            "outlook.co",
            "outook.com",
            "outlock.com",
        ],
    ),
    (
        "yahoo.com",
        &[
            "yaho.com",
            "yhoo.com",
            "yahho.com",
            "yahooo.com",
            "yaoo.com",
            "yhaoo.com",
            "yahoo.co",
            "yahoo.cm",
            "yajoo.com",
            "yanoo.com",
            "uahoo.com",
            "yaboo.com",
            "yahoo.comm",
            "tahoo.com",
        ],
    ),
    (
        "icloud.com",
        &[
            "iclod.com",
            "icoud.com",
            "icloud.co",
            "iclould.com",
            "icluod.com",
            "icloud.cm",
            "iclud.com",
        ],
    ),
    ("aol.com", &["aol.co", "aol.cm", "ao.com", "aoll.com"]),
    ("gmx.de", &["gmx.d", "gmx.dee", "gmy.de", "gxm.de", "gmx.ed"]),
    ("web.de", &["wed.de", "wbe.de", "weeb.de", "web.ed"]),
    ("t-online.de", &["t-onlin.de", "tonline.de", "t-oline.de", "t-onine.de", "t-online.d"]),
    ("orange.fr", &["ornage.fr", "orang.fr", "orange.f"]),
    ("wanadoo.fr", &["wanado.fr", "wanadou.fr"]),
    ("libero.it", &["libreo.it", "liber.it"]),
    ("hotmail.fr", &["hotmial.fr", "hotmai.fr"]),
    ("hotmail.co.uk", &["hotmial.co.uk", "hotmai.co.uk", "hotmail.couk"]),
];

/// Endings that do not exist and what was meant.
const MISSPELT_ENDINGS: &[(&str, &str)] = &[
    ("con", "com"),
    ("cmo", "com"),
    ("ocm", "com"),
    ("comm", "com"),
    ("vom", "com"),
    ("coom", "com"),
    ("xom", "com"),
    ("cim", "com"),
    ("copm", "com"),
    ("clm", "com"),
    ("nte", "net"),
    ("ner", "net"),
    ("ogr", "org"),
    ("orgg", "org"),
    ("dee", "de"),
];

/// The domain that was probably meant, if it is not the one that was written.
pub(super) fn corrected(domain: &str) -> Option<String> {
    let misspelt = |domain: &str| {
        MISSPELT
            .iter()
            .find(|(_, wrong)| wrong.contains(&domain))
            .map(|(right, _)| (*right).to_owned())
    };
    if let Some(right) = misspelt(domain) {
        return Some(right);
    }
    let (name, ending) = domain.rsplit_once('.')?;
    let (_, right) = MISSPELT_ENDINGS.iter().find(|(wrong, _)| *wrong == ending)?;
    let repaired = format!("{name}.{right}");
    Some(misspelt(&repaired).unwrap_or(repaired))
}

static ROLES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/roles.txt").split_whitespace().collect());

/// Whether a local part names a function.
pub(super) fn is_role(local: &str) -> bool {
    let untagged = local.split('+').next().unwrap_or(local);
    let plain: String =
        untagged.chars().filter(|letter| !matches!(letter, '.' | '-' | '_')).collect();
    ROLES.contains(plain.as_str())
}

/// Local parts that say that there is no address, wherever they are.
pub(super) const NO_MAILBOX: &[&str] = &[
    "noemail",
    "nomail",
    "noemailaddress",
    "noaddress",
    "nomailbox",
    "notprovided",
    "noemailprovided",
    "donotemail",
    "refused",
    "declined",
    "unknown",
    "none",
    "keinemail",
    "keineemail",
    "keinemailvorhanden",
    "sincorreo",
    "sinemail",
    "notiene",
    "notienecorreo",
    "semmail",
    "sememail",
    "naotem",
    "pasdemail",
    "pasdemel",
    "sansmail",
    "brakmaila",
    "brak",
    "fakeemail",
    "noemailonfile",
    "noone",
    "nobody",
    "customerhasnoemail",
    "nomailaddress",
    "undefined",
    "null",
];

/// Providers of throw-away mailboxes, the best known.
static DISPOSABLE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/disposable.txt").split_whitespace().collect());

/// Whether a domain gives out throw-away mailboxes.
pub(super) fn is_disposable(domain: &str) -> bool {
    DISPOSABLE.contains(domain)
}
