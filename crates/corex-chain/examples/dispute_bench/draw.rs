//! One game as a picture.

use std::fmt::Write;

use corex_protocol::dispute::Turn;

/// A transaction of the game.
pub struct Row {
    pub by: Turn,
    pub says: String,
    pub gas: u64,
    /// Of the call, where they are known.
    pub bytes: Option<usize>,
}

const WIDTH: usize = 900;
const BOX: usize = 600;
const MARGIN: usize = 20;
/// Characters of a line; letters are narrower than they are high.
const COLUMNS: usize = 78;
const LINE: usize = 19;

/// An SVG: moves from top to bottom, the challenger's on the left and the accused's on the right.
pub fn svg(title: &str, rows: &[Row], end: &str) -> String {
    let (mut body, mut y) = (String::new(), 84);
    for (at, row) in rows.iter().enumerate() {
        let lines = wrap(&row.says);
        let height = LINE * lines.len() + 34;
        let (x, colour) = match row.by {
            Turn::Accused => (WIDTH - MARGIN - BOX, "#b35900"),
            _ => (MARGIN, "#1f5fa8"),
        };
        rect(&mut body, (x, y), (BOX, height), colour);
        for (line, words) in lines.iter().enumerate() {
            text(&mut body, (x + 14, y + 22 + LINE * line), 14, "#1a1a1a", words);
        }
        let mut cost = format!("{at} · {} gas", thousands(row.gas));
        if let Some(bytes) = row.bytes {
            cost = format!("{cost} · {} bytes", thousands(bytes as u64));
        }
        text(&mut body, (x + 14, y + height - 10), 11, "#6b6b6b", &cost);
        y += height + 10;
    }
    rect(&mut body, (MARGIN, y), (WIDTH - 2 * MARGIN, 40), "#2e7d32");
    text(&mut body, (MARGIN + 14, y + 25), 14, "#1a1a1a", end);
    y += 40 + MARGIN;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" \
         font-family=\"Helvetica, Arial, sans-serif\">\n<rect width=\"{WIDTH}\" height=\"{y}\" fill=\"#ffffff\"/>\n"
    );
    text(&mut out, (MARGIN, 34), 18, "#1a1a1a", title);
    text(&mut out, (MARGIN, 66), 14, "#1f5fa8", "challenger");
    text(&mut out, (WIDTH - MARGIN - BOX, 66), 14, "#b35900", "accused");
    out + &body + "</svg>\n"
}

fn rect(out: &mut String, (x, y): (usize, usize), (width, height): (usize, usize), colour: &str) {
    let shape = format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"");
    // Writing to a string does not fail.
    _ = writeln!(out, "<rect {shape} fill=\"{colour}\" fill-opacity=\"0.08\" stroke=\"{colour}\"/>");
}

fn text(out: &mut String, (x, y): (usize, usize), size: usize, colour: &str, words: &str) {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\">{words}</text>");
}

fn wrap(says: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in says.split(' ') {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            *line = word.to_owned();
        } else if line.chars().count() + 1 + word.chars().count() <= COLUMNS {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
