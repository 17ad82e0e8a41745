//! A shop's web server: pages of an origin that is not the house's.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

/// Pages may load and call what is on this machine, and evaluate no text.
const POLICY: &str = "default-src 'none'; script-src 'self' http://127.0.0.1:*; \
    connect-src http://127.0.0.1:*; img-src http://127.0.0.1:*";

/// Serves files, each by its path, until the process ends.
pub(super) fn open(files: BTreeMap<&'static str, Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let files = files.clone();
            thread::spawn(move || drop(answer(stream, &files)));
        }
    });
    address
}

fn answer(stream: TcpStream, files: &BTreeMap<&'static str, Vec<u8>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while reader.read_line(&mut line)? > 2 {}
    let file = files.get(path.as_str());
    let status = if file.is_some() { "200 OK" } else { "404 Not Found" };
    let script = Path::new(&path).extension().is_some_and(|end| end == "js");
    let media = if script { "text/javascript" } else { "text/html; charset=utf-8" };
    let body = file.map(Vec::as_slice).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\
        Content-Security-Policy: {POLICY}\r\nConnection: close\r\n\r\n"
    );
    reader.get_mut().write_all(&[head.as_bytes(), body].concat())
}
