//! Where an operator stands in a trace.

use std::fmt;
use std::str::FromStr;

/// An operator of the task's function, or of what a loop or branch evaluates: `431`, or `12.3.7` for operator 7 of frame
/// 3 of the loop 12.
///
/// The frames of a loop are its evaluations of the condition and the body in turn: iteration `j` is frames `2j` and
/// `2j + 1`, and the last frame is the condition that ends it. A branch has the one frame 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// Loops and branches from the outside in, each with the frame that the path goes on in.
    pub frames: Vec<(usize, u64)>,
    /// The operator in the innermost frame.
    pub op: usize,
}

impl Path {
    /// An operator of the task's function.
    pub fn of(op: usize) -> Self {
        Self { frames: Vec::new(), op }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.frames.iter().try_for_each(|(op, frame)| write!(f, "{op}.{frame}."))?;
        write!(f, "{}", self.op)
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        let refuse =
            || format!("`{text}` is no operator's place: numbers with dots between, like 431 or 12.3.7");
        let numbers = numbers.map_err(|_| refuse())?;
        let (op, frames) = numbers.split_last().ok_or_else(refuse)?;
        let position = |n: u64| usize::try_from(n).map_err(|_| refuse());
        if frames.len() % 2 == 1 {
            return Err(refuse());
        }
        let frames = frames.chunks_exact(2).map(|pair| Ok((position(pair[0])?, pair[1])));
        Ok(Self { frames: frames.collect::<Result<_, String>>()?, op: position(*op)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_path_are_one() {
        for text in ["0", "431", "12.3.7", "1.2.3.4.5"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        for text in ["", "1.2", "-1", "1..2", "a", "1.2.", "99999999999999999999"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }
}
