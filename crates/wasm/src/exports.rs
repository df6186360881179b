//! The calls of the module. Names beginning with `world_` are about the world that `open` made.
//!
//! Every call that returns a number leaves its answer in the buffer and returns the answer's length, or the negative
//! length of a fault. Counts and seconds come as JavaScript's numbers.
#![allow(
    unsafe_code,
    reason = "calls are found by their unmangled names, which the language counts as unsafe"
)]

use std::cell::RefCell;

use pluriverse_host::{document::Results, kinds, scenario::GivenFiles};
use pluriverse_kernel::{replicate::RunPlan, world::Progress};
use serde_json::json;

use crate::{
    exchange::{self, answer},
    fault::Fault,
    inhabited::Inhabited,
    request::Request,
};

/// Revision that the module was built from; empty where the build did not set `PLURIVERSE_REVISION`.
pub(crate) const REVISION: &str = match option_env!("PLURIVERSE_REVISION") {
    Some(revision) => revision,
    None => "",
};

thread_local! {
    static FILES: RefCell<GivenFiles> = RefCell::default();
    static WORLD: RefCell<Option<Inhabited>> = const { RefCell::new(None) };
}

/// Defines calls that can be found by their names.
macro_rules! calls {
    ($($(#[doc = $doc:literal])+ fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty $body:block)+) => {$(
        $(#[doc = $doc])+
        // SAFETY: no other symbol of this module has the name.
        #[unsafe(no_mangle)]
        pub(crate) extern "C" fn $name($($argument: $type),*) -> $answer $body
    )+};
}

calls! {
    /// Makes the buffer this long, for the words of the next call, and tells where it lies.
    fn buffer(bytes: usize) -> *mut u8 {
        exchange::place(bytes)
    }

    /// Where the answer of the last call lies.
    fn answer_place() -> *const u8 {
        exchange::answer_place()
    }

    /// What the panic said that ended this instance: the only call that may follow one.
    fn last_words() -> i32 {
        answer(Ok(exchange::last_words()))
    }

    /// Version and revision.
    fn version() -> i32 {
        let document = json!({ "version": env!("CARGO_PKG_VERSION"), "revision": REVISION });
        answer(Ok(exchange::json(&document)))
    }

    /// The kinds of world with a sentence about each.
    fn list_kinds() -> i32 {
        let listed = kinds::KINDS.iter().map(|kind| json!({ "name": kind.name(), "summary": kind.summary() }));
        answer(Ok(exchange::json(&listed.collect::<Vec<_>>())))
    }

    /// JSON Schema of the scenario files of the kind named in the buffer.
    fn schema() -> i32 {
        let name = exchange::take();
        let name = String::from_utf8_lossy(&name);
        let unknown = || Fault::usage(format!("there is no kind `{name}`"));
        answer(kinds::find(&name).map(|kind| kind.schema().into_bytes()).ok_or_else(unknown))
    }

    /// Takes a file that the scenario of the next request may refer to: its path, of `path_bytes` bytes, and content.
    fn give_file(path_bytes: usize) -> i32 {
        let mut words = exchange::take();
        let content = words.split_off(path_bytes);
        let path = String::from_utf8_lossy(&words);
        FILES.with_borrow_mut(|files| files.insert(&path, content));
        answer(Ok(Vec::new()))
    }

    /// Everything that can be said about a scenario.
    fn check() -> i32 {
        answer(request().map(|(request, files)| exchange::json(&request.check(&files))))
    }

    /// Runs replications of a scenario to their ends: the results.
    fn run() -> i32 {
        answer(request().and_then(|(request, files)| run_all(&request, &files)))
    }

    /// Makes the world.
    fn open() -> i32 {
        let opened = request().and_then(|(request, files)| Inhabited::open(&request, &files));
        answer(opened.map(|world| {
            WORLD.set(Some(world));
            Vec::new()
        }))
    }

    /// What stays the same.
    fn world_describe() -> i32 {
        look(|world| Ok(exchange::json(&world.session().describe())))
    }

    /// How it stands.
    fn world_frame() -> i32 {
        look(|world| Ok(exchange::json(&world.session().frame())))
    }

    /// What has happened since the last call, at most the latest `limit` rows.
    fn world_feed(limit: f64) -> i32 {
        let limit = usize::try_from(count(limit)).unwrap_or(usize::MAX);
        look(|world| Ok(exchange::json(&world.session().feed(limit))))
    }

    /// A row and what led to it.
    fn world_causes(row: f64) -> i32 {
        look(|world| Ok(exchange::json(&world.session().causes(count(row)))))
    }

    /// What it has come to.
    fn world_results() -> i32 {
        look(|world| Ok(world.results()))
    }

    /// Begins.
    fn world_start() -> i32 {
        look(|world| Ok(world.session().world_mut().start().map(|()| Vec::new())?))
    }

    /// Handles one event.
    fn world_step() -> i32 {
        advance(|world| Ok(world.session().world_mut().step()?))
    }

    /// Handles everything to the end, but at most `max_events`.
    fn world_run(max_events: f64) -> i32 {
        advance(|world| Ok(world.session().world_mut().run(count(max_events))?))
    }

    /// Handles everything up to a time, but at most `max_events`.
    fn world_run_until(seconds: f64, max_events: f64) -> i32 {
        advance(|world| world.run_until(seconds, count(max_events)))
    }

    /// Lets time pass, but handles at most `max_events`.
    fn world_play(seconds: f64, max_events: f64) -> i32 {
        advance(|world| Ok(world.session().play(seconds, count(max_events))?))
    }

    /// Goes to a time, forwards or back.
    fn world_seek(seconds: f64) -> i32 {
        advance(|world| world.seek(seconds))
    }

    /// Holds it.
    fn world_pause() -> i32 {
        look(|world| {
            world.session().world_mut().pause();
            Ok(Vec::new())
        })
    }

    /// Lets it go on.
    fn world_resume() -> i32 {
        look(|world| {
            world.session().world_mut().resume();
            Ok(Vec::new())
        })
    }

    /// Opens a feed of the kinds whose names are in the buffer, or of all: its number.
    fn world_subscribe() -> i32 {
        let names = exchange::take();
        look(|world| Ok(exchange::json(&world.subscribe(&names)?)))
    }

    /// What has happened since this feed was read last.
    fn world_read(feed: usize) -> i32 {
        look(|world| world.read(feed))
    }

    /// Closes a feed.
    fn world_unsubscribe(feed: usize) -> i32 {
        look(|world| {
            world.unsubscribe(feed);
            Ok(Vec::new())
        })
    }

    /// The complete state.
    fn world_snapshot() -> i32 {
        look(|world| Ok(world.session().world().snapshot()))
    }

    /// The complete state of a world that has started.
    fn world_branch() -> i32 {
        look(|world| world.branch())
    }

    /// Becomes what the snapshot in the buffer was.
    fn world_restore() -> i32 {
        let snapshot = exchange::take();
        look(|world| Ok(world.session().restore(&snapshot).map(|()| Vec::new())?))
    }

    /// The ledger's hash so far, in hexadecimal.
    fn world_hash() -> i32 {
        look(|world| {
            let hash = world.session().world().ledger().hash();
            Ok(hash.map_or_else(String::new, |hash| hash.to_string()).into_bytes())
        })
    }

    /// The ledger so far as an Arrow IPC file.
    fn world_ledger() -> i32 {
        look(|world| world.ledger())
    }
}

/// What the caller asks for, with the files that it gave.
fn request() -> Result<(Request, GivenFiles), Fault> {
    let words = exchange::take();
    let files = FILES.take();
    Ok((Request::parse(&words)?, files))
}

fn run_all(request: &Request, files: &GivenFiles) -> Result<Vec<u8>, Fault> {
    let loaded = request.load(files)?;
    if request.replications == 0 {
        return Err(Fault::usage("`replications` is 0, expected 1 or more"));
    }
    let outcome = RunPlan::new(loaded.key.seed, request.replications).run(&*loaded.scenario)?;
    Ok(exchange::json(&Results::new(
        &*loaded.scenario,
        loaded.key.seed,
        &outcome,
    )))
}

/// Asks the world. It is out of its place meanwhile: a panic leaves nothing borrowed, and no world.
fn look(ask: impl FnOnce(&mut Inhabited) -> Result<Vec<u8>, Fault>) -> i32 {
    let Some(mut world) = WORLD.take() else {
        return answer(Err(Fault::usage("no world was opened here")));
    };
    let outcome = ask(&mut world);
    WORLD.set(Some(world));
    answer(outcome)
}

/// Moves the world.
fn advance(call: impl FnOnce(&mut Inhabited) -> Result<Progress, Fault>) -> i32 {
    look(|world| {
        let word = match call(world)? {
            Progress::More => "more",
            Progress::Paused => "paused",
            Progress::Finished => "finished",
        };
        Ok(word.as_bytes().to_vec())
    })
}

/// A number of things; what is less than nothing is nothing, what is more than can be counted is all.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion ends at the ends of the type, which is what is wanted"
)]
fn count(number: f64) -> u64 {
    number as u64
}
