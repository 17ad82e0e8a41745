//! A small HTTP/1.1 client that keeps its connection, and never sends anything twice.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Status line and headers, as they came.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// A header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    }
}

impl Client {
    /// A client that connects when it first calls.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// One call. After an error the next call makes a new connection.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or does not answer in full: then nobody knows whether
    /// the call was taken.
    pub fn call(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        head.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
        let request = [head.as_bytes(), body].concat();
        connection.get_mut().write_all(&request)?;
        let answer = read(&mut connection)?;
        if !answer.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close")) {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }

    /// Sends events as the source of `write_key`.
    ///
    /// # Errors
    ///
    /// As [`Self::call`].
    pub fn send(&mut self, write_key: &str, body: &str) -> io::Result<Answer> {
        let headers = [("X-Write-Key", write_key), ("Content-Type", "application/json")];
        self.call("POST", "/v1/batch", &headers, body.as_bytes())
    }

    /// Sends events that must be taken.
    pub fn sent(&mut self, write_key: &str, body: &str) -> Value {
        let answer = self.send(write_key, body).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Reads as the service of `key`, for `purpose`.
    pub fn read(&mut self, key: &str, purpose: &str, path: &str) -> Answer {
        let key = format!("Bearer {key}");
        let headers = [("Authorization", &*key), ("Bonafide-Purpose", purpose)];
        self.call("GET", path, &headers, b"").unwrap()
    }

    /// Changes something as the service of `key`.
    pub fn change(&mut self, key: &str, method: &str, path: &str, body: &str) -> Answer {
        let key = format!("Bearer {key}");
        let headers = [("Authorization", &*key), ("Content-Type", "application/json")];
        self.call(method, path, &headers, body.as_bytes()).unwrap()
    }
}

fn read(connection: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off");
    let mut head = String::new();
    loop {
        let before = head.len();
        if connection.read_line(&mut head)? == 0 {
            return Err(broken());
        }
        if head.get(before..) == Some("\r\n") {
            break;
        }
    }
    let status =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    let mut answer = Answer { status, head, body: Vec::new() };
    if answer.header("transfer-encoding").is_some_and(|word| word.contains("chunked")) {
        read_chunks(connection, &mut answer.body)?;
    } else {
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        answer.body = vec![0; length.unwrap_or(0)];
        connection.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}

fn read_chunks(connection: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        connection.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size + 2];
        connection.read_exact(&mut chunk)?;
        chunk.truncate(size);
        if size == 0 {
            return Ok(());
        }
        body.extend(chunk);
    }
}
