//! Where two profiles part.

use super::Profile;
use serde_json::Value;

impl Profile {
    /// The first parameter in which this profile differs from another one, in words.
    pub fn difference(&self, other: &Profile) -> String {
        let json = |profile| serde_json::to_value(profile).unwrap_or(Value::Null);
        first("", &json(self), &json(other)).unwrap_or_else(|| "they do not differ".into())
    }
}

fn first(path: &str, found: &Value, promised: &Value) -> Option<String> {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (found, promised) {
        (Value::Object(f), Value::Object(p)) => f.keys().chain(p.keys()).find_map(|key| {
            let at = |of: &serde_json::Map<String, Value>| of.get(key).cloned().unwrap_or(Value::Null);
            first(&below(key), &at(f), &at(p))
        }),
        (Value::Array(f), Value::Array(p)) if f.len() == p.len() => {
            f.iter().zip(p).enumerate().find_map(|(index, (f, p))| first(&below(&index.to_string()), f, p))
        }
        _ => (found != promised).then(|| format!("{path} is {found}, not {promised}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Scope;

    #[test]
    fn the_parameter_that_differs_is_named() {
        let honest = Profile::builtin("cx", Scope::Public).unwrap();
        let mut other = honest.clone();
        other.governance.executive_delay = 0;
        let said = other.difference(&honest);
        assert!(said.starts_with("governance.executive_delay is 0, not "), "{said}");
        other = honest.clone();
        other.registry.tiers[1].history += 1;
        let said = other.difference(&honest);
        assert!(said.starts_with("registry.tiers.1.history is "), "{said}");
        assert_eq!(honest.difference(&honest), "they do not differ");
    }
}
