//! The crate's errors and panics as ours.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rust_xlsxwriter::XlsxError;

use crate::report::ReportError;

/// Does a piece of work of the crate. It panics when a spool file cannot be written (a full disk);
/// here that is an error like every other.
pub(super) fn guarded<T>(
    action: &'static str,
    work: impl FnOnce() -> Result<T, XlsxError>,
) -> Result<T, ReportError> {
    let failed =
        |source: io::Error| ReportError::io(action, Path::new(crate::report::BOOK))(source);
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(XlsxError::IoError(source))) => Err(failed(source)),
        Ok(Err(XlsxError::ZipError(source))) => Err(failed(source.into())),
        Ok(Err(error)) => Err(ReportError::Book(error)),
        Err(_) => Err(failed(io::Error::other(
            "a spool file in the reports folder could not be written; is its disk full?",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_crate_is_an_error_of_ours() {
        let failed = guarded::<()>("write the workbook", || {
            std::panic::resume_unwind(Box::new("full"))
        });
        assert_eq!(
            failed.expect_err("it failed").to_string(),
            "cannot write the workbook `report.xlsx`: a spool file in the reports folder could not be written; is its disk full?"
        );
    }
}
