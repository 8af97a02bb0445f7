//! Happenings that an operator should see, as structs.
//!
//! Responsible for how a happening is named, told and logged: one event is one line with fields.
//! Not for failures on their way up (they are logged once, where handled) nor for the ledger,
//! which is written in the transaction of the act itself. The engine and what stands above it
//! emit. The one invariant: no field holds personal data, a secret or a raw record.

mod file;

pub use file::{DeliverySent, FileHeld, FileLoaded};

use serde_json::{Map, Value};

/// How much attention a happening asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Info,
    /// Worth a look today.
    Warning,
    /// A person is wanted now: notification channels carry it.
    Alert,
}

/// A happening that an operator should see.
pub trait Event {
    /// The name in logs and counters, such as `file_held`; never changes.
    fn name(&self) -> &'static str;

    /// How much attention it asks for.
    fn level(&self) -> Level;

    /// One English sentence, lower case, with names in backticks.
    fn sentence(&self) -> String;

    /// What machines read; counts are numbers.
    fn fields(&self) -> Map<String, Value>;
}

/// Writes the event as one log line: `event`, `alert` and `fields` (a JSON object) beside the
/// sentence.
pub fn emit(event: &impl Event) {
    let name = event.name();
    let sentence = event.sentence();
    let fields = Value::Object(event.fields());
    match event.level() {
        Level::Info => {
            tracing::info!(event = name, alert = false, fields = %fields, "{sentence}");
        }
        Level::Warning => {
            tracing::warn!(event = name, alert = false, fields = %fields, "{sentence}");
        }
        Level::Alert => {
            tracing::error!(event = name, alert = true, fields = %fields, "{sentence}");
        }
    }
}

/// A JSON object from pairs.
fn object<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Metadata, Subscriber};

    use super::*;
    use crate::id::FileNo;

    type Line = BTreeMap<String, String>;

    /// Keeps every log line of one thread.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<Line>>>);

    struct Fields<'a>(&'a mut Line);

    impl Visit for Fields<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.insert(field.name().to_owned(), format!("{value:?}"));
        }

        fn record_str(&mut self, field: &Field, value: &str) {
            self.0.insert(field.name().to_owned(), value.to_owned());
        }
    }

    impl Subscriber for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &tracing::Event<'_>) {
            let mut line = Line::new();
            line.insert("level".to_owned(), event.metadata().level().to_string());
            event.record(&mut Fields(&mut line));
            self.0.lock().expect("no test panics inside").push(line);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn an_event_is_one_line_with_its_fields() {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            emit(&FileHeld {
                partner: "etc_clearing",
                file_no: FileNo(7),
                file_name: "00000000000000000042.xml",
                code: "count-differs",
                reason: "the header promises 3 records, the body has 2",
            });
        });
        let lines = kept.0.lock().expect("no test panics inside").clone();
        let expected: Line = [
            ("level", "ERROR"),
            ("event", "file_held"),
            ("alert", "true"),
            (
                "message",
                "file 7 `00000000000000000042.xml` of `etc_clearing` is held (count-differs): \
                 the header promises 3 records, the body has 2",
            ),
            (
                "fields",
                "{\"code\":\"count-differs\",\"file_name\":\"00000000000000000042.xml\",\
                 \"file_no\":7,\"partner\":\"etc_clearing\",\
                 \"reason\":\"the header promises 3 records, the body has 2\"}",
            ),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        assert_eq!(lines, [expected]);
    }
}
