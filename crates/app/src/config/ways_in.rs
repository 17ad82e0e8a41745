//! How customers come in: by mail, and by the brand's own word.

use super::Config;
use anyhow::{Context, Result};
use gate::{BrandKey, BrandKeys, Language};
use serde::Deserialize;
use std::fmt;

/// How letters are sent.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The mail server, `smtp://` or `smtps://`; a user and a password may stand before the name.
    smtp: String,
    /// Who sends.
    from: String,
    /// The public address of this house, for links.
    base_url: String,
    /// The sources whose word about an address lets its reader in; all but pages and apps when nothing is
    /// said, since anybody can read their keys.
    sources: Option<Vec<String>>,
    /// The language of letters to whom none is known.
    #[serde(default)]
    language: Language,
}

/// The address of the server may hold a password.
impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A key that the brand signs customers in with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandKeyConfig {
    /// Its name, which tokens give as `kid`.
    pub name: String,
    /// The public half: 32 bytes of an Ed25519 key in base64.
    pub public_key: String,
}

impl Config {
    /// The sources whose word about an address lets its reader in, where they are named.
    pub fn mail_sources(&self) -> Option<Vec<String>> {
        self.mail.as_ref().and_then(|said| said.sources.clone())
    }

    /// Whose word that a customer is there is taken: for tokens whose audience is the ledger's name.
    ///
    /// # Errors
    ///
    /// When a key is none, or two share a name.
    pub fn brands(&self) -> Result<BrandKeys> {
        let keys: Result<Vec<_>> = self
            .brand_key
            .iter()
            .map(|said| {
                BrandKey::new(&said.name, &said.public_key)
                    .with_context(|| format!("brand_key {}", said.name))
            })
            .collect();
        BrandKeys::new(keys?, &self.ledger.origin).context("brand_key")
    }

    /// How letters are sent; nothing where they are not.
    ///
    /// # Errors
    ///
    /// When the server, the sender or the public address is none, or not secure.
    pub fn mail(&self) -> Result<Option<action::Mail>> {
        let said = self
            .mail
            .as_ref()
            .map(|said| action::Mail::new(&said.smtp, &said.from, &said.base_url, said.language));
        said.transpose().context("mail")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_secure_or_no_key_is_refused_with_its_place() {
        let check = |text: &str, complaint: &str| {
            let error = format!("{:#}", Config::parse(text).unwrap_err());
            assert!(error.contains(complaint), "{error}");
        };
        check("[[brand_key]]\nname = \"a\"\npublic_key = \"AAAA\"", "32 bytes");
        let mail = |smtp, base| {
            format!("[mail]\nsmtp = \"{smtp}\"\nfrom = \"a@b.example\"\nbase_url = \"{base}\"")
        };
        check(&mail("http://mail.example", "https://b.example"), "give smtp://host:port");
        check(&mail("smtps://mail.example", "http://b.example"), "give https://");
        assert!(Config::parse(&mail("smtps://mail.example", "https://b.example")).is_ok());
    }
}
