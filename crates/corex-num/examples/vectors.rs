//! Writes the golden cases of `vectors/num`: run it after a deliberate change of the law, and review the difference.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/golden/mod.rs"]
mod golden;

fn main() -> std::io::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/num");
    std::fs::create_dir_all(folder)?;
    for file in golden::files() {
        std::fs::write(format!("{folder}/{}", file.name), file.content)?;
    }
    Ok(())
}
