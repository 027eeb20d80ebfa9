//! A whole game as a picture (SVG): what each side said, top to bottom.

use std::fmt::Write;

use super::Turn;

/// A move in a picture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drawn {
    /// Who made it; [`Turn::Over`] if it was neither side.
    pub by: Turn,
    /// What it says ([`explain`](super::explain())).
    pub says: String,
    /// Gas of the transaction.
    pub gas: u64,
    /// Bytes of the call, where they are known.
    pub bytes: Option<u64>,
}

const WIDTH: usize = 900;
const BOX: usize = 600;
const MARGIN: usize = 20;
/// Characters of a line; letters are narrower than they are high.
const COLUMNS: usize = 78;
const LINE: usize = 19;

const ACCUSED: &str = "#b35900";
const CHALLENGER: &str = "#1f5fa8";
const END: &str = "#2e7d32";
const INK: &str = "#1a1a1a";
const PALE: &str = "#6b6b6b";

/// Draws a game, the challenger's moves on the left and the accused's on the right. `title` stands above it, `end` below.
pub fn svg(title: &str, moves: &[Drawn], end: &str) -> String {
    let (mut body, mut y) = (String::new(), 84);
    for (at, drawn) in moves.iter().enumerate() {
        let lines = wrap(&drawn.says);
        let height = LINE * lines.len() + 34;
        let (x, colour) = match drawn.by {
            Turn::Accused => (WIDTH - MARGIN - BOX, ACCUSED),
            Turn::Challenger => (MARGIN, CHALLENGER),
            // Whoever calls what anybody may call is on neither side.
            Turn::Over => ((WIDTH - BOX) / 2, PALE),
        };
        rect(&mut body, (x, y), (BOX, height), colour);
        for (line, words) in lines.iter().enumerate() {
            text(&mut body, (x + 14, y + 22 + LINE * line), 14, INK, words);
        }
        let mut cost = format!("{} · {} gas", at + 1, grouped(drawn.gas));
        if let Some(bytes) = drawn.bytes {
            let _ = write!(cost, " · {} bytes", grouped(bytes));
        }
        text(&mut body, (x + 14, y + height - 10), 11, PALE, &cost);
        y += height + 10;
    }
    rect(&mut body, (MARGIN, y), (WIDTH - 2 * MARGIN, 40), END);
    text(&mut body, (MARGIN + 14, y + 25), 14, INK, end);
    y += 40 + MARGIN;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" \
         font-family=\"Helvetica, Arial, sans-serif\">\n<rect width=\"{WIDTH}\" height=\"{y}\" fill=\"#ffffff\"/>\n"
    );
    text(&mut out, (MARGIN, 34), 18, INK, title);
    text(&mut out, (MARGIN, 66), 14, CHALLENGER, "challenger");
    text(&mut out, (WIDTH - MARGIN - BOX, 66), 14, ACCUSED, "accused");
    out + &body + "</svg>\n"
}

fn rect(out: &mut String, (x, y): (usize, usize), (width, height): (usize, usize), colour: &str) {
    let shape = format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"");
    // Writing to a string does not fail.
    let _ = writeln!(out, "<rect {shape} fill=\"{colour}\" fill-opacity=\"0.08\" stroke=\"{colour}\"/>");
}

fn text(out: &mut String, (x, y): (usize, usize), size: usize, colour: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\">{words}</text>");
}

/// Lines of at most [`COLUMNS`] characters, cut at spaces.
fn wrap(says: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in says.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > COLUMNS {
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

/// Thousands apart: `1,234,567`.
pub fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_drawn_and_nothing_breaks_out() {
        let drawn = |by, says: &str| Drawn { by, says: says.into(), gas: 1_234_567, bytes: Some(99) };
        let long = "word ".repeat(60);
        let moves = [drawn(Turn::Accused, "claims <all> & more"), drawn(Turn::Challenger, &long)];
        let picture = svg("a & b", &moves, "guilty");
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
        assert!(picture.contains("claims &lt;all&gt; &amp; more") && !picture.contains("<all>"));
        assert_eq!(picture.matches("<rect").count(), 4, "two moves, the end, the paper");
        assert!(picture.contains("1 · 1,234,567 gas · 99 bytes"));
        assert_eq!(wrap(&long).len(), 4);
    }
}
