//! Work that blocks, on threads that may.

use tokio::task::JoinHandle;

use super::EngineError;

/// Blocking work that was started and goes on by itself; dropped, its outcome is lost.
#[derive(Debug)]
pub(super) struct Begun<T> {
    doing: &'static str,
    thread: JoinHandle<Result<T, EngineError>>,
}

impl<T> Begun<T> {
    /// Waits for the outcome.
    pub(super) async fn end(self) -> Result<T, EngineError> {
        let doing = self.doing;
        let outcome = self.thread.await;
        outcome.map_err(|_panicked| EngineError::WorkerLost { doing })?
    }
}

/// Starts blocking work.
pub(super) fn begin<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Begun<T> {
    Begun {
        doing,
        thread: tokio::task::spawn_blocking(work),
    }
}

/// Does blocking work and waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    begin(doing, work).end().await
}
