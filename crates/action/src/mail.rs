//! The way to the mail server: who sends, through whom, and what a failure means.

use crate::MailError;
use crate::limits::SERVER_MAX;
use gate::Language;
use lettre::message::Mailbox;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Message, SmtpTransport, Transport};
use std::fmt;
use std::net::IpAddr;

/// How letters are sent.
pub struct Mail {
    transport: SmtpTransport,
    from: Mailbox,
    base_url: String,
    language: Language,
}

/// Why a letter did not go. What the server says is not kept: servers repeat addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server cannot be reached, or does not let us in: no other letter would go now, either.
    Server,
    /// The server asks to come again.
    Later,
    /// This letter will never go.
    Never,
}

/// Answers that are about us and not about a letter: shutting down, and everything about signing in
/// (RFC 5321 §4.2.3, RFC 4954 §6).
const ABOUT_US: [&str; 7] = ["421", "432", "454", "530", "534", "535", "538"];

impl Mail {
    /// Mail through a server, from an address, with links that begin with `base_url`. Letters to whom no
    /// language is known are in `language`.
    ///
    /// # Errors
    ///
    /// [`MailError`].
    pub fn new(
        smtp: &str,
        from: &str,
        base_url: &str,
        language: Language,
    ) -> Result<Self, MailError> {
        let from: Mailbox = from.parse().map_err(|_| MailError::From)?;
        let base_url = base_url.trim_end_matches('/').to_owned();
        let secure = base_url.strip_prefix("https://");
        let (name, local) = match (secure, base_url.strip_prefix("http://")) {
            (Some(name), _) => (name, true),
            (None, Some(name)) => (name, is_local(host(name))),
            (None, None) => return Err(MailError::Base),
        };
        if !local || name.is_empty() || !name.chars().all(is_of_a_name) {
            return Err(MailError::Base);
        }
        let transport = SmtpTransport::from_url(&connection(smtp)?)
            .map_err(|_| MailError::Server)?
            .hello_name(ClientId::Domain(host(name).to_owned()))
            .timeout(Some(SERVER_MAX))
            .build();
        Ok(Self { transport, from, base_url, language })
    }

    /// Who sends.
    pub(crate) const fn from(&self) -> &Mailbox {
        &self.from
    }

    /// The public address of the house, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The language of letters to whom none is known.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// Sends a letter, and waits for the server's answer.
    pub(crate) fn send(&self, letter: &Message) -> Result<(), Failure> {
        self.transport.send(letter).map(drop).map_err(|error| match error.status() {
            Some(code) if ABOUT_US.contains(&&*code.to_string()) => Failure::Server,
            Some(_) if error.is_permanent() => Failure::Never,
            Some(_) => Failure::Later,
            None if error.is_client() => Failure::Never,
            None => Failure::Server,
        })
    }
}

/// The server's address as the library reads it: to another machine never in the clear.
fn connection(smtp: &str) -> Result<String, MailError> {
    if smtp.starts_with("smtps://") {
        return Ok(smtp.to_owned());
    }
    let rest = smtp.strip_prefix("smtp://").ok_or(MailError::Server)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    match rest.split_once("tls=") {
        Some((_, "required")) => Ok(smtp.to_owned()),
        None if is_local(host(server)) => Ok(smtp.to_owned()),
        None if !rest.contains('?') => Ok(format!("{smtp}?tls=required")),
        Some(_) | None => Err(MailError::Clear),
    }
}

/// The name or address before a port.
fn host(authority: &str) -> &str {
    let name = authority.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    name.map_or(authority, |(name, _)| name).trim_start_matches('[').trim_end_matches(']')
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

const fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':' | '[' | ']')
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_never_spoken_to_in_the_clear() {
        let check = |smtp: &str, expected: Result<&str, MailError>| {
            assert_eq!(connection(smtp), expected.map(str::to_owned), "{smtp}");
        };
        check("smtp://127.0.0.1:25", Ok("smtp://127.0.0.1:25"));
        check("smtp://[::1]:25", Ok("smtp://[::1]:25"));
        check("smtp://localhost", Ok("smtp://localhost"));
        check("smtps://a:b@mail.example", Ok("smtps://a:b@mail.example"));
        check("smtp://mail.example:587", Ok("smtp://mail.example:587?tls=required"));
        check("smtp://mail.example?tls=required", Ok("smtp://mail.example?tls=required"));
        check("smtp://mail.example?tls=opportunistic", Err(MailError::Clear));
        check("smtp://localhost@mail.example?x=1", Err(MailError::Clear));
        check("http://mail.example", Err(MailError::Server));
    }

    #[test]
    fn what_is_no_sender_and_no_public_address_is_refused() {
        let check = |from: &str, base: &str, expected: Option<MailError>| {
            let mail = Mail::new("smtp://127.0.0.1:25", from, base, Language::En);
            assert_eq!(mail.err(), expected, "{from} {base}");
        };
        check("Brand <a@brand.example>", "https://brand.example/", None);
        check("a@brand.example", "http://127.0.0.1:8080", None);
        check("brand", "https://brand.example", Some(MailError::From));
        check("a@b.example\r\nBcc: c@d.example", "https://b.example", Some(MailError::From));
        for base in ["http://brand.example", "brand.example", "https://", "https://a.example/b"] {
            check("a@brand.example", base, Some(MailError::Base));
        }
    }
}
