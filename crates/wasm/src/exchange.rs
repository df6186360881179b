//! How words cross the border: one buffer in the module's memory, written by the caller before a call and by the
//! module before it returns.
//!
//! Nothing here is borrowed while a world runs, so that a panic finds everything free.

use std::{cell::RefCell, panic::PanicHookInfo, sync::Once};

use serde::Serialize;

use crate::fault::Fault;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static LAST_WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

static HOOK: Once = Once::new();

/// Makes the buffer this long and says where it lies until the next call.
pub(crate) fn place(bytes: usize) -> *mut u8 {
    HOOK.call_once(|| std::panic::set_hook(Box::new(note_panic)));
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        buffer.shrink_to(bytes);
        buffer.resize(bytes, 0);
        buffer.as_mut_ptr()
    })
}

/// Where the answer of the last call lies.
pub(crate) fn answer_place() -> *const u8 {
    BUFFER.with_borrow(|buffer| buffer.as_ptr())
}

/// What the caller wrote.
pub(crate) fn take() -> Vec<u8> {
    BUFFER.take()
}

/// Leaves what was asked for in the buffer, and tells its length; or what is wrong, and tells less than nothing: the
/// negative of its length.
pub(crate) fn answer(outcome: Result<Vec<u8>, Fault>) -> i32 {
    let put = |bytes: Vec<u8>| {
        let length = i32::try_from(bytes.len());
        BUFFER.set(bytes);
        length
    };
    let fault = match outcome.map(put) {
        Ok(Ok(length)) => return length,
        Ok(Err(_)) => Fault::new("too_large", "the answer has more than 2 GB"),
        Err(fault) => fault,
    };
    -put(json(&fault)).expect("a fault is described in less than 2 GB")
}

/// A document as bytes.
pub(crate) fn json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("numbers and texts under text keys always encode")
}

/// What the panic that ended this instance said.
pub(crate) fn last_words() -> Vec<u8> {
    LAST_WORDS.take().into_bytes()
}

fn note_panic(panic: &PanicHookInfo<'_>) {
    let message = panic
        .payload_as_str()
        .unwrap_or("a panic without a message");
    let words = match panic.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    };
    LAST_WORDS.set(words);
}
