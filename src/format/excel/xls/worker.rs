//! Our side of the helper: starts it, bounds its time, and tells how it ended.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::frames::Frame;
use super::{Request, XLS_VERB};
use crate::format::excel::cell::SheetFacts;
use crate::format::excel::codes::{self, named, refuse, short};
use crate::format::excel::plan::SheetChoice;
use crate::format::excel::source::{BatchResult, Batches, Source};
use crate::format::{FormatError, Limits};

/// The file of the running program, whatever its path is now.
const OWN: &str = "/proc/self/exe";

/// A helper at work. It is ended when this is dropped.
pub(in crate::format::excel) struct Worker {
    child: Arc<Mutex<Child>>,
    output: BufReader<ChildStdout>,
    /// Dropped when the helper need not be watched any more.
    watched: Option<Sender<()>>,
    is_late: Arc<AtomicBool>,
    seconds: u64,
    memory_bytes: u64,
}

impl Worker {
    /// Starts a helper on a workbook and waits for what it says of the sheet.
    pub(in crate::format::excel) fn open(
        mut file: File,
        choice: &SheetChoice,
        limits: &Limits,
    ) -> Result<Source, FormatError> {
        file.seek(SeekFrom::Start(0)).map_err(FormatError::Read)?;
        let mut worker = Self::start(file, choice, limits).map_err(|error| {
            let message = format!("the helper cannot be started: {error}");
            refuse(codes::XLS_FAILED, message)
        })?;
        let facts: SheetFacts = match worker.frame()? {
            Frame::Facts(json) => {
                serde_json::from_slice(&json).map_err(|_error| worker.unexpected())?
            }
            _ => return Err(worker.unexpected()),
        };
        Ok(Source::new(facts, Batches::Worker(Box::new(worker))))
    }

    fn start(file: File, choice: &SheetChoice, limits: &Limits) -> std::io::Result<Self> {
        let workbook = &limits.workbook;
        let (sheet, pattern) = match choice {
            SheetChoice::FirstVisible => (None, None),
            SheetChoice::Named(name) => (Some(name.clone()), None),
            SheetChoice::Like(pattern) => (None, Some(pattern.as_str().to_owned())),
        };
        let request = Request {
            sheet,
            pattern,
            columns: limits.columns,
            row_bytes: limits.record_bytes,
            cells: workbook.cells,
            merges: workbook.merges,
            memory_bytes: workbook.xls_memory_bytes,
            seconds: workbook.xls_seconds,
        };
        let program = match &workbook.xls_program {
            Some(program) => program.clone(),
            // Also when the program's file was replaced while it runs.
            None if Path::new(OWN).exists() => PathBuf::from(OWN),
            None => std::env::current_exe()?,
        };
        let mut child = Command::new(program)
            .arg(XLS_VERB)
            .arg(serde_json::to_string(&request)?)
            .env_clear()
            .stdin(Stdio::from(file))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take();
        let output = output.ok_or_else(|| std::io::Error::other("the helper has no output"))?;
        let child = Arc::new(Mutex::new(child));
        let is_late = Arc::new(AtomicBool::new(false));
        let watched = watch(
            workbook.xls_seconds,
            Arc::clone(&child),
            Arc::clone(&is_late),
        )?;
        Ok(Self {
            child,
            output: BufReader::new(output),
            watched: Some(watched),
            is_late,
            seconds: workbook.xls_seconds,
            memory_bytes: workbook.xls_memory_bytes,
        })
    }

    /// The next rows.
    pub(in crate::format::excel) fn next(&mut self) -> BatchResult {
        match self.frame()? {
            Frame::Rows(batch) => Ok(Some(batch)),
            Frame::End => Ok(None),
            Frame::Facts(_) | Frame::Refused(_) => Err(self.unexpected()),
        }
    }

    fn frame(&mut self) -> Result<Frame, FormatError> {
        match Frame::read(&mut self.output) {
            Ok(Frame::Refused(why)) => {
                let (id, detail) = why.split_once('\n').unwrap_or(("", &why));
                Err(refuse(named(id).unwrap_or(codes::XLS_FAILED), detail))
            }
            Ok(frame) => Ok(frame),
            Err(broken) if broken.kind() == ErrorKind::InvalidData => Err(self.unexpected()),
            Err(_ended) => Err(self.ended()),
        }
    }

    fn unexpected(&self) -> FormatError {
        refuse(codes::XLS_FAILED, "the helper said something unexpected")
    }

    /// Why the helper's output broke off.
    fn ended(&mut self) -> FormatError {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // One that closed its output and lives on is not waited for; how one ended stays as it is.
        drop(child.kill());
        let status = child.wait();
        let mut said = String::new();
        if let Some(errors) = child.stderr.take() {
            drop(errors.take(4_096).read_to_string(&mut said));
        }
        if self.is_late.load(Ordering::Acquire) {
            let message = format!(
                "it took more than {} seconds, the setting `workbook_xls_seconds`",
                self.seconds
            );
            return refuse(codes::XLS_LIMIT, message);
        }
        if said.contains("memory allocation of") {
            let message = format!(
                "it asked for more memory than {} bytes, the setting `workbook_xls_memory_bytes`",
                self.memory_bytes
            );
            return refuse(codes::XLS_LIMIT, message);
        }
        // The system ends a process whose processor time is over with 24, at the hard limit with 9.
        let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
        if matches!(signal, Some(9 | 24)) {
            let message = format!(
                "the system ended it with signal {}: its memory or its {} seconds were over",
                signal.unwrap_or_default(),
                self.seconds
            );
            return refuse(codes::XLS_LIMIT, message);
        }
        let how = match status {
            Err(error) => error.to_string(),
            Ok(status) => match (status.signal(), status.code()) {
                (Some(signal), _) => format!("signal {signal}"),
                (None, Some(code)) => format!("exit code {code}"),
                (None, None) => "no status".to_owned(),
            },
        };
        refuse(
            codes::XLS_FAILED,
            format!("the helper ended with {}", short(&how)),
        )
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.watched.take());
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        drop(child.kill());
        drop(child.wait());
    }
}

/// Ends the helper when its time is over, unless the sender is dropped before.
fn watch(
    seconds: u64,
    child: Arc<Mutex<Child>>,
    is_late: Arc<AtomicBool>,
) -> std::io::Result<Sender<()>> {
    let (sender, receiver) = channel::<()>();
    thread::Builder::new()
        .name("workbook-helper".to_owned())
        .spawn(move || {
            let waited = receiver.recv_timeout(Duration::from_secs(seconds));
            if waited == Err(RecvTimeoutError::Timeout) {
                is_late.store(true, Ordering::Release);
                let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
                drop(child.kill());
            }
        })?;
    Ok(sender)
}
