//! The ledger's tables, the same on both databases.
//!
//! A released step is never changed; a later one adds to it. The rows' structs and these tables
//! are held together by the contract suite, which writes and reads every one of them.

use crate::db::{Ddl, Migration};

/// Every step, for [`crate::db::migrate`].
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "create the ledger",
        statements: CREATE,
    },
    Migration {
        version: 2,
        name: "remember when a partner wrote a file",
        statements: SOURCE_TIME,
    },
    Migration {
        version: 3,
        name: "remember companions of files and deliveries",
        statements: COMPANIONS,
    },
    Migration {
        version: 4,
        name: "keep row-by-row matches",
        statements: MATCHES,
    },
    Migration {
        version: 5,
        name: "keep entries of archives as files of their own",
        statements: ENTRIES,
    },
    Migration {
        version: 6,
        name: "remember what sends a delivery and what it replaces",
        statements: REPLACEMENTS,
    },
];

const SOURCE_TIME: &[Ddl] = &[Ddl::Both(
    r#"ALTER TABLE ledger_file ADD COLUMN "source_modified_at" {instant}"#,
)];

const COMPANIONS: &[Ddl] = &[
    Ddl::Both("ALTER TABLE ledger_file ADD COLUMN promise {text}"),
    Ddl::Both("ALTER TABLE ledger_delivery ADD COLUMN companions {text}"),
];

const REPLACEMENTS: &[Ddl] = &[
    Ddl::Both("ALTER TABLE ledger_delivery ADD COLUMN job {text}"),
    Ddl::Both("ALTER TABLE ledger_delivery ADD COLUMN replaces {int}"),
    // The one place where "done once" is decided, whatever two processes do at the same moment.
    Ddl::Both(
        "CREATE UNIQUE INDEX ledger_delivery_replaces ON ledger_delivery (replaces) WHERE replaces IS NOT NULL",
    ),
    Ddl::Both("CREATE INDEX ledger_delivery_name ON ledger_delivery (partner, connection, name)"),
];

const ENTRIES: &[Ddl] = &[
    Ddl::Both("ALTER TABLE ledger_file ADD COLUMN container_file_no {int}"),
    Ddl::Both("ALTER TABLE ledger_file ADD COLUMN entry {text}"),
    Ddl::Both(
        "CREATE UNIQUE INDEX ledger_file_entry ON ledger_file (container_file_no, entry) WHERE container_file_no IS NOT NULL",
    ),
];

