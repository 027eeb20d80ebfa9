//! The passphrase of a key file: from `COREX_PASSPHRASE`, or a terminal, where it does not show.

use crate::Failure;
use corex_node::NodeError;
use std::path::Path;

const VARIABLE: &str = "COREX_PASSPHRASE";

/// For a file that is encrypted.
pub fn of(path: &Path) -> Result<String, NodeError> {
    if let Ok(passphrase) = std::env::var(VARIABLE) {
        return Ok(passphrase);
    }
    let nobody = || {
        NodeError::Refused(format!(
            "{} is encrypted, and there is nobody to ask for its passphrase\nhint: set {VARIABLE}",
            path.display()
        ))
    };
    ask(&format!("passphrase of {}: ", path.display()))?.ok_or_else(nobody)
}

/// For a new file. Asked for twice, as nobody can look at what was typed.
pub fn new() -> Result<String, Failure> {
    let passphrase = match std::env::var(VARIABLE) {
        Ok(passphrase) => passphrase,
        Err(_) => {
            let first = ask("new passphrase: ")?.ok_or_else(|| {
                format!(
                    "there is nobody to ask for a passphrase\nhint: set {VARIABLE}, or pass --no-passphrase"
                )
            })?;
            if ask("again: ")?.as_ref() != Some(&first) {
                return Err("the two are not the same; nothing was written".into());
            }
            first
        }
    };
    match passphrase.is_empty() {
        true => {
            Err("the passphrase is empty\nhint: pass --no-passphrase to leave the key unencrypted".into())
        }
        false => Ok(passphrase),
    }
}

/// A line of a terminal that does not show it; nothing without a terminal.
fn ask(question: &str) -> Result<Option<String>, NodeError> {
    let terminal = console::Term::stderr();
    if !terminal.is_term() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Ok(None);
    }
    let broken = |error| NodeError::Refused(format!("the terminal cannot be read: {error}"));
    terminal.write_str(question).map_err(broken)?;
    terminal.read_secure_line().map(Some).map_err(broken)
}
