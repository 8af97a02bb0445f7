//! One request and its answer over a connection of their own.
//!
//! The one invariant: an error other than [`HttpError::OutcomeUnknown`] means that the peer did not
//! carry the request out.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::HttpError;
use super::body::Request;
use super::chunks::{self, Answer};
use super::plan::HttpPlan;
use super::wire::Wire;

/// The most characters of a refusal that are repeated.
const MAX_SAID: usize = 200;

/// What certificates are checked against.
#[derive(Debug, Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Reads the certificates of a PEM file, or those of the system.
    pub(super) fn open(ca_file: Option<&Path>) -> Result<Self, HttpError> {
        let unreadable = |host: &str, why: String| HttpError::Certificates {
            host: host.to_owned(),
            why,
        };
        let mut roots = RootCertStore::empty();
        let found: Vec<CertificateDer<'static>> = match ca_file {
            Some(path) => {
                let shown = path.display().to_string();
                let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
                read.map_err(|error| unreadable(&shown, error.to_string()))?
            }
            None => rustls_native_certs::load_native_certs().certs,
        };
        roots.add_parsable_certificates(found);
        if roots.is_empty() {
            let shown = ca_file.map_or("the system".to_owned(), |path| path.display().to_string());
            return Err(unreadable(&shown, "no certificate is in there".to_owned()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unreadable("the system", error.to_string()))?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

/// Sends a request, the file in its place, and gives the body of a good answer.
pub(super) fn exchange(
    plan: &HttpPlan,
    tls: Option<&Tls>,
    request: &Request,
    file: &mut File,
) -> Result<Vec<u8>, HttpError> {
    let host = &plan.base.host;
    let ends = Instant::now() + Duration::from_secs(u64::from(plan.times.total));
    let wire = connect(plan, ends)?;
    let unknown = |error: io::Error| HttpError::OutcomeUnknown {
        host: host.clone(),
        why: error.to_string(),
    };
    let answer = match tls {
        Some(tls) => {
            let stream = handshake(host, tls, wire)?;
            talk(stream, plan, request, file).map_err(unknown)?
        }
        None => talk(wire, plan, request, file).map_err(unknown)?,
    };
    judge(host, answer)
}

/// Connects to an address that was checked, and to no other.
fn connect(plan: &HttpPlan, ends: Instant) -> Result<Wire, HttpError> {
    let host = &plan.base.host;
    let found = (host.as_str(), plan.base.port).to_socket_addrs();
    let found: Vec<SocketAddr> = found
        .map_err(|source| HttpError::Unresolved {
            host: host.clone(),
            source,
        })?
        .collect();
    let is_allowed = |address: &&SocketAddr| plan.addresses.iter().any(|net| net.has(address.ip()));
    let allowed: Vec<&SocketAddr> = found.iter().filter(is_allowed).collect();
    let unreachable = |source| HttpError::Unreachable {
        host: host.clone(),
        source,
    };
    let mut last = match found.first() {
        Some(first) if allowed.is_empty() => {
            return Err(HttpError::AddressRefused {
                host: host.clone(),
                address: first.ip(),
            });
        }
        _ => io::Error::from(io::ErrorKind::AddrNotAvailable),
    };
    let connect = Duration::from_secs(u64::from(plan.times.connect));
    for address in allowed {
        let left = ends.saturating_duration_since(Instant::now()).min(connect);
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, left) {
            Ok(socket) => {
                let idle = Duration::from_secs(u64::from(plan.times.idle));
                return Ok(Wire::new(socket, idle, ends));
            }
            Err(error) => last = error,
        }
    }
    Err(unreachable(last))
}

type Secured = StreamOwned<ClientConnection, Wire>;

/// Completes TLS before the first byte of the request: what fails here was never sent.
fn handshake(host: &str, tls: &Tls, mut wire: Wire) -> Result<Secured, HttpError> {
    let untrusted = |why: String| HttpError::NotTrusted {
        host: host.to_owned(),
        why,
    };
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|error| untrusted(error.to_string()))?;
    let connection = ClientConnection::new(Arc::clone(&tls.0), name);
    let mut connection = connection.map_err(|error| untrusted(error.to_string()))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut wire).map_err(|error| {
            let is_tls = error
                .get_ref()
                .is_some_and(|inner| inner.is::<rustls::Error>());
            match is_tls {
                true => untrusted(error.to_string()),
                false => HttpError::Unreachable {
                    host: host.to_owned(),
                    source: error,
                },
            }
        })?;
    }
    Ok(StreamOwned::new(connection, wire))
}

fn talk(
    mut peer: impl Read + Write,
    plan: &HttpPlan,
    request: &Request,
    file: &mut File,
) -> io::Result<Answer> {
    peer.write_all(&request.before)?;
    if request.has_file {
        file.seek(SeekFrom::Start(0))?;
        io::copy(file, &mut peer)?;
    }
    peer.write_all(&request.after)?;
    peer.flush()?;
    chunks::read(peer, plan.answer_bytes)
}

/// The body of a good answer; what any other status means.
fn judge(host: &str, answer: Answer) -> Result<Vec<u8>, HttpError> {
    let (host, status) = (host.to_owned(), answer.status);
    match status {
        200..300 => Ok(answer.body),
        429 | 503 => Err(HttpError::Busy { host, status }),
        // The peer failed at its work: perhaps after it had done it.
        500.. | 408 => Err(HttpError::OutcomeUnknown {
            host,
            why: format!("it answered with status {status}: {}", said(&answer.body)),
        }),
        300..400 => Err(HttpError::Refused {
            host,
            status,
            said: "it wants the request at another address, which is not followed".to_owned(),
        }),
        _ => Err(HttpError::Refused {
            host,
            status,
            said: said(&answer.body),
        }),
    }
}

/// The beginning of the peer's words, fit for one line.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = line.take(MAX_SAID).collect();
    match line.trim() {
        "" => "without a word".to_owned(),
        line => line.to_owned(),
    }
}
