//! Commands that hints and pages name.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Texts that tell people what to type: everything under these, in files with these endings.
const TOLD_IN: [(&str, &str); 4] = [
    ("crates/corex/src", "rs"),
    ("crates/corex-chain/src", "rs"),
    ("crates/corex-node/src", "rs"),
    ("docs", "md"),
];

/// What is named is there: subcommands, and the options behind them.
#[test]
fn every_command_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut told = BTreeSet::new();
    for (folder, ending) in TOLD_IN {
        for text in texts(&root.join(folder), ending) {
            told.extend(commands(&text, ending == "md"));
        }
    }
    told.extend(commands(&std::fs::read_to_string(root.join("README.md")).expect("a page"), true));
    assert!(told.len() > 100, "too few are found to mean anything: {}", told.len());

    let mut helps = Helps { place: Place::new(), known: BTreeMap::new() };
    let wrong: Vec<String> = told.iter().filter_map(|command| helps.wrong_with(command)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn texts(folder: &Path, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(texts(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(std::fs::read_to_string(&path).expect("text"));
        }
    }
    found
}

/// What stands between backticks, and on a page also what is typed.
fn commands(text: &str, page: bool) -> Vec<String> {
    let quoted = text.split('`').skip(1).filter(|part| part.starts_with("corex ") && !part.contains('\n'));
    let mut found: Vec<String> = quoted.map(str::to_owned).collect();
    if page {
        // Every second stretch between fences is what is typed and answered.
        let typed = text.split("```").skip(1).step_by(2).flat_map(str::lines);
        let typed = typed
            .map(|line| line.strip_prefix("$ ").unwrap_or(line))
            .filter(|line| line.starts_with("corex "));
        found.extend(typed.map(|line| line.split('#').next().unwrap_or(line).to_owned()));
    }
    found
}

/// What `--help` says, command by command.
struct Helps {
    place: Place,
    known: BTreeMap<String, String>,
}

impl Helps {
    fn of(&mut self, path: &[&str]) -> &str {
        let place = &self.place;
        self.known.entry(path.join(" ")).or_insert_with(|| {
            let out = place.corex(&[path, &["--help"]].concat()).output().expect("the program starts");
            assert!(out.status.success(), "{path:?}: {}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8_lossy(&out.stdout).into_owned()
        })
    }

    fn wrong_with(&mut self, command: &str) -> Option<String> {
        let mut path: Vec<&str> = Vec::new();
        let mut words = command.split_whitespace().skip(1).peekable();
        // Of `show|list` only the first is looked at.
        while let Some(word) = words.peek().map(|word| word.split('|').next().unwrap_or(word)) {
            let Some(below) = subcommands(self.of(&path)) else { break };
            // The name of a group alone, or options of the program itself.
            if word.starts_with('-') || word.starts_with('…') {
                break;
            }
            if !below.contains(word) {
                return Some(format!("`{command}`: there is no {word} in `corex {}`", path.join(" ")));
            }
            path.push(word);
            words.next();
        }
        let help = self.of(&path);
        let options = words.map(|word| word.trim_matches(|c: char| "[](),;".contains(c)));
        let missing = options.filter(|word| word.starts_with("--")).find(|option| {
            let option = option.split(['=', '|']).next().unwrap_or(option);
            !help.split(|c: char| c.is_whitespace() || c == ',').any(|word| word == option)
        })?;
        Some(format!("`{command}`: `corex {}` has no {missing}", path.join(" ")))
    }
}

/// The commands in a help text, with their other names; none if it is the help of one that does something.
fn subcommands(help: &str) -> Option<BTreeSet<&str>> {
    let lines = help.split("\nCommands:\n").nth(1)?.lines();
    let rows = lines.take_while(|line| !line.is_empty());
    let names = rows.filter(|row| !row.starts_with("   ")).filter_map(|row| row.split_whitespace().next());
    Some(names.collect())
}
