//! `pluriverse`: run, check, verify and export worlds from the command line.

mod args;
mod command;
mod drive;
mod failure;
mod interrupt;
mod json;
mod ledger_file;
mod outfile;
mod output;
mod progress;
mod realtime;
mod render;
mod results;
mod scenario_file;
mod stored;
mod table;
mod version;

fn main() -> std::process::ExitCode {
    args::main()
}
