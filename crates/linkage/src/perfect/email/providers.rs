//! What is known about mailbox providers, misspelt domains, role and throw-away mailboxes.

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

const ROLES: &[&str] = &[
    "info",
    "sales",
    "support",
    "contact",
    "contactus",
    "admin",
    "administrator",
    "webmaster",
    "postmaster",
    "hostmaster",
    "abuse",
    "noreply",
    "donotreply",
    "office",
    "mail",
    "email",
    "hello",
    "help",
    "helpdesk",
    "service",
    "customerservice",
    "customercare",
    "billing",
    "accounts",
    "accounting",
    "invoice",
    "invoices",
    "orders",
    "order",
    "marketing",
    "newsletter",
    "press",
    "media",
    "jobs",
    "careers",
    "hr",
    "legal",
    "privacy",
    "security",
    "root",
    "team",
    "enquiries",
    "inquiries",
    "enquiry",
    "reception",
    "bookings",
    "booking",
    "reservations",
    "shop",
    "store",
    "feedback",
    "mailerdaemon",
    "dpo",
    "purchasing",
    "finance",
    "it",
    "kontakt",
    "buero",
    "vertrieb",
    "verkauf",
    "rechnung",
    "buchhaltung",
    "bestellung",
    "bewerbung",
    "datenschutz",
    "zentrale",
    "sekretariat",
    "kundenservice",
    "post",
    "empfang",
    "einkauf",
    "praxis",
    "contacto",
    "ventas",
    "informacion",
    "administracion",
    "pedidos",
    "facturacion",
    "atencioncliente",
    "contato",
    "vendas",
    "atendimento",
    "financeiro",
    "comercial",
    "sac",
    "commercial",
    "accueil",
    "secretariat",
    "comptabilite",
    "direction",
    "commandes",
    "facturation",
    "informazioni",
    "vendite",
    "ordini",
    "segreteria",
    "amministrazione",
    "ufficio",
    "verkoop",
    "klantenservice",
    "receptie",
    "administratie",
    "biuro",
    "sprzedaz",
    "sekretariat",
    "bilgi",
    "iletisim",
    "satis",
    "destek",
    "kundtjanst",
    "myynti",
    "asiakaspalvelu",
];

/// Whether a local part names a function.
pub(super) fn is_role(local: &str) -> bool {
    let untagged = local.split('+').next().unwrap_or(local);
    let plain: String =
        untagged.chars().filter(|letter| !matches!(letter, '.' | '-' | '_')).collect();
    ROLES.contains(&plain.as_str())
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
pub(super) const DISPOSABLE: &[&str] = &[
    "mailinator.com",
    "guerrillamail.com",
    "guerrillamail.net",
    "guerrillamail.org",
    "sharklasers.com",
    "10minutemail.com",
    "10minutemail.net",
    "tempmail.com",
    "temp-mail.org",
    "temp-mail.io",
    "tempmail.net",
    "yopmail.com",
    "yopmail.fr",
    "yopmail.net",
    "throwawaymail.com",
    "trashmail.com",
    "trashmail.de",
    "trashmail.net",
    "wegwerfmail.de",
    "wegwerfemail.de",
    "getnada.com",
    "nada.email",
    "dispostable.com",
    "maildrop.cc",
    "mailnesia.com",
    "mintemail.com",
    "mohmal.com",
    "fakeinbox.com",
    "spamgourmet.com",
    "mytemp.email",
    "tempail.com",
    "emailondeck.com",
    "byom.de",
    "spambog.com",
    "spambog.de",
    "discard.email",
    "discardmail.com",
    "discardmail.de",
    "jetable.org",
    "moakt.com",
    "mailcatch.com",
    "tempr.email",
    "grr.la",
    "spam4.me",
    "burnermail.io",
    "inboxkitten.com",
    "mail-temp.com",
    "minuteinbox.com",
    "tmpmail.org",
    "einrot.com",
    "cuvox.de",
    "dayrep.com",
    "fleckens.hu",
    "gustr.com",
    "jourrapide.com",
    "rhyta.com",
    "superrito.com",
    "teleworm.us",
    "armyspy.com",
    "1secmail.com",
    "linshiyouxiang.net",
    "mailpoof.com",
];
