//! `ops/setup` on machines that lack Rust: only the programs that a test puts there exist.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the script itself is made of.
const TOOLS: &[&str] = &[
    "bash", "cat", "chmod", "cut", "dirname", "env", "head", "id", "ls", "mkdir", "mktemp", "rm",
    "sed", "sh", "sort", "tail",
];

/// A machine with a C compiler, git and Debian 12's cargo, whose apt offers no rustup.
struct Machine {
    root: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        for folder in ["bin", "home", "tmp"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        let machine = Self { root };
        for tool in TOOLS {
            let found = ["/usr/bin", "/bin"]
                .iter()
                .map(|folder| Path::new(folder).join(tool));
            let found = found.into_iter().find(|path| path.exists());
            symlink(found.expect("a tool of every system"), machine.bin(tool)).expect("a link");
        }
        for (name, text) in [
            ("cc", "cat >/dev/null"),
            ("git", "exit 0"),
            ("cargo", "echo 'cargo 1.65.0'"),
            ("apt-get", "exit 0"),
            ("apt-cache", "echo 'rustup:'; echo '  Candidate: (none)'"),
        ] {
            machine.program(name, text);
        }
        machine
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.root.path().join("bin").join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.bin(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("space");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    fn setup(&self) -> Output {
        Command::new(self.bin("bash"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/setup"))
            .arg("build")
            .env_clear()
            .env("PATH", self.root.path().join("bin"))
            .env("HOME", self.root.path().join("home"))
            .env("TMPDIR", self.root.path().join("tmp"))
            .output()
            .expect("bash starts")
    }
}

#[test]
fn a_machine_with_an_old_rust_gets_a_new_one_from_the_official_installer() {
    let machine = Machine::new();
    // An installer that does what the real one does, for a machine without a network.
    machine.program(
        "curl",
        r#"
while [ "$1" != --output ]; do shift; done
cat >"$2" <<'END'
[ "$*" = "-y --profile minimal --default-toolchain stable --component clippy --component rustfmt --no-modify-path" ] || exit 1
mkdir -p "$HOME/.cargo/bin"
printf '#!/bin/sh\necho "cargo 9.0.0"\n' >"$HOME/.cargo/bin/cargo"
chmod +x "$HOME/.cargo/bin/cargo"
END
[ "$3" = https://sh.rustup.rs ]"#,
    );
    for _ in 0..2 {
        let output = machine.setup();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(told.ends_with("==> everything needed is there\n"), "{told}");
    }
    let left = fs::read_dir(machine.root.path().join("tmp")).expect("a folder");
    assert_eq!(left.count(), 0, "the installer is not left behind");
}

#[test]
fn a_machine_that_cannot_fetch_the_installer_is_told_the_next_step() {
    let machine = Machine::new();
    machine.program("curl", "echo 'curl: (6) no such host' >&2; exit 6");
    let output = machine.setup();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr).replace(
        &machine.root.path().join("home").display().to_string(),
        "HOME",
    );
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let manifest = manifest.expect("the manifest");
    let wanted = manifest
        .split("rust-version = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    assert_eq!(
        told,
        format!(
            "==> no package of rustup is offered: fetching its official installer from sh.rustup.rs with curl and running it for HOME\n\
             curl: (6) no such host\n\
             dukou: needs Rust {} or newer; found: 1.65.0.\n       \
             Install rustup as https://rustup.rs says (or copy its toolchain from another machine),\n       \
             then: rustup toolchain install stable --profile minimal --component clippy,rustfmt\n       \
             and run this again.\n",
            wanted.expect("a version")
        )
    );
}
