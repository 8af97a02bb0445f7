//! What the ledger promises on every database: stories played on the embedded one beside the code, and on
//! both databases by the integration tests. The parent module names the crate `hub`.

pub(crate) mod books;
pub(crate) mod claims;
pub(crate) mod counters;
pub(crate) mod deliveries;
pub(crate) mod entries;
pub(crate) mod files;
pub(crate) mod gaps;
pub(crate) mod operators;
pub(crate) mod recovery;
pub(crate) mod rejects;
pub(crate) mod runs;

use super::hub;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use hub::db::{Database, Transaction, migrate};
use hub::id::{FileDigest, FileNo};
use hub::ledger::{
    AnswerState, Counts, Description, FileRow, Hold, Landed, LedgerError, Load, Location,
    MIGRATIONS, Registered, decide_held, decide_loaded, describe, identity_text, register_landed,
    show_file,
};

/// Every story, by topic.
macro_rules! stories {
    ($play:ident) => {
        $play! {
            counters:
                a_number_of_a_rolled_back_transaction_is_given_again
                numbers_taken_by_two_processes_have_no_hole_and_no_double
                reserved_numbers_are_in_a_row
                a_moment_is_never_given_twice;
            claims:
                of_two_racing_claimants_exactly_one_wins_every_time
                a_claim_that_ran_out_is_taken_over_and_its_holder_is_fenced_off
                a_claim_given_back_is_free_at_once_and_only_its_holder_gives_it_back
                nobody_takes_a_file_over_between_the_fence_and_the_commit
                a_process_known_to_be_dead_loses_its_leases_at_once;
            files:
                a_file_that_lands_again_after_a_crash_goes_on_with_its_number
                what_is_written_again_is_a_file_of_its_own_and_what_is_not_goes_on
                the_same_content_again_is_a_duplicate
                other_content_is_an_altered_resend
                a_held_file_does_not_block_a_corrected_one_which_supersedes_it
                two_files_of_one_identity_are_never_both_accepted
                of_two_files_of_one_identity_in_a_race_exactly_one_is_accepted
                a_file_without_identity_is_not_accepted
                a_decided_file_is_not_decided_again
                files_are_listed_by_state_partner_day_and_name
                a_row_leads_back_to_the_partners_bytes
                a_file_shows_as_json;
            entries:
                an_entry_is_a_file_that_knows_its_archive
                an_archive_is_finished_after_its_last_entry
                whoever_works_on_an_archive_works_on_its_entries
                an_entry_that_comes_again_in_another_archive_is_a_duplicate;
            operators:
                an_altered_resend_takes_the_place_of_the_accepted_file
                a_refused_file_stays_refused
                a_file_that_is_tried_again_starts_with_clean_books
                acts_need_a_reason_and_are_in_the_audit;
            rejects:
                a_held_file_keeps_the_first_thousand_rejects
                a_loaded_file_keeps_every_reject
                a_reject_is_bounded_whatever_the_record
                an_open_reject_is_waived_or_repaired_once
                controls_are_kept_in_their_order;
            gaps:
                a_gap_is_split_and_filled_by_late_numbers
                scopes_do_not_disturb_each_other;
            deliveries:
                a_delivery_goes_from_composed_to_acknowledged
                a_failed_attempt_is_counted_and_tried_again
                a_resend_carries_the_same_bytes
                a_refused_delivery_may_be_rendered_anew
                a_delivery_is_found_by_its_name_and_replaced_once
                an_unanswered_delivery_becomes_overdue
                whoever_looks_sees_what_is_past_its_time_before_it_is_marked
                the_time_to_acknowledge_runs_from_the_last_sending
                a_file_gets_exactly_one_business_answer
                an_acknowledgement_finds_its_delivery_by_number;
            runs:
                runs_of_one_job_and_day_are_numbered
                a_run_whose_process_died_is_interrupted_and_stays_so;
            books:
                reconciliations_are_numbered_versions
                a_version_of_a_report_is_never_overwritten
                an_event_is_shown_until_it_is_seen
                the_overview_shows_everything_that_is_open;
            recovery:
                what_a_crash_left_behind_is_found
                what_a_living_process_works_on_is_not_left_behind
                a_claim_that_ran_out_is_given_back_and_one_that_did_not_is_kept;
        }
    };
}
pub(crate) use stories;

