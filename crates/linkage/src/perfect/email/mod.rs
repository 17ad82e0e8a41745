//! Email addresses: the practical subset of RFC 5321, and the form that names the mailbox.
//!
//! Everything is lower-cased: RFC 5321 §2.4 lets local parts differ by case, no provider does.
//! Unicode domains stay Unicode (NFKC, lower case); a punycode domain is not unified with them.

mod providers;

use super::{Junk, Note, Notes, Perfected, Unreadable, Verdict, junk, text};

/// The longest local part, in bytes (RFC 5321 §4.5.3.1.1).
pub const LOCAL_MAX: usize = 64;

/// The longest address, in bytes (RFC 5321 §4.5.3.1.3).
pub const ADDRESS_MAX: usize = 254;

/// An email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// As written, lower case: where to send.
    pub address: String,
    /// The mailbox behind it: provider aliases, dots and tags removed where the provider ignores
    /// them. For comparing, never for sending.
    pub canonical: String,
    /// The canonical form with a typing error in the domain corrected. A suggestion: it may be
    /// compared with less weight, it never links by itself.
    pub suggestion: Option<String>,
    /// A mailbox of a function (`info@`) or a throw-away: it does not point at one person.
    pub shared: bool,
}

/// Reads an address, with or without display name.
pub fn parse(raw: &str) -> Verdict<Email> {
    let (clean, mut notes) = match text::clean_compatible(raw) {
        Ok(clean) => clean,
        Err(reason) => return Verdict::Unreadable(reason),
    };
    if let Some(reason) = junk::text(&clean) {
        return Verdict::Junk(reason);
    }
    let bare = unwrap(&clean, &mut notes);
    let lower = bare.to_lowercase().replace(['。', '．'], ".");
    notes.add_if(lower != bare, Note::Case);
    let Some((local, domain)) = split(&lower) else {
        return Verdict::Unreadable(Unreadable::Malformed);
    };
    if let Some(reason) = filler(local, domain) {
        return Verdict::Junk(reason);
    }
    judge(local, domain, notes)
}

fn judge(local: &str, domain: &str, mut notes: Notes) -> Verdict<Email> {
    let mut confidence: f32 = if notes.has(Note::FirstOfSeveral) { 0.8 } else { 0.99 };
    let role = providers::is_role(local);
    let disposable = providers::is_disposable(domain);
    let reserved = is_reserved(domain);
    let suggestion = providers::corrected(domain).map(|right| canonical(local, &right));
    for (holds, note, at_most) in [
        (role, Note::RoleMailbox, 0.9),
        (disposable, Note::Disposable, 0.7),
        (reserved, Note::ReservedDomain, 0.7),
        (suggestion.is_some(), Note::DomainSuspect, 0.6),
    ] {
        if holds {
            notes.add(note);
            confidence = confidence.min(at_most);
        }
    }
    let value = Email {
        address: format!("{local}@{domain}"),
        canonical: canonical(local, domain),
        suggestion,
        shared: role || disposable,
    };
    Verdict::Good(Perfected { value, confidence, notes })
}

/// The address inside `Ada <ada@x.org>`, `mailto:ada@x.org`, `"ada@x.org";`, `a@x.org, b@y.org`.
fn unwrap<'a>(clean: &'a str, notes: &mut Notes) -> &'a str {
    let mut bare = clean;
    if let Some((_, rest)) = bare.rsplit_once('<') {
        bare = rest.split_once('>').map_or(rest, |(inside, _)| inside);
    }
    bare = bare.split_once(['?', '#']).map_or(bare, |(before, _)| before);
    let mut several = bare.split([',', ';', '|', ' ']).filter(|part| part.contains('@'));
    if let (Some(first), Some(_)) = (several.next(), several.next()) {
        notes.add(Note::FirstOfSeveral);
        bare = first;
    }
    if let (Some(head), Some(rest)) = (bare.get(..7), bare.get(7..))
        && head.eq_ignore_ascii_case("mailto:")
    {
        bare = rest;
    }
    bare = bare.trim_matches(|letter: char| {
        letter.is_whitespace()
            || matches!(letter, '"' | '\'' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '>')
    });
    bare = bare.trim_end_matches('.');
    notes.add_if(bare.len() != clean.len(), Note::WrappingRemoved);
    bare
}

