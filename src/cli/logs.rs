//! Logs: JSON lines on standard error, only when they are asked for.

use tracing_subscriber::EnvFilter;

use super::arguments::Global;
use super::environment::variable;
use super::error::CliError;

/// Starts logging when `--log` or `DUKOU_LOG` asks for it.
pub(super) fn start(global: &Global) -> Result<(), CliError> {
    let Some(filter) = global.log.clone().or_else(|| variable("DUKOU_LOG")) else {
        return Ok(());
    };
    let parsed = EnvFilter::try_new(&filter).map_err(|_its_words_vary| CliError::Usage {
        message: format!(
            "`{filter}` is no log level: write `info`, or a filter such as `dukou=debug`"
        ),
    })?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .init();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_none_is_refused_and_shown() {
        let global = Global {
            log: Some("dukou=loud".to_owned()),
            ..Global::default()
        };
        let error = start(&global).expect_err("no such level");
        assert_eq!(
            error.to_string(),
            "`dukou=loud` is no log level: write `info`, or a filter such as `dukou=debug`"
        );
    }
}
