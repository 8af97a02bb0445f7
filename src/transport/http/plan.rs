//! What a connection by HTTP needs, checked: where to, whom to believe, how long, which request.

use std::net::IpAddr;
use std::path::PathBuf;

use super::template::Template;
use crate::secret::SecretReference;

/// A checked connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPlan {
    /// Where.
    pub base: Base,
    /// The addresses that the host may have.
    pub addresses: Vec<Subnet>,
    /// Whose certificates are believed, PEM; the system's without.
    pub ca_file: Option<PathBuf>,
    /// How long.
    pub times: HttpTimes,
    /// Bytes of an answer at most.
    pub answer_bytes: u64,
    /// Where answers are kept.
    pub answers: PathBuf,
    /// Whether the same file may be sent twice when nobody knows what became of it.
    pub may_repeat: bool,
    /// `POST` or `PUT`.
    pub method: &'static str,
    /// The path after that of the base.
    pub path: Template,
    /// Replacements in the file's name for `{path_name}`.
    pub path_name: Vec<(String, String)>,
    /// Parameters of the address.
    pub query: Vec<(String, Template)>,
    /// Headers besides those of every request.
    pub headers: Vec<(String, Template)>,
    /// What the request carries.
    pub body: BodyPlan,
    /// How `{sign}` is made.
    pub sign: Option<SignPlan>,
    /// Where the secret is kept.
    pub secret: Option<SecretReference>,
}

/// Scheme, host, port and path of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Whether it is `https`.
    pub is_tls: bool,
    /// The host's name or address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path, without a slash at its end.
    pub path: String,
}

impl Base {
    /// Reads `https://host[:port][/path]`; the message says what is wrong.
    pub fn new(text: &str) -> Result<Self, String> {
        let (is_tls, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(format!("`{text}` does not begin with `https://`")),
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, format!("/{path}")),
            None => (rest, String::new()),
        };
        if authority.contains('@') || text.contains(['?', '#']) {
            let message = "an address has no user, no `?` and no `#`: use `query` and `headers`";
            return Err(message.to_owned());
        }
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => {
                let port = port.parse().ok().filter(|port| *port > 0);
                (
                    host,
                    port.ok_or_else(|| format!("`{authority}` has no port of 1 to 65535"))?,
                )
            }
            _ => (authority, if is_tls { 443 } else { 80 }),
        };
        if host.is_empty() || host.contains(':') || !is_plain(host) || !is_plain(&path) {
            return Err(format!(
                "`{text}` has no host, or characters that no address has"
            ));
        }
        Ok(Self {
            is_tls,
            host: host.to_owned(),
            port,
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    first: IpAddr,
    bits: u8,
}

impl Subnet {
    /// Reads `10.1.0.0/16`, `192.0.2.7` or `2001:db8::/32`; the message says what is wrong.
    pub fn new(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no address such as 192.0.2.7 and no net such as 10.1.0.0/16");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_no| wrong())?)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_no| wrong())?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(wrong());
        }
        Ok(Self { first, bits })
    }

    /// Whether an address is one of them; an IPv4 address written as IPv6 is the IPv4 address.
    pub fn has(&self, address: IpAddr) -> bool {
        let value = |address: IpAddr| match address.to_canonical() {
            IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 4),
            IpAddr::V6(address) => (address.to_bits(), 6),
        };
        let ((ours, family), (theirs, other)) = (value(self.first), value(address));
        let shift = 128_u32.saturating_sub(u32::from(self.bits));
        let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
        family == other && cut(ours) == cut(theirs)
    }
}

/// How long an exchange may take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpTimes {
    /// Until the connection stands.
    pub connect: u32,
    /// Between two bytes in either direction.
    pub idle: u32,
    /// All of it.
    pub total: u32,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyPlan {
    /// The file itself.
    Raw {
        /// Its type.
        content_type: String,
    },
    /// Fields, and the file as a part.
    Multipart {
        /// The part with the file.
        file: String,
        /// The other parts.
        fields: Vec<(String, Template)>,
    },
    /// Fields, and the file as one of them, as `application/x-www-form-urlencoded`.
    Form {
        /// The field with the file.
        file: String,
        /// The other fields.
        fields: Vec<(String, Template)>,
    },
}

impl BodyPlan {
    /// The fields beside the file.
    pub fn fields(&self) -> &[(String, Template)] {
        match self {
            Self::Raw { .. } => &[],
            Self::Multipart { fields, .. } | Self::Form { fields, .. } => fields,
        }
    }
}

/// How a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignPlan {
    /// Over which text; `{sorted}` are all parameters and fields that have no `{sign}`, by name, as
    /// `name=value` joined by `&`.
    pub over: Template,
    /// Whether that text is URL-encoded first.
    pub is_url_encoded: bool,
    /// With what.
    pub with: HashKind,
    /// Whether it is an HMAC with the secret, or the plain digest.
    pub is_hmac: bool,
    /// How it is written.
    pub output: Output,
}

/// The digests that signatures use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashKind {
    /// MD5: proves nothing against an attacker; some peers ask for it.
    Md5,
    /// SHA-256.
    Sha256,
    /// SM3.
    Sm3,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `0af1`.
    Lower,
    /// `0AF1`.
    Upper,
    /// Base64 with `=`.
    Base64,
}
