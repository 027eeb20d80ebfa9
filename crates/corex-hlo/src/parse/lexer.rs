//! Tokens of MLIR text, made one at a time.

/// A token. Text is borrowed from the source; prefixes and quotes are cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token<'a> {
    /// A bare identifier, dots included: `stablehlo.add`, `dense`, `i64`.
    Word(&'a str),
    /// `%name`, or `%name#2` for one result of several.
    Value(&'a str),
    /// `@name`.
    Symbol(&'a str),
    /// `#name`, an attribute or an alias.
    Hash(&'a str),
    /// `^name`, a block label.
    Block(&'a str),
    /// The inside of `"…"`, escapes left as they are.
    Str(&'a str),
    /// A number without sign: decimal, `0x…` or floating point.
    Number(&'a str),
    /// `->`.
    Arrow,
    /// Any other printable ASCII character.
    Punct(u8),
    /// End of the text.
    End,
}

/// The token at or after byte `from`, with the bytes at which it starts and ends.
///
/// # Errors
/// The byte at which the text is no token, and why.
pub(super) fn lex(text: &str, from: usize) -> Result<(Token<'_>, usize, usize), (usize, &'static str)> {
    let bytes = text.as_bytes();
    let start = skip_blank(bytes, from);
    let Some(&first) = bytes.get(start) else {
        return Ok((Token::End, start, start));
    };
    let word = |from: usize| run(bytes, from, is_word);
    let named = |make: fn(&str) -> Token<'_>| {
        let end = word(start + 1);
        if end == start + 1 {
            Ok((Token::Punct(first), start, end))
        } else {
            Ok((make(&text[start + 1..end]), start, end))
        }
    };
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let end = word(start);
            Ok((Token::Word(&text[start..end]), start, end))
        }
        b'0'..=b'9' => {
            let end = number_end(bytes, start);
            Ok((Token::Number(&text[start..end]), start, end))
        }
        b'%' => {
            let mut end = word(start + 1);
            if end == start + 1 {
                return Err((start, "a name must follow %"));
            }
            if bytes.get(end) == Some(&b'#') {
                end = run(bytes, end + 1, |b| b.is_ascii_digit());
            }
            Ok((Token::Value(&text[start + 1..end]), start, end))
        }
        b'@' => named(|s| Token::Symbol(s)),
        b'#' => named(|s| Token::Hash(s)),
        b'^' => named(|s| Token::Block(s)),
        b'"' => {
            let mut end = start + 1;
            loop {
                match bytes.get(end) {
                    Some(b'"') => break,
                    Some(b'\\') => end += 2,
                    Some(_) => end += 1,
                    None => return Err((start, "this string does not end")),
                }
            }
            // Both ends are next to an ASCII quote, so they are character boundaries.
            Ok((Token::Str(&text[start + 1..end]), start, end + 1))
        }
        b'-' if bytes.get(start + 1) == Some(&b'>') => Ok((Token::Arrow, start, start + 2)),
        b'!'..=b'~' => Ok((Token::Punct(first), start, start + 1)),
        _ => Err((start, "this character does not belong to StableHLO text")),
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.')
}

fn run(bytes: &[u8], from: usize, accepts: impl Fn(u8) -> bool) -> usize {
    from + bytes[from..].iter().take_while(|&&b| accepts(b)).count()
}

/// The first byte at or after `at` that is neither white space nor part of a `//` comment.
fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = run(bytes, at, |b| b.is_ascii_whitespace());
        if !bytes[at..].starts_with(b"//") {
            return at;
        }
        at = run(bytes, at, |b| b != b'\n');
    }
}

/// One past the last byte of the number that starts at `start`.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let digits = |from| run(bytes, from, |b| b.is_ascii_digit());
    if bytes[start..].starts_with(b"0x") {
        return run(bytes, start + 2, |b| b.is_ascii_hexdigit());
    }
    let mut end = digits(start);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}
