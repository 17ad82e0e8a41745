//! A request, and its bytes on the wire (RFC 9112).

use std::io::Write;

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Request {
    /// Asks for something. `path` starts with a slash and carries the query.
    pub fn get(path: impl Into<String>) -> Self {
        Self::of("GET", path.into())
    }

    /// Sends something.
    pub fn post(path: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::of("POST", path.into()) }
    }

    /// Deletes something.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::of("DELETE", path.into())
    }

    const fn of(method: &'static str, path: String) -> Self {
        Self { method, path, headers: Vec::new(), body: Vec::new() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `GET /api/people/…`, for people to read.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Appends the request to `out`.
    pub(super) fn write(&self, host: &str, out: &mut Vec<u8>) -> std::io::Result<()> {
        write!(out, "{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path)?;
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n")?;
        }
        if !self.body.is_empty() || self.method == "POST" {
            write!(out, "Content-Length: {}\r\n", self.body.len())?;
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_the_rfc_says() {
        let check = |request: Request, wire: &str| {
            let mut out = Vec::new();
            request.write("shop.example", &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), wire);
        };
        check(Request::get("/a?b=c"), "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\n\r\n");
        check(
            Request::post("/b", "{}").header("X-Write-Key", "k"),
            "POST /b HTTP/1.1\r\nHost: shop.example\r\nX-Write-Key: k\r\nContent-Length: 2\r\n\r\n{}",
        );
        check(
            Request::post("/b", ""),
            "POST /b HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n",
        );
    }
}