/// One store with its tables, seen by two processes.
pub(crate) struct Hub {
    /// The process that tells the story.
    pub(crate) db: Database,
    /// Another one.
    pub(crate) other: Database,
}

impl Hub {
    pub(crate) async fn new(db: Database, other: Database) -> Self {
        migrate(&db, MIGRATIONS, at(0))
            .await
            .expect("the tables are made");
        Self { db, other }
    }

    pub(crate) async fn begin(&self) -> Transaction {
        self.db.begin().await.expect("a transaction begins")
    }

    pub(crate) async fn file(&self, file: FileNo) -> FileRow {
        show_file(&self.db, file).await.expect("the file is there")
    }

    /// A file of `centre` that landed and was opened: message `id`, with `content`.
    pub(crate) async fn landed(&self, name: &str, id: &str, content: u8) -> FileNo {
        let mut tx = self.begin().await;
        let file = land(&mut tx, name, content).await;
        describe(&mut tx, file, &package(id, content))
            .await
            .expect("it is described");
        commit(tx).await;
        file
    }

    /// The same, accepted.
    pub(crate) async fn loaded(&self, name: &str, id: &str, content: u8) -> FileNo {
        let file = self.landed(name, id, content).await;
        self.load(file).await.expect("it is accepted");
        file
    }

    /// The same, held for `code`.
    pub(crate) async fn held(&self, name: &str, id: &str, content: u8, hold: Hold) -> FileNo {
        let file = self.landed(name, id, content).await;
        let mut tx = self.begin().await;
        decide_held(&mut tx, file, &hold, at(20))
            .await
            .expect("it is held");
        commit(tx).await;
        file
    }

    /// Accepts a landed file.
    pub(crate) async fn load(&self, file: FileNo) -> Result<(), LedgerError> {
        let mut tx = self.begin().await;
        decide_loaded(&mut tx, file, &LOAD, at(30)).await?;
        commit(tx).await;
        Ok(())
    }
}

pub(crate) const LOAD: Load = Load {
    counts: Counts {
        promised: Some(10),
        decoded: 10,
        loaded: 9,
        rejected: 1,
        duplicates: 0,
        flagged: 0,
    },
    answer: AnswerState::Pending,
};

pub(crate) fn hold(code: &'static str, original: Option<FileNo>) -> Hold {
    Hold {
        code,
        reason: "the sum differs".to_owned(),
        counts: Counts::default(),
        original,
    }
}

/// The moment `secs` after the stories begin.
pub(crate) fn at(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_305_600, 0).expect("a moment") + Duration::seconds(secs)
}

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
}

pub(crate) fn digest(content: u8) -> FileDigest {
    FileDigest([content; 32])
}

pub(crate) fn place(name: &str) -> Location {
    Location::new("centre_sftp", "to_issuer", name)
}

pub(crate) async fn commit(tx: Transaction) {
    tx.commit().await.expect("it is stored");
}

pub(crate) async fn register(tx: &mut Transaction, name: &str, content: u8) -> Registered {
    register_written(tx, name, content, None).await
}

/// The same for a file that its transport says was written at a moment.
pub(crate) async fn register_written(
    tx: &mut Transaction,
    name: &str,
    content: u8,
    modified_at: Option<DateTime<Utc>>,
) -> Registered {
    let landed = Landed {
        partner: "centre",
        location: &place(name),
        digest: digest(content),
        bytes: 100,
        modified_at,
        run: None,
    };
    register_landed(tx, &landed, at(10))
        .await
        .expect("it is registered")
}

pub(crate) async fn land(tx: &mut Transaction, name: &str, content: u8) -> FileNo {
    match register(tx, name, content).await {
        Registered::New(file) => file,
        other => unreachable!("a new file was expected: {other:?}"),
    }
}

pub(crate) fn package(id: &str, content: u8) -> Description {
    Description {
        interface: Some("centre/package".to_owned()),
        identity: Some(identity_text([("message_id", id)])),
        content_digest: Some(digest(content)),
        content_bytes: Some(200),
        envelope: Some("lz77".to_owned()),
        mapping: Some("centre/package".to_owned()),
        read_label: Some("package".to_owned()),
        run: None,
        business_date: Some(day(21)),
    }
}

/// What a failure says.
pub(crate) fn says<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> String {
    result.expect_err("it is refused").to_string()
}
