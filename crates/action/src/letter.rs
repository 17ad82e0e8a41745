//! Letters: what is said, in plain text and in HTML, in five languages. A letter holds no name and nothing
//! about anybody but what opens a door.

use crate::Mail;
use gate::{CODE_DIGITS, KNOCK_MS, Language, Notice};
use lettre::Message;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use model::{Sensitive, Timestamp};
use serde::Deserialize;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

/// The texts of one language: what a letter is called, and its paragraphs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    sign_in_subject: String,
    sign_in: String,
    notice_subject: String,
    notice: String,
    receipt_subject: String,
    receipt: String,
    confirm_subject: String,
    confirm: String,
}

static TEXTS: [(Language, &str); 5] = [
    (Language::En, include_str!("words/en.toml")),
    (Language::De, include_str!("words/de.toml")),
    (Language::Fr, include_str!("words/fr.toml")),
    (Language::Es, include_str!("words/es.toml")),
    (Language::Ar, include_str!("words/ar.toml")),
];

static WORDS: LazyLock<[Words; 5]> = LazyLock::new(|| {
    // INVARIANT: every language loads; held by a test.
    TEXTS.map(|(_, text)| toml::from_str(text).unwrap_or_default())
});

fn of(language: Language) -> &'static Words {
    let [english, ..] = &*WORDS;
    let mut all = TEXTS.iter().zip(&*WORDS);
    all.find(|((known, _), _)| *known == language).map_or(english, |(_, words)| words)
}

/// What a letter says.
pub(crate) enum Says {
    /// How to come in.
    SignIn {
        /// What the link carries.
        link: Sensitive<String>,
        /// What the browser that asked is told.
        code: Sensitive<String>,
    },
    /// That somebody asked.
    Notice {
        /// What says that it was not them.
        not_me: Sensitive<String>,
    },
    /// Whether a yes was meant.
    Confirm {
        /// What says that it was.
        ticket: Sensitive<String>,
    },
    /// A receipt, as a file.
    Receipt {
        /// The file.
        text: String,
    },
}

/// A letter to an address.
pub(crate) struct Letter<'a> {
    pub(crate) mail: &'a Mail,
    pub(crate) notice: &'a Notice,
    pub(crate) language: Language,
    /// The letter's name in the outbox: the same each time it is tried.
    pub(crate) name: [u8; 16],
    pub(crate) at: Timestamp,
    pub(crate) says: Says,
}

impl Letter<'_> {
    /// The message, for the server. Nothing when the address is none that mail can go to.
    #[expect(clippy::disallowed_methods, reason = "the address is the letter's, for the server")]
    pub(crate) fn to(self, address: &Sensitive<String>) -> Option<Message> {
        let to: Result<lettre::Address, AddressError> = address.reveal().parse();
        let domain = self.mail.from().email.domain();
        let id = format!("{:032x}", u128::from_be_bytes(self.name));
        let ms = u64::try_from(self.at.0).unwrap_or_default();
        let (subject, paragraphs) = self.text();
        let plain = paragraphs.join("\n\n");
        let html = html(self.language, &paragraphs);
        let body = MultiPart::alternative_plain_html(plain, html);
        let message = Message::builder()
            .from(self.mail.from().clone())
            .to(Mailbox::new(None, to.ok()?))
            .subject(subject)
            .message_id(Some(format!("<{id}@{domain}>")))
            .date(UNIX_EPOCH + Duration::from_millis(ms))
            .header(AutoSubmitted);
        match self.says {
            Says::Receipt { text } => {
                let kind = ContentType::parse("application/ld+json").ok()?;
                let file = Attachment::new("receipt.json".to_owned()).body(text, kind);
                message.multipart(MultiPart::mixed().multipart(body).singlepart(file)).ok()
            }
            Says::SignIn { .. } | Says::Notice { .. } | Says::Confirm { .. } => {
                message.multipart(body).ok()
            }
        }
    }

    /// What it is called, and its paragraphs.
    #[expect(clippy::disallowed_methods, reason = "into the letter of whom it is for")]
    fn text(&self) -> (String, Vec<String>) {
        let words = of(self.language);
        let base = self.mail.base_url();
        let (subject, text, link, code) = match &self.says {
            Says::SignIn { link, code } => {
                let link = format!("{base}/me/in?link={}", link.reveal());
                let (head, tail) =
                    code.reveal().split_at_checked(CODE_DIGITS / 2).unwrap_or_default();
                (&words.sign_in_subject, &words.sign_in, link, format!("{head} {tail}"))
            }
            Says::Notice { not_me } => {
                let link = format!("{base}/me/not-me?ticket={}", not_me.reveal());
                (&words.notice_subject, &words.notice, link, String::new())
            }
            Says::Confirm { ticket } => {
                let link = format!("{base}/me/confirm?ticket={}", ticket.reveal());
                (&words.confirm_subject, &words.confirm, link, String::new())
            }
            Says::Receipt { .. } => {
                (&words.receipt_subject, &words.receipt, format!("{base}/me/in"), String::new())
            }
        };
        let minutes = (KNOCK_MS / 60_000).to_string();
        let fill = |text: &str| {
            clean(
                &text
                    .replace("{controller}", &self.notice.controller)
                    .replace("{contact}", &self.notice.contact)
                    .replace("{minutes}", &minutes)
                    .replace("{code}", &code)
                    .replace("{link}", &link),
            )
        };
        let paragraphs = text.split("\n\n").map(|text| fill(text.trim()));
        (fill(subject), paragraphs.collect())
    }
}