const CREATE: &[Ddl] = &[
    Ddl::Both(
        "CREATE TABLE ledger_counter (
            name {text} NOT NULL,
            taken {int} NOT NULL,
            PRIMARY KEY (name)
        ) {clustered}",
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_run (
            "run_no" {int} NOT NULL,
            "job" {text} NOT NULL,
            "business_date" {date} NOT NULL,
            "sequence" {int} NOT NULL,
            "trigger" {text} NOT NULL,
            "node" {text} NOT NULL,
            "state" {text} NOT NULL,
            "alive_until" {instant} NOT NULL,
            "started_at" {instant} NOT NULL,
            "finished_at" {instant},
            "summary" {text},
            PRIMARY KEY (run_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_claim (
            "connection" {text} NOT NULL,
            "path" {text} NOT NULL,
            "name" {text} NOT NULL,
            "holder" {text} NOT NULL,
            "epoch" {int} NOT NULL,
            "claimed_at" {instant} NOT NULL,
            "leased_until" {instant} NOT NULL,
            "released_at" {instant},
            PRIMARY KEY (connection, path, name)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_file (
            "file_no" {int} NOT NULL,
            "partner" {text} NOT NULL,
            "interface" {text},
            "identity" {text},
            "connection" {text} NOT NULL,
            "path" {text} NOT NULL,
            "name" {text} NOT NULL,
            "state" {text} NOT NULL,
            "landed_digest" {text} NOT NULL,
            "landed_bytes" {int} NOT NULL,
            "content_digest" {text},
            "content_bytes" {int},
            "envelope" {text},
            "mapping" {text},
            "read_label" {text},
            "run_no" {int},
            "business_date" {date},
            "received_at" {instant} NOT NULL,
            "decided_at" {instant},
            "loaded_at" {instant},
            "promised" {int},
            "decoded" {int} NOT NULL,
            "loaded" {int} NOT NULL,
            "rejected" {int} NOT NULL,
            "duplicates" {int} NOT NULL,
            "flagged" {int} NOT NULL,
            "code" {text},
            "reason" {text},
            "original_file_no" {int},
            "supersedes" {int},
            "superseded_by" {int},
            "answer_state" {text} NOT NULL,
            "finish_state" {text} NOT NULL,
            PRIMARY KEY (file_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_reject (
            "file_no" {int} NOT NULL,
            "record_no" {int} NOT NULL,
            "ordinal" {int} NOT NULL,
            "byte_offset" {int} NOT NULL,
            "byte_length" {int} NOT NULL,
            "raw" {bytes} NOT NULL,
            "field" {text},
            "code" {text} NOT NULL,
            "detail" {text} NOT NULL,
            "kind" {text} NOT NULL,
            "state" {text} NOT NULL,
            "waived_reason" {text},
            "waived_by" {text},
            "waived_at" {instant},
            "repaired_by" {int},
            "repaired_at" {instant},
            PRIMARY KEY (file_no, record_no, ordinal)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_control (
            "file_no" {int} NOT NULL,
            "ordinal" {int} NOT NULL,
            "name" {text} NOT NULL,
            "declared" {text},
            "computed" {text},
            "agrees" {int} NOT NULL,
            PRIMARY KEY (file_no, ordinal)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_gap (
            "partner" {text} NOT NULL,
            "interface" {text} NOT NULL,
            "scope" {text} NOT NULL,
            "first_missing" {int} NOT NULL,
            "last_missing" {int} NOT NULL,
            "found_at" {instant} NOT NULL,
            "filled_at" {instant},
            PRIMARY KEY (partner, interface, scope, first_missing)
        ) {clustered}"#,
    ),
    Ddl::Both(
        "CREATE TABLE ledger_sequence (
            partner {text} NOT NULL,
            interface {text} NOT NULL,
            scope {text} NOT NULL,
            highest {int} NOT NULL,
            noted {int} NOT NULL,
            PRIMARY KEY (partner, interface, scope)
        ) {clustered}",
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_delivery (
            "delivery_no" {int} NOT NULL,
            "partner" {text} NOT NULL,
            "connection" {text} NOT NULL,
            "path" {text} NOT NULL,
            "name" {text} NOT NULL,
            "mapping" {text} NOT NULL,
            "dataset" {text},
            "key" {text} NOT NULL,
            "message_no" {int},
            "answers_file" {int},
            "purpose" {text} NOT NULL,
            "envelope" {text},
            "business_date" {date},
            "state" {text} NOT NULL,
            "done_when" {text} NOT NULL,
            "digest" {text},
            "bytes" {int},
            "created_at" {instant} NOT NULL,
            "sent_at" {instant},
            "receipt" {text},
            "due_at" {instant},
            "acknowledged_at" {instant},
            "ack_result" {text},
            "acknowledged_by" {int},
            "attempts" {int} NOT NULL,
            "last_error" {text},
            PRIMARY KEY (delivery_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_event (
            "event_no" {int} NOT NULL,
            "at" {instant} NOT NULL,
            "level" {text} NOT NULL,
            "name" {text} NOT NULL,
            "partner" {text},
            "file_no" {int},
            "sentence" {text} NOT NULL,
            "fields" {text} NOT NULL,
            "seen_at" {instant},
            "seen_by" {text},
            PRIMARY KEY (event_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_reconciliation (
            "recon_no" {int} NOT NULL,
            "name" {text} NOT NULL,
            "business_date" {date} NOT NULL,
            "version" {int} NOT NULL,
            "at" {instant} NOT NULL,
            "agrees" {int} NOT NULL,
            "summary" {text} NOT NULL,
            PRIMARY KEY (recon_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_recon_component (
            "recon_no" {int} NOT NULL,
            "ordinal" {int} NOT NULL,
            "name" {text} NOT NULL,
            "title" {text} NOT NULL,
            "count" {int},
            "amount" {int},
            "detail" {text} NOT NULL,
            PRIMARY KEY (recon_no, ordinal)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_break (
            "recon_no" {int} NOT NULL,
            "break_no" {int} NOT NULL,
            "kind" {text} NOT NULL,
            "funds_effect" {text} NOT NULL,
            "reason" {text},
            "state" {text} NOT NULL,
            "amount" {int} NOT NULL,
            "count" {int} NOT NULL,
            "object" {text} NOT NULL,
            "title" {text} NOT NULL,
            "detail" {text} NOT NULL,
            "rank" {int} NOT NULL,
            "first_seen" {date} NOT NULL,
            "candidates" {text} NOT NULL,
            PRIMARY KEY (recon_no, break_no)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_report (
            "name" {text} NOT NULL,
            "business_date" {date} NOT NULL,
            "version" {int} NOT NULL,
            "created_at" {instant} NOT NULL,
            "digest" {text} NOT NULL,
            "bytes" {int} NOT NULL,
            "files" {text} NOT NULL,
            "recon_no" {int},
            PRIMARY KEY (name, business_date, version)
        ) {clustered}"#,
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_audit (
            "audit_no" {int} NOT NULL,
            "at" {instant} NOT NULL,
            "who" {text} NOT NULL,
            "act" {text} NOT NULL,
            "object" {text} NOT NULL,
            "reason" {text},
            "detail" {text} NOT NULL,
            PRIMARY KEY (audit_no)
        ) {clustered}"#,
    ),
    Ddl::Both("CREATE UNIQUE INDEX ledger_run_slot ON ledger_run (job, business_date, sequence)"),
    Ddl::Both("CREATE INDEX ledger_run_alive ON ledger_run (alive_until) WHERE state = 'running'"),
    Ddl::Both(
        "CREATE INDEX ledger_claim_lease ON ledger_claim (leased_until) WHERE released_at IS NULL",
    ),
    Ddl::Both(
        "CREATE UNIQUE INDEX ledger_file_accepted ON ledger_file (partner, interface, identity) WHERE state = 'loaded'",
    ),
    Ddl::Both("CREATE INDEX ledger_file_identity ON ledger_file (partner, interface, identity)"),
    Ddl::Both("CREATE INDEX ledger_file_location ON ledger_file (connection, path, name)"),
    Ddl::Both("CREATE INDEX ledger_file_state ON ledger_file (state)"),
    Ddl::Both("CREATE INDEX ledger_file_day ON ledger_file (business_date)"),
    Ddl::Both(
        "CREATE INDEX ledger_file_unanswered ON ledger_file (file_no) WHERE answer_state = 'pending'",
    ),
    Ddl::Both(
        "CREATE INDEX ledger_file_unfinished ON ledger_file (file_no) WHERE finish_state = 'pending'",
    ),
    Ddl::Both("CREATE INDEX ledger_reject_open ON ledger_reject (file_no) WHERE state = 'open'"),
    Ddl::Both(
        "CREATE INDEX ledger_gap_open ON ledger_gap (partner, interface, scope) WHERE filled_at IS NULL",
    ),
    Ddl::Both(
        "CREATE UNIQUE INDEX ledger_delivery_answer ON ledger_delivery (answers_file) WHERE purpose = 'business_answer' AND state <> 'cancelled'",
    ),
    Ddl::Both("CREATE INDEX ledger_delivery_answers ON ledger_delivery (answers_file)"),
    Ddl::Both(
        "CREATE INDEX ledger_delivery_number ON ledger_delivery (partner, connection, message_no)",
    ),
    Ddl::Both("CREATE INDEX ledger_delivery_state ON ledger_delivery (state)"),
    Ddl::Both("CREATE INDEX ledger_event_unseen ON ledger_event (event_no) WHERE seen_at IS NULL"),
    Ddl::Both(
        "CREATE UNIQUE INDEX ledger_reconciliation_version ON ledger_reconciliation (name, business_date, version)",
    ),
    Ddl::Both("CREATE INDEX ledger_break_object ON ledger_break (object)"),
];

const MATCHES: &[Ddl] = &[
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN pass {text}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN ours_key {text}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN ours_amount {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN ours_file {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN ours_record {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN theirs_key {text}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN theirs_amount {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN theirs_file {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN theirs_record {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN closed_by {int}"),
    Ddl::Both("ALTER TABLE ledger_break ADD COLUMN closed_as {text}"),
    Ddl::Both("CREATE INDEX ledger_break_state ON ledger_break (state, recon_no)"),
    Ddl::Both(
        "CREATE INDEX ledger_break_closed ON ledger_break (closed_by) WHERE closed_by IS NOT NULL",
    ),
    Ddl::Both(
        r#"CREATE TABLE ledger_match (
            "recon_no" {int} NOT NULL,
            "match_no" {int} NOT NULL,
            "ordinal" {int} NOT NULL,
            "pass" {text} NOT NULL,
            "side" {text} NOT NULL,
            "object" {text} NOT NULL,
            "key" {text} NOT NULL,
            "amount" {int},
            "business_date" {date} NOT NULL,
            "file" {int} NOT NULL,
            "record" {int} NOT NULL,
            "byte_offset" {int} NOT NULL,
            "byte_length" {int} NOT NULL,
            "detail" {text} NOT NULL,
            PRIMARY KEY (recon_no, match_no, ordinal)
        ) {clustered}"#,
    ),
];
