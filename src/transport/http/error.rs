//! What can go wrong with a peer, and whether the request can have been carried out all the same.

use std::io;
use std::net::IpAddr;

use crate::diag::Code;
use crate::transport::codes;

/// An exchange that did not work.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The name of the host has no address now.
    #[error("the host `{host}` has no address: {source}; nothing was sent")]
    Unresolved {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// The host's addresses are not on the connection's list.
    #[error(
        "the host `{host}` is at {address}, which is not in `addresses` of the connection; nothing was sent"
    )]
    AddressRefused {
        /// The host.
        host: String,
        /// The first address found.
        address: IpAddr,
    },
    /// Nobody answers there.
    #[error("the host `{host}` cannot be reached: {source}; nothing was sent")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// The certificate is not that of the host, or TLS failed otherwise.
    #[error("the host `{host}` is not trusted: {why}; nothing was sent")]
    NotTrusted {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// The certificates that the connection trusts cannot be read.
    #[error("the certificates that `{host}` is checked against cannot be read: {why}")]
    Certificates {
        /// The file, or `the system`.
        host: String,
        /// Why.
        why: String,
    },
    /// The peer asks to come again later.
    #[error("the host `{host}` answered with status {status}, which asks to come again later")]
    Busy {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// The peer refuses the request.
    #[error("the host `{host}` refused with status {status}: {said}")]
    Refused {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// The beginning of its words, without control characters.
        said: String,
    },
    /// The request was sent, in part or whole, and nobody knows what became of it.
    #[error("the request to `{host}` was sent and its outcome is unknown: {why}")]
    OutcomeUnknown {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// A value of a header, field or path cannot be sent.
    #[error("{what} would have a line end or control character, and cannot be sent")]
    Unsendable {
        /// Which.
        what: String,
    },
}

impl HttpError {
    /// Whether the same request may work later without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unresolved { .. } | Self::Unreachable { .. } | Self::Busy { .. }
        )
    }

    pub(in crate::transport) fn code(&self) -> &'static Code {
        match self {
            Self::Unresolved { .. } | Self::Unreachable { .. } => &codes::HOST_UNREACHABLE,
            Self::AddressRefused { .. } => &codes::ADDRESS_REFUSED,
            Self::NotTrusted { .. } | Self::Certificates { .. } => &codes::HOST_NOT_TRUSTED,
            Self::Busy { .. } | Self::Refused { .. } => &codes::REQUEST_REFUSED,
            Self::OutcomeUnknown { .. } => &codes::OUTCOME_UNKNOWN,
            Self::Unsendable { .. } => &codes::REQUEST_UNSENDABLE,
        }
    }
}
