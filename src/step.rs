//! Named steps: the moments at which a process may die, and nothing may be lost for it.
//!
//! Responsible for their list, and for ending or holding the process at one of them when the
//! torture of crashes asks for it (`ops/torture steps`, `ops/torture race`). Not for what is done
//! about a crash: that is [`crate::engine`]'s recovery. Whoever does such a step calls [`reached`]
//! in a line of its own; `cli` calls [`arm`]. The one invariant: a build without debug assertions
//! cannot be armed, and a step costs it nothing (`docs/adr/0014-named-steps.md`).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Signal, getpid, kill_process};

macro_rules! steps {
    ($($step:ident = $name:literal, $what:literal;)*) => {
        /// A moment between two durable steps. The word before the point of its name says what
        /// work gets there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Step {
            $(#[doc = $what] $step,)*
        }

        impl Step {
            /// Every step, in the order of its work.
            pub const ALL: &[Self] = &[$(Self::$step,)*];

            /// Its name: what works on it, and what was just done.
            pub fn name(self) -> &'static str {
                match self { $(Self::$step => $name,)* }
            }

            /// What is true when it is reached.
            pub fn what(self) -> &'static str {
                match self { $(Self::$step => $what,)* }
            }
        }
    };
}

steps! {
    RunStarted = "run.started", "the run is booked and nothing is listed";
    RunHandled = "run.handled", "everything is handled and the run is not booked as ended";
    RunEnded = "run.ended", "the run is booked as ended";

    FileClaimed = "file.claimed", "a partner's file is claimed and nothing of it is kept";
    FileCopied = "file.copied", "its bytes lie in the archive under a temporary name";
    FileArchived = "file.archived", "its bytes have their address in the archive and no row in the books";
    FileRegistering = "file.registering", "its row is written and not committed";
    FileRegistered = "file.registered", "it is landed in the books and not opened";
    FileStaged = "file.staged", "its records are decoded, checked and sorted; the store knows nothing of them";
    FileDescribed = "file.described", "the deciding transaction has begun and says what the file claims to be";
    FileLoaded = "file.loaded", "its rows are in the transaction, its state is not";
    FileDecided = "file.decided", "its rows and its state are in the transaction, its answer is not";
    FileCommitting = "file.committing", "everything of a loaded file is in the transaction";
    FileCommitted = "file.committed", "rows, state and answer are committed, nothing is sent";
    FileHolding = "file.holding", "everything of a held file is in the transaction";
    FileHeld = "file.held", "a held file's state and answer are committed, nothing is sent";
    FileRepeating = "file.repeating", "everything of a file that came before is in the transaction";
    FileRepeated = "file.repeated", "a file that came before is committed as one, nothing is sent";
    FileCompleted = "file.completed", "its answers are sent, it still lies in the partner's folder";
    FileMoved = "file.moved", "it is finished at the partner and not in the books";
    FileFinished = "file.finished", "it is finished in the books too, its claim is held";
    FileReleased = "file.released", "its claim is released";

    AnswerMarked = "answer.marked", "the deciding transaction of the answer has begun";
    AnswerDecided = "answer.decided", "the rows are decided in the transaction, no answer is composed";
    AnswerCommitting = "answer.committing", "decisions and answer are in the transaction";
    AnswerCommitted = "answer.committed", "decisions and answer are committed, nothing is sent";

    DeliveryClaimed = "delivery.claimed", "a composed delivery is claimed";
    DeliveryRendered = "delivery.rendered", "its content is rendered into a spool file";
    DeliverySealed = "delivery.sealed", "it lies in the outbox and is not booked as staged";
    DeliveryStaged = "delivery.staged", "it is booked as staged and not sent";
    DeliveryCopied = "delivery.copied", "its bytes lie in the partner's folder under a temporary name";
    DeliveryNamed = "delivery.named", "it has its name in the partner's folder and is not booked as sent";
    DeliverySending = "delivery.sending", "it is marked as sent in the transaction";
    DeliverySent = "delivery.sent", "it is booked as sent, its copy still lies in the outbox";
    DeliveryCleared = "delivery.cleared", "the outbox is cleared, the claim is held";
    DeliveryReleased = "delivery.released", "its claim is released";

    AcknowledgementNoted = "acknowledgement.noted", "a delivery is acknowledged in the transaction of the file that says so";

    RecoveryBegun = "recovery.begun", "a recovery begins";
    RecoveryBuried = "recovery.buried", "a dead process's runs and claims are free";
    RecoveryFreed = "recovery.freed", "expired runs and claims are free, nothing is completed";
    RecoveryHandled = "recovery.handled", "a landed file was handled again from the archive";
    RecoveryAnswered = "recovery.answered", "a loaded file was answered again";
    RecoveryFinished = "recovery.finished", "a decided file was finished again";
    RecoveryDelivered = "recovery.delivered", "what was composed is sent";
    RecoveryCleaned = "recovery.cleaned", "temporary files are removed";

    OperatorDecided = "operator.decided", "an operator's decision is committed and nothing followed from it";

    PushComposed = "push.composed", "a message of our own is in the transaction";
    PushCommitted = "push.committed", "it is committed and not sent";

    ReconcileRecorded = "reconcile.recorded", "a version of a reconciliation is in the transaction";
    ReconcileCommitted = "reconcile.committed", "it is committed";

    MatchRecorded = "match.recorded", "a version of a matching by rows is in the transaction";
    MatchCommitted = "match.committed", "it is committed";

    ReportMade = "report.made", "a report's files are complete in a folder nobody sees";
    ReportNamed = "report.named", "the folder has its name and its row is not committed";
    ReportCommitted = "report.committed", "the report is in the books";
}

