//! What the build put into the program: names and contents of scenarios and of the web app's files.

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
