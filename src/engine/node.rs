//! Who this process is, and whether another one still lives.

use std::fs;

/// `host/pid/start`: unique even when the system gives a process number out again.
pub(super) fn name() -> String {
    let pid = std::process::id();
    format!("{}/{pid}/{}", host(), started(pid).unwrap_or_default())
}

/// Whether the named process is certainly gone: it ran on this host and does not run any more.
pub(super) fn is_gone(node: &str) -> bool {
    let mut parts = node.rsplitn(3, '/');
    let (Some(start), Some(pid), Some(on)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(pid) = pid.parse::<u32>() else {
        return false;
    };
    on == host() && started(pid).as_deref() != Some(start)
}

fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    format!(
        "{}.{}",
        name.trim(),
        boot.trim().split('-').next().unwrap_or_default()
    )
}

/// When a process started, in clock ticks since boot; `None` when it does not run.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name is in parentheses and may hold anything; the fields follow the last one.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // A dead process whose parent has not yet asked for its exit code does no work any more.
    if fields.first() == Some(&"Z") {
        return None;
    }
    fields.get(19).map(|start| (*start).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_one_with_another_start_is_gone() {
        let me = name();
        assert!(!is_gone(&me));
        assert!(is_gone(&format!("{}/{}/1", host(), std::process::id())));
        assert!(
            !is_gone("another.host/1/1"),
            "nothing is known of other hosts"
        );
        assert!(!is_gone("nonsense"));
    }
}
