//! A study as the Markdown tables that documents hold between markers.

use super::measure::Profit;
use super::study::{Study, Sweep};
use super::sweeps::PARAMETERS;

/// The tables of a study by the name that their markers have: profits as shipped, the margins of all settings, the edges, and for
/// each profile all that was found with its settings moved. Without sweeps there are no tables of them.
pub fn tables(study: &Study) -> Vec<(&'static str, String)> {
    let mut tables = vec![("strategies", strategies(study)), ("edges", edges(study))];
    if !study.sweeps.is_empty() {
        tables.push(("margins", margins(study)));
        for profile in profiles(study) {
            let swept: Vec<&Sweep> = study.sweeps.iter().filter(|sweep| sweep.profile == profile).collect();
            tables.push((profile, settings(&swept)));
        }
    }
    tables
}

/// The lines of a document between the markers of a table.
pub fn published<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&opening(name))?;
    rest.split_once(CLOSING).map(|(table, _)| table)
}

/// A document with another table between its markers; `None` if it has no such markers.
pub fn publish(document: &str, name: &str, table: &str) -> Option<String> {
    let old = published(document, name)?;
    let (before, after) = (document.split_once(&opening(name))?.0, document.split_once(&opening(name))?.1);
    Some([before, &opening(name), table, &after[old.len()..]].concat())
}

fn opening(name: &str) -> String {
    format!("<!-- table {name}: cargo xtask sim economy --write -->\n")
}

const CLOSING: &str = "<!-- end of table -->";

/// Profit over honest, in percent; bold if it pays.
pub fn cell(profit: &Profit) -> String {
    let mean = number(profit.mean);
    if profit.is_profitable() { format!("**{mean}**") } else { mean }
}

fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    // What rounds to nothing has no sign.
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

fn profiles(study: &Study) -> Vec<&'static str> {
    let names = study.strategies.first().into_iter().flat_map(|(_, profits)| profits);
    names.map(|(profile, _)| *profile).collect()
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn strategies(study: &Study) -> String {
    let mut rows = vec![header("strategy", profiles(study).into_iter().map(code))];
    for (strategy, profits) in &study.strategies {
        let cells = profits.iter().map(|(_, profit)| {
            let spread = number(profit.spread);
            cell(profit) + &if spread == "0.00" { String::new() } else { format!(" ± {spread}") }
        });
        rows.push(std::iter::once(code(strategy.name())).chain(cells).collect());
    }
    table(&rows)
}

fn edges(study: &Study) -> String {
    let titles = ["parameter", "shipped", "pays from", "profit at each value"];
    let mut rows = vec![header("strategy", titles.map(str::to_owned).into_iter())];
    for edge in &study.edges {
        let points = edge.profits.iter().map(|(value, profit)| format!("{value}: {}", number(profit.mean)));
        rows.push(vec![
            code(edge.strategy.name()),
            edge.parameter.to_owned(),
            edge.shipped.to_string(),
            edge.pays_from().map_or("never".to_owned(), |value| value.to_string()),
            points.collect::<Vec<_>>().join(", "),
        ]);
    }
    table(&rows)
}

/// Where something begins to pay: a row for each setting, a column for each profile.
fn margins(study: &Study) -> String {
    let profiles = profiles(study).into_iter().map(code);
    let mut rows = vec![header("setting", std::iter::once("played".to_owned()).chain(profiles))];
    for parameter in PARAMETERS {
        let of = study.sweeps.iter().filter(|sweep| sweep.parameter == parameter.name);
        let cells = of.map(|sweep| {
            let from = sweep.pays_from().map_or("never".to_owned(), |(value, strategy)| {
                format!("from {value} (`{}`)", strategy.name())
            });
            format!("{}; {from}", sweep.shipped)
        });
        let [safest, .., last] = parameter.values else { continue };
        let row = [parameter.name.to_owned(), format!("{safest} to {last}")];
        rows.push(row.into_iter().chain(cells).collect());
    }
    table(&rows)
}

/// All settings of one profile. For each a table, with a row for each strategy that it moves, and a column for each value.
fn settings(sweeps: &[&Sweep]) -> String {
    sweeps.iter().map(|sweep| setting(sweep)).collect::<Vec<_>>().join("\n")
}

