//! A whole game as a picture (SVG): who said what, top to bottom.

use std::fmt::Write;

use super::told::{Side, Told};

const WIDTH: f64 = 980.0;
/// Where the two sides stand.
const ACCUSED_X: f64 = 60.0;
const CHALLENGER_X: f64 = 920.0;
const TOP: f64 = 92.0;
const LINE: f64 = 17.0;
/// Characters of a line of text between the two sides.
const COLUMNS: usize = 116;

/// Draws a game. `title` stands above it, `end` below.
pub fn svg(title: &str, moves: &[Told], end: &str) -> String {
    let rows: Vec<Vec<String>> = moves.iter().map(|told| wrap(&told.says, COLUMNS)).collect();
    let heights = rows.iter().map(|lines| lines.len() as f64 * LINE + 21.0);
    let height = TOP + heights.sum::<f64>() + 58.0;
    let middle = WIDTH / 2.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n\
         <text x=\"{middle}\" y=\"28\" text-anchor=\"middle\" font-size=\"16\" font-weight=\"bold\">{0}</text>\n",
        escape(title)
    );
    let foot = height - 44.0;
    for (x, name, colour) in [(ACCUSED_X, "accused", "#d62728"), (CHALLENGER_X, "challenger", "#1f77b4")] {
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"62\" text-anchor=\"middle\" font-weight=\"bold\" fill=\"{colour}\">{name}</text>\
             <path d=\"M{x} 72V{foot:.0}\" stroke=\"{colour}\" stroke-width=\"2\"/>"
        );
    }
    let mut y = TOP;
    for (told, lines) in moves.iter().zip(&rows) {
        for line in lines {
            let _ = writeln!(
                out,
                "<text x=\"{middle}\" y=\"{y:.0}\" text-anchor=\"middle\">{}</text>",
                escape(line)
            );
            y += LINE;
        }
        let (from, to) = match told.by {
            Side::Accused => (ACCUSED_X, CHALLENGER_X),
            Side::Challenger => (CHALLENGER_X, ACCUSED_X),
            // Whoever called what anybody may call is neither.
            Side::Anybody => (middle - 60.0, middle + 60.0),
        };
        let y_arrow = y - 9.0;
        let _ = writeln!(
            out,
            "<path d=\"M{from} {y_arrow:.0}H{to}\" stroke=\"#444\" marker-end=\"url(#tip)\"/>\
             <text x=\"{middle}\" y=\"{0:.0}\" text-anchor=\"middle\" font-size=\"10\" fill=\"#777\">{1} gas, {2} bytes</text>",
            y_arrow + 12.0,
            grouped(told.gas),
            grouped(told.calldata as u64),
        );
        y += 21.0;
    }
    let _ = writeln!(
        out,
        "<text x=\"{middle}\" y=\"{:.0}\" text-anchor=\"middle\" font-size=\"15\" font-weight=\"bold\">{}</text>",
        height - 18.0,
        escape(end)
    );
    out.push_str("</svg>\n");
    out
}

/// Lines of at most `columns` characters, cut at spaces where there are any.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("it is never empty");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > columns {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

/// Thousands apart: 1 234 567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_drawn_and_nothing_breaks_out() {
        let told =
            |by, says: &str| Told { by, says: says.into(), gas: 1_234_567, calldata: 99, ..Told::default() };
        let moves = [told(Side::Accused, "claims <all> & more"), told(Side::Challenger, &"word ".repeat(60))];
        let picture = svg("a & b", &moves, "guilty");
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
        assert!(picture.contains("claims &lt;all&gt; &amp; more") && !picture.contains("<all>"));
        assert_eq!(picture.matches("marker-end").count(), 2);
        assert!(picture.contains("1\u{202f}234\u{202f}567 gas, 99 bytes"));
        assert_eq!(wrap(&"word ".repeat(60), COLUMNS).len(), 3);
        assert_eq!(grouped(12), "12");
    }
}
