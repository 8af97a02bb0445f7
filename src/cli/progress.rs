//! Progress bars, when somebody watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};

use super::out::Out;
use crate::engine::{Progress, Silent};

/// How often the screen is drawn while nothing is reported.
const TICK: Duration = Duration::from_millis(120);

/// Bars on standard error when somebody watches it, else nothing.
pub(super) fn watched(out: &Out) -> Box<dyn Progress> {
    if out.is_watched && !out.is_json && !out.is_quiet {
        Box::new(Bars::new())
    } else {
        Box::new(Silent)
    }
}

/// One bar for all files, one line for the current one.
struct Bars {
    screen: MultiProgress,
    files: ProgressBar,
    current: Mutex<Option<ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        let screen = MultiProgress::new();
        let files = screen.add(ProgressBar::new(0));
        files.set_style(style("文件 {bar:24} {pos}/{len} {elapsed}"));
        Self {
            screen,
            files,
            current: Mutex::new(None),
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
        bar.set_style(style("{spinner} {msg} {records} 条").with_key("records", counted));
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(TICK);
        self.show(Some(bar));
    }

    fn loading(&self, name: &str, rows: u64) {
        let bar = self.screen.add(ProgressBar::new_spinner());
        bar.set_style(style("{spinner} {msg}"));
        bar.set_message(format!("{name} 载入 {rows} 行"));
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

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_can_be_drawn() {
        for template in [
            "文件 {bar:24} {pos}/{len} {elapsed}",
            "{spinner} {msg} {records} 条",
            "{spinner} {msg}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_file_after_the_other_counts_up() {
        let bars = Bars::new();
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