fn setting(sweep: &Sweep) -> String {
    let values = sweep.points.iter().map(|(value, _)| {
        if *value == sweep.shipped { format!("**{value}** (shipped)") } else { value.to_string() }
    });
    let mut rows = vec![header(sweep.parameter, values)];
    let mut unmoved = Vec::new();
    let strategies = sweep.points.first().into_iter().flat_map(|(_, profits)| profits);
    for (n, (strategy, _)) in strategies.enumerate() {
        let cells: Vec<String> = sweep.points.iter().map(|(_, profits)| cell(&profits[n].1)).collect();
        let name = code(strategy.name());
        if cells.iter().all(|cell| *cell == cells[0]) {
            unmoved.push(format!("{name} {}", cells[0]));
        } else {
            rows.push(header(&name, cells.into_iter()));
        }
    }
    let rest = if unmoved.is_empty() { "Nothing".to_owned() } else { unmoved.join(", ") };
    format!("{}\nThe same at every value: {rest}.\n", table(&rows))
}

/// What a table of a setting says of a strategy at a value, as [`cell`] shows it.
pub fn figure<'a>(tables: &'a str, parameter: &str, value: f64, strategy: &str) -> Option<&'a str> {
    let cells = |line: &'a str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let of = tables.split_once(&format!("| {parameter} |"))?;
    let of = of.1.split("\n\n").collect::<Vec<_>>();
    let (header, body) = of.first()?.split_once('\n')?;
    let name = code(strategy);
    let Some(row) = body.lines().find(|line| line.starts_with(&format!("| {name} |"))) else {
        let same = of.get(1)?.lines().next()?.strip_prefix("The same at every value: ")?;
        return same.trim_end_matches('.').split(", ").find_map(|one| one.strip_prefix(&name)).map(str::trim);
    };
    let text = value.to_string();
    let is_value = |cell: &&str| cell.split(' ').next().is_some_and(|first| first.trim_matches('*') == text);
    let place = cells(header).iter().position(is_value)?;
    cells(row).get(place + 1).copied()
}

fn header(first: &str, others: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(others).collect()
}

/// A table whose first row is its header.
fn table(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let Some((header, rows)) = rows.split_first() else { return String::new() };
    let rule = format!("|{}\n", "---|".repeat(header.len()));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(header) + &rule + &rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_replaced_and_nothing_else() {
        let document =
            format!("before\n{}old\n{CLOSING}\nbetween\n{}other\n{CLOSING}\n", opening("a"), opening("b"));
        let changed = publish(&document, "b", "new\nlines\n").expect("it has the markers");
        assert_eq!(changed, document.replace("other\n", "new\nlines\n"));
        assert_eq!(published(&changed, "a"), Some("old\n"));
        assert_eq!(publish(&document, "c", "new\n"), None);
    }

    #[test]
    fn what_pays_is_bold_and_nothing_has_no_sign() {
        let profit = |mean, spread| Profit { mean, spread, seeds: 4 };
        assert_eq!(cell(&profit(1.0, 0.0)), "**1.00**");
        assert_eq!(cell(&profit(1.0, 1.0)), "1.00");
        assert_eq!(cell(&profit(-0.004, 0.0)), "0.00");
        assert_eq!(cell(&profit(-1.0, 0.0)), "-1.00");
    }

    #[test]
    fn a_figure_is_found_where_it_was_put() {
        use super::super::Strategy;
        let profit = |mean| Profit { mean, spread: 0.0, seeds: 4 };
        let points = [0.5, 5.0].map(|value| {
            (
                value,
                vec![
                    (Strategy::Lazy, profit(value)),
                    (Strategy::Copying, profit(-3.0)),
                    (Strategy::Whale, profit(0.0)),
                ],
            )
        });
        let sweep = |parameter| Sweep { profile: "cx", parameter, shipped: 5.0, points: points.to_vec() };
        let text = settings(&[&sweep("one"), &sweep("other")]);
        for parameter in ["one", "other"] {
            let found = |value, strategy| figure(&text, parameter, value, strategy);
            assert_eq!(found(0.5, "lazy"), Some("**0.50**"));
            assert_eq!(found(5.0, "lazy"), Some("**5.00**"));
            assert_eq!(found(5.0, "copying"), Some("-3.00"));
            assert_eq!(found(0.5, "stake_whale"), Some("0.00"));
            assert_eq!(found(0.7, "lazy"), None);
            assert_eq!(found(0.5, "stalling"), None);
        }
    }
}
