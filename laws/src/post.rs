//! A mail server: a real one on this machine, which keeps what it is given in a directory.

use base64::Engine;
use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How often a test looks for a letter, or whether the server is open, before it gives up.
const LOOKS_MAX: usize = 1_000;

/// How long it waits in between.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A mail server that is open or closed, always at one port.
#[derive(Debug)]
pub struct PostOffice {
    dir: TempDir,
    port: u16,
    server: Option<Child>,
}

/// A letter as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Everything.
    pub raw: String,
}

impl PostOffice {
    /// A post office that is closed.
    pub fn closed() -> Self {
        // Nobody else takes a port that was just given back, unless the machine runs out of them.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { dir: tempfile::tempdir().unwrap(), port, server: None }
    }

    /// A post office that is open.
    pub fn opened() -> Self {
        let mut office = Self::closed();
        office.open();
        office
    }

    /// Opens it, and waits until it answers.
    pub fn open(&mut self) {
        let place = format!("127.0.0.1:{}", self.port);
        let server = Command::new("aiosmtpd")
            .args(["--nosetuid", "--listen", &place, "--class", "aiosmtpd.handlers.Mailbox"])
            .arg(self.maildir())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.server = Some(server.unwrap());
        let opens = (0..LOOKS_MAX).any(|_| {
            thread::sleep(BETWEEN_LOOKS);
            answers(self.port)
        });
        assert!(opens, "the mail server does not open");
    }

    /// Closes it.
    pub fn close(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// What a configuration says to send through it, with links to `base_url`, where the word of every
    /// source lets people in.
    pub fn configured(&self, base_url: &str) -> String {
        format!("{}sources = [\"web\", \"loyalty\"]\n", self.careful(base_url))
    }

    /// The same, where that of pages and apps does not.
    pub fn careful(&self, base_url: &str) -> String {
        format!(
            "\n[mail]\nsmtp = \"smtp://127.0.0.1:{}\"\nfrom = \"Brand <privacy@brand.example>\"\n\
             base_url = \"{base_url}\"\n",
            self.port
        )
    }

    fn maildir(&self) -> PathBuf {
        self.dir.path().join("letters")
    }

    /// The letters that have arrived, in no order.
    pub fn letters(&self) -> Vec<Letter> {
        let Ok(entries) = fs::read_dir(self.maildir().join("new")) else { return Vec::new() };
        let mut letters: Vec<Letter> = entries
            .map(|entry| Letter { raw: fs::read_to_string(entry.unwrap().path()).unwrap() })
            .collect();
        letters.sort_by_key(|letter| (letter.header("date"), letter.header("message-id")));
        letters
    }

    /// Waits until `count` letters to an address have arrived; gives them.
    pub fn arrived(&self, to: &str, count: usize) -> Vec<Letter> {
        for _ in 0..LOOKS_MAX {
            let mut letters = self.letters();
            letters.retain(|letter| letter.header("to").as_deref() == Some(to));
            if letters.len() >= count {
                return letters;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        panic!("{count} letters to {to} do not come: {:?}", self.letters());
    }

    /// Takes all letters away.
    pub fn emptied(&self) {
        for entry in fs::read_dir(self.maildir().join("new")).into_iter().flatten() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        self.close();
    }
}

/// Whether a server greets at a port.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut greeting = [0; 3];
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.read_exact(&mut greeting).is_ok() && &greeting == b"220"
}

impl Letter {
    /// A header, by its name in small letters, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\n\n").next().unwrap_or_default();
        let head = head.replace("\n ", " ");
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    }

    /// The body of the first part of a media type, decoded.
    pub fn part(&self, media: &str) -> Option<String> {
        let kind = format!("Content-Type: {media}");
        let heads = self.raw.split("\n--").filter_map(|part| part.split_once("\n\n"));
        let (head, body) = heads.into_iter().find(|(head, _)| head.contains(&kind))?;
        Some(match head.to_lowercase().split("content-transfer-encoding:").nth(1) {
            Some(how) if how.trim_start().starts_with("base64") => {
                let text: String = body.split_whitespace().collect();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
                String::from_utf8(bytes).unwrap()
            }
            Some(how) if how.trim_start().starts_with("quoted-printable") => unquoted(body),
            Some(_) | None => body.to_owned(),
        })
    }

    /// What it says in plain text.
    pub fn text(&self) -> String {
        self.part("text/plain").unwrap()
    }

    /// The path and query of its link.
    pub fn link(&self) -> String {
        let text = self.text();
        let line = text.lines().find(|line| line.starts_with("http")).unwrap();
        let path = line.splitn(4, '/').nth(3).unwrap();
        format!("/{}", path.trim())
    }

    /// The digits of its code.
    pub fn code(&self) -> String {
        let text = self.text();
        let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
        let is_code =
            |line: &&str| line.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '\r');
        text.lines().filter(is_code).map(digits).find(|code| code.len() == 8).unwrap()
    }
}

/// Quoted-printable (RFC 2045 §6.7).
fn unquoted(body: &str) -> String {
    let joined = body.replace("=\r\n", "").replace("=\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).filter(|_| *first == b'=');
        let value = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = more.get(if value.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap()
}
