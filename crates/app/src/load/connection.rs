//! One kept connection: a request out, its answer in.

use super::request::Request;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// Headers of an answer; the house sends about eight.
const HEADERS_MAX: usize = 32;

/// Bytes read at once.
const READ_BYTES: usize = 32 << 10;

/// Bytes of an answer: a page of 500 profiles is well below.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// What `Retry-After` says, in seconds.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text, for people to read.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum LoadError {
    /// The network failed.
    Io(io::Error),
    /// What came is not an answer this client reads.
    NotHttp(&'static str),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the server does not answer: {error}"),
            Self::NotHttp(why) => write!(f, "the server's answer cannot be read: {why}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<io::Error> for LoadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A connection to a server, opened when it is first needed and again when the server closed it.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    host: String,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    /// What was read and not yet used; empty between answers.
    read: Vec<u8>,
}

impl Connection {
    /// A connection to `address`.
    pub fn new(address: SocketAddr) -> Self {
        let host = address.to_string();
        Self { address, host, stream: None, out: Vec::new(), read: Vec::new() }
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    ///
    /// When the network fails or the answer cannot be read; the connection is given up then.
    pub fn send(&mut self, request: &Request) -> Result<Response, LoadError> {
        self.out.clear();
        request.write(&self.host, &mut self.out)?;
        let kept = self.stream.is_some();
        match self.exchange() {
            // A server may close a kept connection at any time, so the request may not have been
            // read: it is sent once more. Events carry ids and everything else here may be repeated.
            Err(LoadError::Io(_)) if kept && self.read.is_empty() => {
                self.stream = None;
                self.exchange()
            }
            done => done,
        }
    }

    fn exchange(&mut self) -> Result<Response, LoadError> {
        let answer = self.try_exchange();
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    fn try_exchange(&mut self) -> Result<Response, LoadError> {
        self.read.clear();
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(&self.address)?,
        };
        stream.write_all(&self.out)?;
        let head = loop {
            if let Some(head) = Head::read(&self.read)? {
                break head;
            }
            more(&mut stream, &mut self.read)?;
        };
        let end = head.length + head.body;
        if end > ANSWER_BYTES_MAX {
            return Err(LoadError::NotHttp("it is too long"));
        }
        while self.read.len() < end {
            more(&mut stream, &mut self.read)?;
        }
        let body = self.read.get(head.length..end).unwrap_or_default().to_vec();
        self.read.clear();
        self.stream = (!head.closes).then_some(stream);
        Ok(Response { status: head.status, retry_after_s: head.retry_after_s, body })
    }
}

fn connect(address: &SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(address, ANSWER_MAX)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    stream.set_write_timeout(Some(ANSWER_MAX))?;
    Ok(stream)
}

fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<(), LoadError> {
    let known = read.len();
    read.resize(known + READ_BYTES, 0);
    let count = stream.read(read.get_mut(known..).unwrap_or_default());
    read.truncate(known + count.as_ref().map_or(0, |count| *count));
    match count? {
        0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        _ => Ok(()),
    }
}

/// What the first lines of an answer say.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Bytes of the head.
    length: usize,
    /// Bytes of the body.
    body: usize,
    closes: bool,
    retry_after_s: Option<u64>,
}

impl Head {
    /// Reads a head; nothing when it has not come whole.
    fn read(bytes: &[u8]) -> Result<Option<Self>, LoadError> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut answer = httparse::Response::new(&mut headers);
        let length = match answer.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(LoadError::NotHttp("its head is malformed")),
        };
        let status = answer.code.unwrap_or_default();
        let mut head = Self { status, length, body: 0, closes: false, retry_after_s: None };
        let mut sized = matches!(status, 100..200 | 204 | 304);
        for header in answer.headers.iter() {
            let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
            match header.name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    let wrong = |_| LoadError::NotHttp("its length is no number");
                    head.body = value.parse().map_err(wrong)?;
                    sized = true;
                }
                "connection" => head.closes = value.eq_ignore_ascii_case("close"),
                "retry-after" => head.retry_after_s = value.parse().ok(),
                _ => {}
            }
        }
        if sized { Ok(Some(head)) } else { Err(LoadError::NotHttp("it does not say its length")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let text = b"HTTP/1.1 429 Too Many\r\nRetry-After: 3\r\ncontent-length: 2\r\n\r\n{}";
        for cut in 0..text.len() - 2 {
            assert_eq!(Head::read(&text[..cut]).unwrap(), None, "{cut}");
        }
        let head = Head {
            status: 429,
            length: text.len() - 2,
            body: 2,
            closes: false,
            retry_after_s: Some(3),
        };
        assert_eq!(Head::read(text).unwrap(), Some(head));
    }

    #[test]
    fn an_answer_without_a_length_is_refused() {
        let check = |text: &str, why: &str| {
            let error = Head::read(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        };
        check("HTTP/1.1 200 OK\r\n\r\n", "length");
        check("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "no number");
        check("GET / HTTP/1.1\r\n\r\n", "malformed");
    }

    /// Answers `answers` requests on each of two connections, closing each without a word.
    fn forgetful_server(answers: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().take(2) {
                let mut stream = stream.unwrap();
                for _ in 0..answers {
                    let mut read = [0; 4096];
                    assert!(stream.read(&mut read).unwrap() > 0);
                    // In two pieces, as a network may deliver it.
                    stream.write_all(b"HTTP/1.1 200 OK\r\nConte").unwrap();
                    stream.flush().unwrap();
                    stream.write_all(b"nt-Length: 5\r\n\r\nhello").unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn a_connection_is_kept_and_opened_again_when_the_server_closed_it() {
        let mut connection = Connection::new(forgetful_server(3));
        for _ in 0..6 {
            let answer = connection.send(&Request::get("/")).unwrap();
            assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
        }
        assert!(connection.send(&Request::get("/")).is_err());
    }
}
