//! What JSON and XML have in common: records that stand inside each other, found by paths.
//!
//! `content` hands out bounded UTF-8 with the raw offsets, `tree` keeps the wanted paths, `draft`
//! collects the values of the records that are open and those that records share, `fault` words
//! what is refused. Not for what the bytes mean: that is each format's own. Called by `json` and
//! `xml`. The one invariant: whatever the content, what is kept of it is bounded.

mod content;
mod draft;
mod fault;
mod tree;

pub(super) use content::{Content, ContentCodes};
pub(super) use draft::Drafts;
pub(super) use fault::{UNREAD, broken, over, shown};
pub(super) use tree::{Capture, Kept, Nodes, SharedKeys, position_from};
