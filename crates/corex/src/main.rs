//! The corex command line.
fn main() {}
