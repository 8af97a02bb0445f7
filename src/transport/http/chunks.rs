//! Reads an answer: status line and headers, then a body of known length, in chunks, or up to the end
//! of the connection (RFC 9112); never more than allowed.

use std::io::{self, BufRead, BufReader, Read};

/// The most bytes of the status line and the headers together.
const MAX_HEAD: usize = 64 * 1024;
/// The most headers.
const MAX_HEADERS: usize = 128;
/// The most answers of one line that stand before the real one (status 1xx).
const MAX_INTERIM: usize = 4;
/// The most bytes of a line that begins a chunk.
const MAX_CHUNK_LINE: u64 = 256;

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// How long a body is.
enum Length {
    Known(u64),
    Chunked,
    ToTheEnd,
}

/// Reads one answer with a body of at most `max_bytes`.
pub(super) fn read(peer: impl Read, max_bytes: u64) -> io::Result<Answer> {
    let mut peer = BufReader::new(peer);
    for _ in 0..=MAX_INTERIM {
        let (status, length) = head(&mut peer)?;
        if (100..200).contains(&status) {
            continue;
        }
        let body = match length {
            _ if status == 204 || status == 304 => Vec::new(),
            Length::Known(bytes) if bytes > max_bytes => return Err(too_long(max_bytes)),
            Length::Known(bytes) => whole(&mut peer, bytes)?,
            Length::Chunked => chunks(&mut peer, max_bytes)?,
            Length::ToTheEnd => {
                let mut body = Vec::new();
                peer.take(max_bytes + 1).read_to_end(&mut body)?;
                if body.len() as u64 > max_bytes {
                    return Err(too_long(max_bytes));
                }
                body
            }
        };
        return Ok(Answer { status, body });
    }
    Err(wrong("more than a few interim answers"))
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the answer is no HTTP: {what}"),
    )
}

fn too_long(max_bytes: u64) -> io::Error {
    let message = format!("the answer has more than {max_bytes} bytes (`answer_bytes`)");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// Status and length of the body; what follows the head stays in the reader.
fn head(peer: &mut impl BufRead) -> io::Result<(u16, Length)> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let room = (MAX_HEAD - bytes.len()) as u64;
        let read = peer.by_ref().take(room).read_until(b'\n', &mut bytes)?;
        if read == 0 && bytes.len() < MAX_HEAD {
            return Err(wrong("it ends within its headers"));
        }
        if bytes.len() >= MAX_HEAD {
            return Err(wrong("its headers do not end"));
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    let complete = parsed
        .parse(&bytes)
        .map_err(|found| wrong(&found.to_string()))?;
    let status = parsed.code.filter(|_| complete.is_complete());
    let status = status.ok_or_else(|| wrong("it has no status"))?;
    Ok((status, length(parsed.headers)?))
}

fn length(headers: &[httparse::Header<'_>]) -> io::Result<Length> {
    let named = |name: &str| {
        let headers = headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name));
        let texts = headers.map(|header| std::str::from_utf8(header.value).unwrap_or("?").trim());
        texts.map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let (coding, length) = (named("transfer-encoding"), named("content-length"));
    match (coding.as_slice(), length.as_slice()) {
        ([], []) => Ok(Length::ToTheEnd),
        ([one], []) if one == "chunked" => Ok(Length::Chunked),
        ([], [one]) if !one.is_empty() && one.bytes().all(|byte| byte.is_ascii_digit()) => one
            .parse()
            .map(Length::Known)
            .map_err(|_too_long| wrong("its length is no number")),
        // Two lengths, or a length and chunks: whoever believes one of them can be deceived.
        _ => Err(wrong("its length is said twice, or not understood")),
    }
}

/// Exactly so many bytes; an end before them is an error.
fn whole(peer: &mut impl Read, bytes: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    peer.take(bytes).read_to_end(&mut body)?;
    match body.len() as u64 == bytes {
        true => Ok(body),
        false => Err(wrong("it ends in the middle")),
    }
}

fn chunks(peer: &mut impl BufRead, max_bytes: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = line(peer)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let is_hex =
            !size.is_empty() && size.len() <= 15 && size.bytes().all(|b| b.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| is_hex);
        let size = size.ok_or_else(|| wrong("a chunk has no size"))?;
        if size == 0 {
            return Ok(body);
        }
        if size > max_bytes.saturating_sub(body.len() as u64) {
            return Err(too_long(max_bytes));
        }
        body.extend(whole(peer, size)?);
        if !self::line(peer)?.is_empty() {
            return Err(wrong("a chunk is longer than it says"));
        }
    }
}

/// A line without its end.
fn line(peer: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    peer.by_ref()
        .take(MAX_CHUNK_LINE)
        .read_until(b'\n', &mut bytes)?;
    let text = bytes
        .strip_suffix(b"\r\n")
        .ok_or_else(|| wrong("it ends within a chunk"))?;
    String::from_utf8(text.to_vec()).map_err(|_bytes| wrong("a chunk has no size"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str) -> Result<(u16, String), String> {
        let answer = read(text.as_bytes(), 10).map_err(|error| error.to_string())?;
        Ok((answer.status, String::from_utf8(answer.body).expect("text")))
    }

    #[test]
    fn a_body_has_a_known_length_chunks_or_ends_with_the_connection() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nhello",
        ] {
            assert_eq!(answered(text), Ok((200, "hello".to_owned())), "{text}");
        }
        let empty = "HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(answered(empty), Ok((204, String::new())));
    }

    #[test]
    fn what_is_no_answer_or_too_long_is_an_error() {
        let long = "the answer has more than 10 bytes (`answer_bytes`)";
        let no_http = |what: &str| format!("the answer is no HTTP: {what}");
        for (text, why) in [
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n",
                long.to_owned(),
            ),
            ("HTTP/1.1 200 OK\r\n\r\nhello, world", long.to_owned()),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n",
                long.to_owned(),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
                no_http("it ends in the middle"),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhel\r\n",
                no_http("a chunk is longer than it says"),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-2\r\n",
                no_http("a chunk has no size"),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
                no_http("its length is said twice, or not understood"),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
                no_http("its length is said twice, or not understood"),
            ),
            ("HTTP/1.1 200 OK\r\n", no_http("it ends within its headers")),
            ("", no_http("it ends within its headers")),
        ] {
            assert_eq!(answered(text), Err(why), "{text}");
        }
        assert!(answered("hello\r\n\r\n").is_err());
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(70_000));
        assert_eq!(answered(&endless), Err(no_http("its headers do not end")));
    }
}
