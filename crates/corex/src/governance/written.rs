//! What is to be called, as people write it: a TOML or JSON file, or arguments.

use crate::Failure;
use crate::args::ActionArgs;
use corex_chain::{Action, Intents, WrittenAction};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// Longer files are no proposals: a chain would not take them.
const MOST_BYTES: usize = 128 * 1024;
/// More calls do not fit a transaction.
const MOST_CALLS: usize = 64;

/// A proposal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    #[serde(default)]
    text: String,
    call: Vec<WrittenAction>,
}

/// Calls and what is said of them.
#[derive(Debug)]
pub struct Written {
    /// The first line, then the rest.
    pub description: String,
    /// In order.
    pub actions: Vec<Action>,
}

/// Reads it; `title` is said of a call that comes by arguments.
pub fn read(intents: &Intents, args: &ActionArgs, title: Option<&str>) -> Result<Written, Failure> {
    let book = intents.contracts().book();
    let encode = |written: &WrittenAction| book.action(written).map_err(|error| error.to_string());
    if let Some(path) = &args.file {
        let file = parse(path).map_err(|why| format!("{}: {why}", path.display()))?;
        let actions: Result<Vec<Action>, String> = file.call.iter().map(encode).collect();
        let actions = actions.map_err(|why| format!("{}: {why}", path.display()))?;
        return Ok(Written { description: description(&file.title, &file.text), actions });
    }
    let (Some(contract), Some(function)) = (&args.contract, &args.function) else {
        return Err("nothing is to be called\nhint: name a file, or --contract and --function".into());
    };
    let written = WrittenAction {
        contract: contract.clone(),
        function: function.clone(),
        arguments: arguments(&args.arg),
        value: 0,
    };
    let action = encode(&written)?;
    let description = match title {
        Some(title) => title.to_owned(),
        None => intents.action_in_words(&action),
    };
    Ok(Written { description, actions: vec![action] })
}

fn description(title: &str, text: &str) -> String {
    match text.trim() {
        "" => title.trim().to_owned(),
        text => format!("{}\n\n{text}", title.trim()),
    }
}

/// All of them NAME=VALUE, or a list.
fn arguments(given: &[String]) -> Value {
    let name = |text: &str| {
        let (name, _) = text.split_once('=')?;
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name.then(|| name.to_owned())
    };
    let named: Option<serde_json::Map<String, Value>> = given
        .iter()
        .map(|text| Some((name(text)?, Value::String(text.split_once('=')?.1.to_owned()))))
        .collect();
    match named {
        Some(named) if !named.is_empty() => Value::Object(named),
        _ => Value::Array(given.iter().map(|text| Value::String(text.clone())).collect()),
    }
}

fn parse(path: &Path) -> Result<File, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    if bytes.len() > MOST_BYTES {
        return Err(format!("it has {} bytes, {MOST_BYTES} are the most", bytes.len()));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    let hint = "hint: docs/governance.md shows such a file";
    let file: File = match path.extension().is_some_and(|extension| extension == "json") {
        true => serde_json::from_str(&text).map_err(|error| format!("{error}\n{hint}"))?,
        false => toml::from_str(&text).map_err(|error| format!("{error}\n{hint}"))?,
    };
    match () {
        () if file.title.trim().is_empty() => Err(format!("the title is empty\n{hint}")),
        () if file.title.lines().count() > 1 => {
            Err("the title has several lines\nhint: put the rest into `text`".into())
        }
        () if file.call.is_empty() => Err(format!("it calls nothing\n{hint}")),
        () if file.call.len() > MOST_CALLS => {
            Err(format!("it has {} calls, {MOST_CALLS} are the most", file.call.len()))
        }
        () => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(name: &str, text: &str) -> Result<File, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        parse(&path)
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "title = 'Fee'\n[[call]]\ncontract = 'market'\nfunction = 'setFeeBps'\narguments = { bps = 150 }\n";
        let json = json!({ "title": "Fee", "call": [
            { "contract": "market", "function": "setFeeBps", "arguments": { "bps": 150 } }
        ]});
        let (a, b) = (check("p.toml", toml).unwrap(), check("p.json", &json.to_string()).unwrap());
        assert_eq!((a.title, a.call), (b.title, b.call));
    }

    #[test]
    fn hostile_files_are_refused_in_words() {
        for (name, text, says) in [
            ("p.toml", "", "missing field `title`"),
            ("p.toml", "title = ''\ncall = []", "the title is empty"),
            ("p.toml", "title = 'x'\ncall = []", "it calls nothing"),
            ("p.toml", "title = \"x\\ny\"\n[[call]]\ncontract='m'\nfunction='f'", "several lines"),
            ("p.toml", "title = 'x'\nfee = 1\ncall = []", "unknown field `fee`"),
            ("p.toml", "title = 'x'\n[[call]]\ncontract='m'\nfunction='f'\nvalue=-1", "invalid value"),
            ("p.json", "[", "hint: docs/governance.md"),
        ] {
            let error = check(name, text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert!(check("p.toml", &" ".repeat(MOST_BYTES + 1)).unwrap_err().contains("bytes"));
    }

    #[test]
    fn arguments_are_a_list_or_named() {
        let of = |given: &[&str]| arguments(&given.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["1", "0xab"]), json!(["1", "0xab"]));
        assert_eq!(of(&["to=0xab", "amount=1.5 tokens"]), json!({ "to": "0xab", "amount": "1.5 tokens" }));
        assert_eq!(of(&["to=0xab", "plain"]), json!(["to=0xab", "plain"]));
        assert_eq!(of(&["1=2"]), json!(["1=2"]));
        assert_eq!(of(&[]), json!([]));
    }
}