fn split(lower: &str) -> Option<(&str, &str)> {
    let (local, domain) = lower.rsplit_once('@')?;
    (lower.len() <= ADDRESS_MAX && is_local(local, domain) && is_domain(domain))
        .then_some((local, domain))
}

/// Dot-atom of RFC 5322 §3.2.3 with the letters of RFC 6531; quoted local parts are not read.
fn is_local(local: &str, domain: &str) -> bool {
    // Japanese mobile operators gave out addresses with stray dots.
    let dots_anywhere = matches!(domain, "docomo.ne.jp" | "ezweb.ne.jp" | "au.com");
    !local.is_empty()
        && local.len() <= LOCAL_MAX
        && local.chars().all(|letter| {
            letter.is_ascii_alphanumeric()
                || ".!#$%&'*+-/=?^_`{|}~".contains(letter)
                || (!letter.is_ascii() && letter.is_alphanumeric())
        })
        && (dots_anywhere
            || !(local.starts_with('.') || local.ends_with('.') || local.contains("..")))
}

/// At least two labels of letters, digits and inner hyphens; the last not a number (RFC 1035 §2.3.1).
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|letter| letter == '-' || letter.is_alphanumeric() || is_mark(letter))
    };
    let Some((_, last)) = domain.rsplit_once('.') else {
        return false;
    };
    domain.split('.').all(label)
        && last.chars().count() >= 2
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Marks that are part of Indian and Arabic words.
fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
}

fn is_reserved(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    matches!(last, "example" | "test" | "invalid" | "localhost")
        || matches!(domain, "example.com" | "example.org" | "example.net")
        || [".example.com", ".example.org", ".example.net"].iter().any(|end| domain.ends_with(end))
}

/// Addresses typed to get past a form.
fn filler(local: &str, domain: &str) -> Option<Junk> {
    let plain: String = local.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let label = domain.split('.').next().unwrap_or_default();
    if providers::NO_MAILBOX.contains(&plain.as_str()) {
        return Some(Junk::Placeholder);
    }
    let filler =
        junk::text(local).is_some() || plain.chars().count() <= 1 || junk::is_repeated(&plain);
    let nobodys =
        junk::text(label).is_some() || label.len() == 1 || is_reserved(domain) || label == local;
    let free = providers::is_free(domain);
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    let counting = "1234567890".starts_with(&plain) || plain.chars().all(|digit| digit == '0');
    if filler && (nobodys || free) || digits && counting && (nobodys || free) {
        return Some(Junk::Filler);
    }
    (matches!(label, "na" | "none" | "noemail" | "nomail" | "null" | "unknown")
        && label.len() < domain.len())
    .then_some(Junk::Filler)
}

