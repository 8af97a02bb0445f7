//! What happens to files.

use serde_json::{Map, Value};

use super::{Event, Level, object};
use crate::id::{DeliveryNo, FileNo};

/// A file was refused as a whole: nothing of it is loaded, a person must decide.
#[derive(Debug, Clone)]
pub struct FileHeld<'a> {
    /// Who sent it.
    pub partner: &'a str,
    /// Its number in the ledger.
    pub file_no: FileNo,
    /// Its name at the partner.
    pub file_name: &'a str,
    /// The code that `dukou explain` knows.
    pub code: &'a str,
    /// What was found and expected; masked where personal.
    pub reason: &'a str,
}

/// A file's records are in the store.
#[derive(Debug, Clone)]
pub struct FileLoaded<'a> {
    /// Who sent it.
    pub partner: &'a str,
    /// Its number in the ledger.
    pub file_no: FileNo,
    /// Its name at the partner.
    pub file_name: &'a str,
    /// Records in the file: the sum of the next three.
    pub decoded: u64,
    /// Rows written.
    pub loaded: u64,
    /// Records refused.
    pub rejected: u64,
    /// Records whose key was there already.
    pub key_duplicates: u64,
}

/// An outbound file is at the partner; that it was understood is not known yet.
#[derive(Debug, Clone)]
pub struct DeliverySent<'a> {
    /// Who gets it.
    pub partner: &'a str,
    /// Its number in the ledger.
    pub delivery_no: DeliveryNo,
    /// Its name at the partner.
    pub file_name: &'a str,
    /// Its size.
    pub bytes: u64,
}

impl Event for FileHeld<'_> {
    fn name(&self) -> &'static str {
        "file_held"
    }

    fn level(&self) -> Level {
        Level::Alert
    }

    fn sentence(&self) -> String {
        let Self {
            partner,
            file_no,
            file_name,
            code,
            reason,
        } = self;
        format!("file {file_no} `{file_name}` of `{partner}` is held ({code}): {reason}")
    }

    fn fields(&self) -> Map<String, Value> {
        object([
            ("partner", self.partner.into()),
            ("file_no", self.file_no.0.into()),
            ("file_name", self.file_name.into()),
            ("code", self.code.into()),
            ("reason", self.reason.into()),
        ])
    }
}

impl Event for FileLoaded<'_> {
    fn name(&self) -> &'static str {
        "file_loaded"
    }

    fn level(&self) -> Level {
        if self.rejected == 0 {
            Level::Info
        } else {
            Level::Warning
        }
    }

    fn sentence(&self) -> String {
        let Self {
            partner,
            file_no,
            file_name,
            decoded,
            loaded,
            rejected,
            key_duplicates,
        } = self;
        format!(
            "file {file_no} `{file_name}` of `{partner}` is loaded: {decoded} records, {loaded} \
             rows, {rejected} rejected, {key_duplicates} key duplicates"
        )
    }

    fn fields(&self) -> Map<String, Value> {
        object([
            ("partner", self.partner.into()),
            ("file_no", self.file_no.0.into()),
            ("file_name", self.file_name.into()),
            ("decoded", self.decoded.into()),
            ("loaded", self.loaded.into()),
            ("rejected", self.rejected.into()),
            ("key_duplicates", self.key_duplicates.into()),
        ])
    }
}

impl Event for DeliverySent<'_> {
    fn name(&self) -> &'static str {
        "delivery_sent"
    }

    fn level(&self) -> Level {
        Level::Info
    }

    fn sentence(&self) -> String {
        let Self {
            partner,
            delivery_no,
            file_name,
            bytes,
        } = self;
        format!("delivery {delivery_no} `{file_name}` is at `{partner}` ({bytes} bytes)")
    }

    fn fields(&self) -> Map<String, Value> {
        object([
            ("partner", self.partner.into()),
            ("delivery_no", self.delivery_no.0.into()),
            ("file_name", self.file_name.into()),
            ("bytes", self.bytes.into()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(rejected: u64) -> FileLoaded<'static> {
        FileLoaded {
            partner: "etc_clearing",
            file_no: FileNo(7),
            file_name: "42.xml",
            decoded: 10 + rejected,
            loaded: 9,
            rejected,
            key_duplicates: 1,
        }
    }

    #[test]
    fn a_loaded_file_tells_all_its_counts() {
        let event = loaded(2);
        assert_eq!(
            event.sentence(),
            "file 7 `42.xml` of `etc_clearing` is loaded: 12 records, 9 rows, 2 rejected, \
             1 key duplicates"
        );
        assert_eq!(event.fields().get("rejected"), Some(&Value::from(2)));
    }

    #[test]
    fn rejects_ask_for_a_look_and_a_held_file_for_a_person() {
        assert_eq!(loaded(0).level(), Level::Info);
        assert_eq!(loaded(1).level(), Level::Warning);
        assert!(Level::Alert > Level::Warning);
    }

    #[test]
    fn a_sent_delivery_does_not_claim_to_be_understood() {
        let event = DeliverySent {
            partner: "etc_clearing",
            delivery_no: DeliveryNo(3),
            file_name: "43.xml.lz77",
            bytes: 939,
        };
        assert_eq!(
            event.sentence(),
            "delivery 3 `43.xml.lz77` is at `etc_clearing` (939 bytes)"
        );
    }
}
