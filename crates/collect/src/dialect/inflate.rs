//! Decompression, with an eye on how much comes out.

use crate::message::Refused;
use flate2::read::MultiGzDecoder;
use model::Limits;
use std::borrow::Cow;
use std::io::Read;

/// What editors on Windows put before UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The body in plain. What begins as gzip is gzip, whatever the headers say; what does not is taken
/// as it is, because a proxy may have decompressed it and left the header.
///
/// # Errors
///
/// 413 when the body is too large before or after decompression; inflating stops at the limit. 400
/// when it is broken, empty or compressed in another way.
pub(super) fn plain<'a>(
    body: &'a [u8],
    encoding: Option<&str>,
    limits: &Limits,
) -> Result<Cow<'a, [u8]>, Refused> {
    if body.len() > limits.body_wire_max {
        return Err(TOO_LARGE);
    }
    if body.starts_with(&GZIP_MAGIC) {
        return gunzip(body, limits.body_plain_max).map(Cow::Owned);
    }
    if body.len() > limits.body_plain_max {
        return Err(TOO_LARGE);
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(EMPTY);
    }
    let body = body.strip_prefix(UTF8_MARK).unwrap_or(body);
    let encoded = encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    let json = body.trim_ascii_start().first().is_some_and(|byte| b"{[".contains(byte));
    if encoded && !json {
        return Err(UNKNOWN_ENCODING);
    }
    Ok(Cow::Borrowed(body))
}

fn gunzip(body: &[u8], plain_max: usize) -> Result<Vec<u8>, Refused> {
    let mut plain = Vec::with_capacity(body.len().saturating_mul(4).min(plain_max));
    let limit = u64::try_from(plain_max).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body).take(limit).read_to_end(&mut plain).map_err(|_| BROKEN)?;
    if plain.len() > plain_max {
        return Err(BOMB);
    }
    if plain.iter().all(u8::is_ascii_whitespace) {
        return Err(EMPTY);
    }
    if plain.starts_with(UTF8_MARK) {
        plain.drain(..UTF8_MARK.len());
    }
    Ok(plain)
}

const TOO_LARGE: Refused = Refused {
    status: 413,
    code: "body_too_large",
    message: "the body is larger than the source may send",
    remedy: "send smaller batches or raise the source's body limit",
    place: "body",
};

const BOMB: Refused = Refused {
    status: 413,
    code: "body_too_large_decompressed",
    message: "the body is larger than the source may send once decompressed",
    remedy: "send smaller batches or raise the source's limit for decompressed bodies",
    place: "body",
};

const BROKEN: Refused = Refused {
    status: 400,
    code: "gzip_broken",
    message: "the body begins as gzip but cannot be decompressed",
    remedy: "send it whole, or uncompressed",
    place: "body",
};

const EMPTY: Refused = Refused {
    status: 400,
    code: "body_empty",
    message: "the body is empty",
    remedy: "send an event, or a batch of them, as JSON",
    place: "body",
};

const UNKNOWN_ENCODING: Refused = Refused {
    status: 400,
    code: "encoding_unknown",
    message: "the body is compressed in a way that is not known here",
    remedy: "use gzip, or no compression",
    place: "header",
};
