//! Embeds what the program serves besides its answers: the gallery's scenarios, and the web app where it is built.
//!
//! The app is `web/app/dist`, which `cargo xtask build` makes. Where there is none the list is empty and the server
//! shows a page that says how to build it, so that a plain `cargo build` needs no Node.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// What the gallery is made of: scenarios and the files that they refer to.
const GALLERY_ENDINGS: [&str; 3] = ["toml", "json", "csv"];

fn main() -> io::Result<()> {
    let root =
        PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
            .join("../..")
            .canonicalize()?;
    let scenarios = root.join("scenarios");
    println!("cargo::rerun-if-changed={}", scenarios.display());
    let mut gallery = files_below(&scenarios)?;
    gallery.retain(|path| {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        GALLERY_ENDINGS.contains(&ending.as_ref())
    });

    let app = root.join("web/app/dist");
    let watched = [&*app, &*root.join("web/app"), &*root.join("crates")];
    // A path that is not there would count as changed each time: the nearest that exists is watched instead. Cargo
    // builds the crate again when one of its own files changes in any case.
    if let Some(watched) = watched.iter().find(|path| path.is_dir())
        && !watched.ends_with("crates")
    {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let app_files = if app.is_dir() {
        files_below(&app)?
    } else {
        Vec::new()
    };

    let text = format!(
        "pub(crate) static SCENARIOS: &[(&str, &[u8])] = &{};\npub(crate) static APP: &[(&str, &[u8])] = &{};\n",
        list(&scenarios, &gallery),
        list(&app, &app_files),
    );
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("embedded.rs"), text)
}

/// All files below a folder, sorted by path.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The source text of a slice of names and contents.
fn list(folder: &Path, files: &[PathBuf]) -> String {
    let entries = files.iter().map(|path| {
        let name = path
            .strip_prefix(folder)
            .expect("the file lies in the folder");
        let name = name.to_string_lossy().replace('\\', "/");
        format!(
            "({name:?}, include_bytes!({:?}) as &[u8]),\n",
            path.display().to_string()
        )
    });
    format!("[{}]", entries.collect::<String>())
}
