//! Text in the encodings that partners use, and its width in bytes and on a screen.
//!
//! Responsible for turning bytes into text and back without ever guessing, for byte order marks
//! and for the display width of Chinese text. Not for files or records: callers say where the
//! bytes came from. Formats, records and the CLI call it.
//!
//! The one invariant: `encode(decode(bytes)) = bytes` and `decode(encode(text)) = text`. What
//! cannot keep it is an error; nothing here ever writes U+FFFD, `?` or `&#128512;`.

mod armour;
mod bom;
mod encoding;
mod error;
mod gb;
mod offsets;
mod stream;
mod width;

pub use armour::{from_base64, from_hex, to_base64, to_hex};
pub use bom::{BomError, bom_length, strip_bom};
pub use encoding::{Encoding, as_utf8, byte_width};
pub use error::{DecodeError, EncodeError, EncodingNameError, Fault};
pub use stream::{TextError, Transcoder};
pub use width::{Align, display_width, pad_to_width, truncate_to_width};