/// What becomes of the process at the step it is armed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It ends as by `kill -9`: nothing is flushed, dropped, rolled back or told.
    Die,
    /// It stops, with everything it holds, until somebody sends SIGCONT.
    Hold,
}

struct Armed {
    step: Step,
    deed: Deed,
    /// How often the step is still to be reached; the last time counts.
    left: AtomicU32,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Why a process cannot be armed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// There is no such step, or the number is none.
    #[error(
        "`{0}` is no named step: expected one that `dukou steps` lists, perhaps with `:2` for the second time"
    )]
    Unknown(String),
}

/// Says at which step the process dies or stops: `file.claimed`, or `file.claimed:2` for the
/// second time it is reached. The first call of a process counts; without debug assertions none.
pub fn arm(text: &str, deed: Deed) -> Result<(), StepError> {
    let (step, left) = parse(text).ok_or_else(|| StepError::Unknown(text.to_owned()))?;
    let left = AtomicU32::new(left);
    // A second call has nothing to say: a process has one end.
    let _ = ARMED.set(Armed { step, deed, left });
    Ok(())
}

/// A step and the time it counts, from 1.
fn parse(text: &str) -> Option<(Step, u32)> {
    let (name, time) = match text.split_once(':') {
        Some((name, time)) => (name, time.parse().ok().filter(|time| *time > 0)?),
        None => (text, 1),
    };
    let step = Step::ALL.iter().find(|step| step.name() == name)?;
    Some((*step, time))
}

/// A step is reached. Returns, unless the process is armed for it.
#[inline]
pub fn reached(step: Step) {
    if cfg!(debug_assertions)
        && let Some(armed) = ARMED.get()
        && armed.step == step
        && armed.left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        armed.deed.befall();
    }
}

impl Deed {
    fn befall(self) {
        let signal = match self {
            Self::Die => Signal::KILL,
            Self::Hold => Signal::STOP,
        };
        // A process may always send itself a signal.
        let _ = kill_process(getpid(), signal);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_step_is_named_with_the_time_that_counts() {
        assert_eq!(parse("file.claimed"), Some((Step::FileClaimed, 1)));
        assert_eq!(parse("report.named:3"), Some((Step::ReportNamed, 3)));
        for wrong in [
            "",
            "file",
            "file.claimed:",
            "file.claimed:0",
            "file.claimed:-1",
            ":1",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_that_is_no_step_says_where_the_steps_are() {
        let error = arm("file.clamed", Deed::Die).expect_err("there is no such step");
        assert_eq!(
            error.to_string(),
            "`file.clamed` is no named step: expected one that `dukou steps` lists, perhaps with \
             `:2` for the second time"
        );
    }

    #[test]
    fn every_name_is_its_own_and_a_process_that_is_not_armed_passes_every_step() {
        let names: BTreeSet<_> = Step::ALL.iter().map(|step| step.name()).collect();
        assert_eq!(names.len(), Step::ALL.len());
        for step in Step::ALL {
            reached(*step);
        }
    }
}