/// The mailbox behind an address, by the published rules of its provider.
fn canonical(local: &str, domain: &str) -> String {
    let (rule, mailbox_domain) = providers::rule(domain);
    let untagged = match rule.tag {
        Some(tag) => local.split_once(tag).map_or(local, |(before, _)| before),
        None => local,
    };
    let mailbox = if rule.dots_ignored { untagged.replace('.', "") } else { untagged.to_owned() };
    if mailbox.is_empty() {
        return format!("{local}@{mailbox_domain}");
    }
    format!("{mailbox}@{mailbox_domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_brought_to_one_form() {
        for (raw, address, canonical) in [
            ("Ada <Ada.Lovelace+x@GMail.com>", "ada.lovelace+x@gmail.com", "adalovelace@gmail.com"),
            ("bob@googlemail.com", "bob@googlemail.com", "bob@gmail.com"),
            ("mailto:Jürgen@Müller.de", "jürgen@müller.de", "jürgen@müller.de"),
            (" \"jean.dupont@orange.fr\"; ", "jean.dupont@orange.fr", "jean.dupont@orange.fr"),
            ("maria+loja@outlook.com.br", "maria+loja@outlook.com.br", "maria@outlook.com.br"),
            ("taro..t@docomo.ne.jp", "taro..t@docomo.ne.jp", "taro..t@docomo.ne.jp"),
            ("ｔａｒｏ＠ｙａｈｏｏ．ｃｏ．ｊｐ", "taro@yahoo.co.jp", "taro@yahoo.co.jp"),
            ("ravi@gmail.com, ravi@work.in", "ravi@gmail.com", "ravi@gmail.com"),
            ("o'neil@firma.pl.", "o'neil@firma.pl", "o'neil@firma.pl"),
            ("anna+a@protonmail.com", "anna+a@protonmail.com", "anna@proton.me"),
            ("sven+x@company.se", "sven+x@company.se", "sven+x@company.se"),
            ("Şule@x.com.tr", "şule@x.com.tr", "şule@x.com.tr"),
        ] {
            let email = parse(raw).good();
            let got = email.as_ref().map(|good| (&*good.value.address, &*good.value.canonical));
            assert_eq!(got, Some((address, canonical)), "{raw}");
        }
    }

    #[test]
    fn typing_errors_in_domains_are_suggested_not_made() {
        for (raw, suggestion) in [
            ("ada@gmial.com", Some("ada@gmail.com")),
            ("a.da+1@gmail.con", Some("ada@gmail.com")),
            ("ada@hotmial.com", Some("ada@hotmail.com")),
            ("ada@yahoo.co", Some("ada@yahoo.com")),
            ("ada@firma.con", Some("ada@firma.com")),
            ("ada@gmail.com", None),
            ("ada@mail.com", None),
            ("ada@ymail.com", None),
            ("ada@gmx.de", None),
        ] {
            let good = parse(raw).good().unwrap();
            assert_eq!(good.value.suggestion.as_deref(), suggestion, "{raw}");
            assert_eq!(good.confidence < 0.9, suggestion.is_some(), "{raw}");
        }
    }

    #[test]
    fn rubbish_is_not_an_address() {
        for raw in [
            "ada",
            "ada@",
            "@x.org",
            "a b@x.org",
            "a..b@x.org",
            "ada@x",
            "ada@x..org",
            "ada@-x.org",
            "ada@1.2.3.4",
            ".a@x.org",
        ] {
            assert_eq!(parse(raw), Verdict::Unreadable(Unreadable::Malformed), "{raw}");
        }
    }

    #[test]
    fn nobodys_addresses_are_junk() {
        for raw in [
            "na@na.com",
            "test@test.com",
            "asdf@asdf.com",
            "a@a.com",
            "none@none.com",
            "noemail@gmail.com",
            "n/a",
            "xxx@xxx.com",
            "test@gmail.com",
            "test@example.com",
            "123@123.com",
            "abc@abc.de",
            "keine@email.de",
            "111111@gmail.com",
            "noemail@ourshop.com",
        ] {
            assert!(matches!(parse(raw), Verdict::Junk(_)), "{raw}: {:?}", parse(raw));
        }
    }

    #[test]
    fn role_and_throw_away_mailboxes_point_at_nobody() {
        for (raw, shared) in [
            ("info@firma.de", true),
            ("no-reply@shop.com", true),
            ("vertrieb@firma.de", true),
            ("contacto@tienda.es", true),
            ("joe@mailinator.com", true),
            ("ada@example.org", false),
            ("infa@firma.de", false),
        ] {
            assert_eq!(parse(raw).good().unwrap().value.shared, shared, "{raw}");
        }
    }
}
