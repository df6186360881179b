//! A thousand WebSocket clients on one world.

use crate::bench::report::{self, Table};
use crate::workspace::{self, Profile, Workspace};

/// Clients that read, one in twenty of them slowly; one more does not read.
const CLIENTS: &str = "1000";
/// In how many seconds the day is played.
const SECONDS: &str = "20";

/// Measures what watchers cost the server, and that they cost the world nothing.
///
/// # Errors
/// When a program fails, a client is let go, or the world's hash is not that of a world that nobody watched.
pub(super) fn measure(workspace: &Workspace) -> anyhow::Result<Table> {
    let server = workspace.build_cli(Profile::Release)?;
    let selection = ["--package", "pluriverse-server", "--bench", "crowd"];
    let program = workspace.build(Profile::Release, &selection, "crowd")?;
    let mut command = workspace.command(&program);
    command.arg(server).args([CLIENTS, SECONDS]);
    Ok(Table::of_figures(
        "A thousand watchers of one world",
        "A day of the contact centre played in 20 seconds, up to 30 frames a second to each of 1,000 WebSockets of a \
         real server on the same machine as its clients; the world's hash must be that of a world that nobody \
         watches. The target is at most 200 MB.",
        report::figures(&workspace::read(&mut command)?)?,
    ))
}
