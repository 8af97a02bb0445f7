//! Progress bars, when somebody watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::out::Out;
use super::screen::Screen;
use super::words;
use crate::engine::{Progress, Silent};

/// How often the screen is drawn while nothing is reported.
const TICK: Duration = Duration::from_millis(120);

/// Bars on standard error when somebody watches it, else nothing.
pub(super) fn watched(out: &Out) -> Box<dyn Progress> {
    if out.is_watched && !out.is_json && !out.is_quiet {
        Box::new(Bars::new(out.screen))
    } else {
        Box::new(Silent)
    }
}

/// One bar for all files, one line for the current one.
struct Bars {
    screen: MultiProgress,
    files: ProgressBar,
    current: Mutex<Option<ProgressBar>>,
    words: Screen,
}

impl Bars {
    fn new(words: Screen) -> Self {
        let screen = MultiProgress::new();
        let files = screen.add(ProgressBar::new(0));
        files.set_style(style(&files_template(words)));
        Self {
            screen,
            files,
            current: Mutex::new(None),
            words,
        }
    }

    fn show(&self, bar: Option<ProgressBar>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = current.take() {
            last.finish_and_clear();
        }
        *current = bar;
    }
}

impl Progress for Bars {
    fn files(&self, count: usize) {
        self.files.set_length(count as u64);
        self.files.enable_steady_tick(TICK);
    }

    fn file(&self, name: &str, records: Arc<AtomicU64>) {
        let bar = self.screen.add(ProgressBar::new_spinner());
        let counted = move |_: &ProgressState, line: &mut dyn std::fmt::Write| {
            // A line that cannot be drawn is drawn at the next tick.
            let _ = write!(line, "{}", records.load(Ordering::Relaxed));
        };
        bar.set_style(style(&records_template(self.words)).with_key("records", counted));
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(TICK);
        self.show(Some(bar));
    }

    fn loading(&self, name: &str, rows: u64) {
        let bar = self.screen.add(ProgressBar::new_spinner());
        bar.set_style(style("{spinner} {msg}"));
        bar.set_message(self.words.fill(words::PROGRESS_LOADING, &[&name, &rows]));
        bar.enable_steady_tick(TICK);
        self.show(Some(bar));
    }

    fn done(&self, _name: &str) {
        self.show(None);
        self.files.inc(1);
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.show(None);
        self.files.finish_and_clear();
    }
}

fn files_template(screen: Screen) -> String {
    let files = screen.say(words::PROGRESS_FILES);
    format!("{files} {{bar:24}} {{pos}}/{{len}} {{elapsed}}")
}

fn records_template(screen: Screen) -> String {
    let records = screen.say(words::PROGRESS_RECORDS);
    format!("{{spinner}} {{msg}} {{records}} {records}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_drawn() {
        for template in [
            files_template(Screen::USUAL),
            records_template(Screen::USUAL),
            "{spinner} {msg}".to_owned(),
        ] {
            assert!(
                ProgressStyle::with_template(&template).is_ok(),
                "{template}"
            );
        }
    }

    #[test]
    fn a_file_after_the_other_counts_up() {
        let bars = Bars::new(Screen::USUAL);
        bars.files(2);
        for name in ["a", "b"] {
            bars.file(name, Arc::new(AtomicU64::new(7)));
            bars.loading(name, 7);
            bars.done(name);
        }
        assert_eq!(bars.files.position(), 2);
        assert!(
            bars.current
                .lock()
                .expect("no test panics inside")
                .is_none()
        );
    }
}
