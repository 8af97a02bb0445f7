//! The `dukou` program: everything is in the library.

fn main() -> std::process::ExitCode {
    dukou::cli::main()
}