/// A line stays a line: nothing that is put into a text ends a header or a paragraph.
fn clean(text: &str) -> String {
    let text: Vec<&str> = text.split(char::is_control).filter(|part| !part.is_empty()).collect();
    text.join(" ")
}

/// The paragraphs as HTML; one that is a link leads there.
fn html(language: Language, paragraphs: &[String]) -> String {
    let (tag, direction) = (language.tag(), language.direction());
    let mut page = format!(
        "<!DOCTYPE html><html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <title></title></head><body>"
    );
    for text in paragraphs {
        let text = escaped(text);
        let is_link = text.starts_with("https://") || text.starts_with("http://");
        if is_link {
            page.extend(["<p><a href=\"", &text, "\">", &text, "</a></p>"]);
        } else {
            page.extend(["<p>", &text, "</p>"]);
        }
    }
    page.push_str("</body></html>");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Says that no person sent it, so that no machine answers (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The headers by which a mail program refuses for whoever reads a message, with one click (RFC 8058 §3.1).
/// The ticket comes of [`gate::Gate::ticket`] for a refusal. Whoever sends signs both with DKIM.
#[expect(clippy::disallowed_methods, reason = "into the message of whom it is for")]
pub fn unsubscribe_headers(
    base_url: &str,
    ticket: &Sensitive<String>,
) -> [(&'static str, String); 2] {
    let link = format!("<{base_url}/me/unsubscribe/{}>", ticket.reveal());
    [("List-Unsubscribe", link), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(mail: &Mail, notice: &Notice, language: Language, says: Says) -> Option<String> {
        let (name, at) = ([0xa5; 16], Timestamp(1_795_478_400_000));
        let letter = Letter { mail, notice, language, name, at, says };
        let message = letter.to(&Sensitive::new("ada@post.example".to_owned()))?;
        Some(String::from_utf8(message.formatted()).unwrap())
    }

    fn mail() -> Mail {
        let from = "Brand <privacy@brand.example>";
        Mail::new("smtp://127.0.0.1:25", from, "https://brand.example", Language::En).unwrap()
    }

    fn secret(text: &str) -> Sensitive<String> {
        Sensitive::new(text.to_owned())
    }

    /// The places that a text has for values.
    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<&str> =
            text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_language_says_everything_with_the_same_places() {
        let english: Words = toml::from_str(TEXTS[0].1).unwrap();
        for (language, text) in TEXTS {
            let words: Words = toml::from_str(text).unwrap();
            for (text, in_english) in [
                (&words.sign_in_subject, &english.sign_in_subject),
                (&words.sign_in, &english.sign_in),
                (&words.notice_subject, &english.notice_subject),
                (&words.notice, &english.notice),
                (&words.receipt_subject, &english.receipt_subject),
                (&words.receipt, &english.receipt),
                (&words.confirm_subject, &english.confirm_subject),
                (&words.confirm, &english.confirm),
            ] {
                assert!(!text.trim().is_empty(), "{language:?}");
                assert_eq!(places(text), places(in_english), "{language:?} {text}");
            }
        }
    }

    #[test]
    fn what_is_put_into_a_letter_ends_no_header() {
        let (mail, shipped) = (mail(), Notice::shipped().unwrap());
        for evil in ["Brand\r\nBcc: eve@evil.example", "Brand\nX-Evil: 1\n\nbody", "Brand\r\n\r\n."]
        {
            let notice = shipped.clone().by(Some(evil), Some(evil)).unwrap();
            for language in Language::ALL {
                let says = Says::SignIn { link: secret("abc"), code: secret("12345678") };
                let text = letter(&mail, &notice, language, says).unwrap();
                let head = text.split("\r\n\r\n").next().unwrap();
                for line in head.lines() {
                    let evil = ["bcc:", "x-evil:", "."];
                    assert!(
                        !evil.iter().any(|evil| line.to_lowercase().starts_with(evil)),
                        "{text}"
                    );
                }
            }
        }
        for evil in ["a@b.example\r\nBcc: c@d.example", "a@b.example\n", "<a@b.example>", "a b@c.d"]
        {
            let says = Says::Notice { not_me: secret("abc") };
            let (name, at, language) = ([1; 16], Timestamp(0), Language::En);
            let letter = Letter { mail: &mail, notice: &shipped, language, name, at, says };
            assert!(letter.to(&secret(evil)).is_none(), "{evil}");
        }
    }

    #[test]
    fn a_letter_is_the_same_letter_each_time_it_is_tried() {
        let (mail, notice) = (mail(), Notice::shipped().unwrap());
        let says = || Says::Notice { not_me: secret("abc") };
        let text = letter(&mail, &notice, Language::En, says()).unwrap();
        let id = format!("Message-ID: <{}@brand.example>", "a5".repeat(16));
        assert!(text.contains(&id) && text.contains("Date: Tue, 24 Nov 2026"), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
        assert_eq!(
            html(Language::Ar, &["<b>&\"".to_owned()]).matches("&lt;b&gt;&amp;&quot;").count(),
            1
        );
    }

    #[test]
    fn a_message_says_how_to_refuse_with_one_click() {
        let [list, post] = unsubscribe_headers("https://brand.example", &secret("abc"));
        assert_eq!(list.1, "<https://brand.example/me/unsubscribe/abc>");
        assert_eq!(post, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
}
