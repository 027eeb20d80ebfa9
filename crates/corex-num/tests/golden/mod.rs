//! The golden cases of `vectors/num`, as file names and contents. Other implementations (the referee contract, a
//! port) read the same files; `cargo run -p corex-num --example vectors` writes them.
//!
//! A file is one JSON object of columns of equal length, numbers as hexadecimal bit patterns: `"result"[i]` is the
//! file's function of the other columns' `[i]`. In `dot` and the sums, case `i` takes the next `"length"[i]` elements.

use std::fmt::Write;

use corex_num::convert::{self, FromF32, ToF32};
use corex_num::{BinaryFn, Isa, MatRef, UnaryFn, add_rows, gemm, scalar, sum_lanes};

use crate::common::{Rng, edges};

/// Name of a file and its content.
pub struct File {
    pub name: String,
    pub content: String,
}

pub fn files() -> Vec<File> {
    let mut files: Vec<File> = UnaryFn::ALL.into_iter().map(unary).collect();
    files.extend(BinaryFn::ALL.into_iter().map(binary));
    files.extend([fma(), dot(), sums("sum_lanes"), sums("sum_chain")]);
    files.extend([to_halves(), from_halves(), to_integers(), from_integers()]);
    files
}

/// Columns of one file.
#[derive(Default)]
struct Columns(Vec<(&'static str, Vec<u64>)>);

impl Columns {
    fn push(&mut self, name: &'static str, value: impl Into<u64>) {
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, column)) => column.push(value.into()),
            None => self.0.push((name, vec![value.into()])),
        }
    }

    fn float(&mut self, name: &'static str, value: f32) {
        self.push(name, value.to_bits());
    }

    fn file(self, name: impl Into<String>) -> File {
        let mut content = String::from("{");
        for (i, (name, column)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "," };
            write!(content, "{separator}\n\"{name}\": [").expect("a String takes any text");
            for (i, value) in column.iter().enumerate() {
                let separator = if i == 0 { "" } else { "," };
                write!(content, "{separator}\"0x{value:x}\"").expect("a String takes any text");
            }
            content.push(']');
        }
        content.push_str("\n}\n");
        File { name: name.into() + ".json", content }
    }
}

fn unary(f: UnaryFn) -> File {
    let mut rng = Rng(f as u64 + 100);
    let mut columns = Columns::default();
    let random = (0..60).map(|i| if i % 3 == 0 { rng.any() } else { rng.unit() * 12.0 });
    for x in edges().into_iter().step_by(2).chain([-1.0, -87.0, -0.0, -1e30, f32::NEG_INFINITY]).chain(random)
    {
        columns.float("x", x);
        columns.float("result", f.scalar()(x));
    }
    columns.file(format!("{f:?}").to_lowercase())
}

fn binary(f: BinaryFn) -> File {
    let mut rng = Rng(f as u64 + 200);
    let mut columns = Columns::default();
    for i in 0..240 {
        let (a, b) = match i % 4 {
            0 => (rng.edge(), rng.edge()),
            1 => (rng.any(), rng.any()),
            2 => (rng.unit() * 8.0, rng.unit() * 8.0),
            _ => (rng.wild(), rng.wild()),
        };
        columns.float("a", a);
        columns.float("b", b);
        columns.float("result", f.scalar()(a, b));
    }
    columns.file(format!("{f:?}").to_lowercase())
}

fn fma() -> File {
    let mut rng = Rng(300);
    let mut columns = Columns::default();
    for i in 0..600 {
        let (a, b) = if i % 3 == 0 { (rng.edge(), rng.edge()) } else { (rng.wild(), rng.wild()) };
        // Addends that nearly or just cancel the product; sums in the subnormal range; anything.
        let c = match i % 4 {
            0 => -a * b,
            1 => -a * b * (1.0 + rng.unit() * 1e-6),
            2 => rng.edge(),
            _ => rng.wild(),
        };
        columns.float("a", a);
        columns.float("b", b);
        columns.float("c", c);
        columns.float("result", scalar::fma(a, b, c));
    }
    columns.file("fma")
}

fn dot() -> File {
    let mut rng = Rng(400);
    let mut columns = Columns::default();
    for case in 0..40usize {
        let length = [0, 1, 2, 3, 7, 16, 33, 60][case % 8];
        let mut pair = || match case / 8 {
            0 => (rng.unit(), rng.unit()),
            1 => (rng.unit() * 1e10, rng.unit() * 1e-8),
            2 => (rng.wild(), rng.unit()),
            // Around the flush threshold, 2^-60.
            3 => {
                let near = |r: u64| f32::from_bits((0x217F_FFFE + (r % 5) as u32) | (r as u32 & 0x8000_0000));
                (near(rng.next()), near(rng.next()))
            }
            _ => (rng.edge(), rng.unit()),
        };
        let (a, b): (Vec<f32>, Vec<f32>) = (0..length).map(|_| pair()).unzip();
        let mut c = [0.0];
        gemm(Isa::Portable, 1, 1, length, MatRef::row_major(&a, length), MatRef::row_major(&b, 1), &mut c, 1);
        columns.push("length", length as u64);
        columns.float("result", c[0]);
        for (a, b) in a.into_iter().zip(b) {
            columns.float("a", a);
            columns.float("b", b);
        }
    }
    columns.file("dot")
}

fn sums(name: &'static str) -> File {
    let mut rng = Rng(500);
    let mut columns = Columns::default();
    for length in [0, 1, 2, 5, 31, 32, 33, 64, 100, 129] {
        for round in 0..2 {
            let x: Vec<f32> = (0..length).map(|_| if round == 0 { rng.unit() } else { rng.wild() }).collect();
            let result = if name == "sum_lanes" {
                sum_lanes(Isa::Portable, &x)
            } else {
                let mut acc = [0.0];
                add_rows(Isa::Portable, x.len(), &x, 1, &mut acc);
                acc[0]
            };
            columns.push("length", length as u64);
            columns.float("result", result);
            x.into_iter().for_each(|x| columns.float("x", x));
        }
    }
    columns.file(name)
}

fn floats(seed: u64) -> Vec<f32> {
    let mut rng = Rng(seed);
    let scales = [1.0, 200.0, 40_000.0, 3e9, 1e19];
    edges().into_iter().chain((0..40).map(|i| rng.unit() * scales[i % 5])).collect()
}

fn to_halves() -> File {
    let mut columns = Columns::default();
    for x in floats(600) {
        columns.float("x", x);
        columns.push("f16", convert::f32_to_f16(x));
        columns.push("bf16", convert::f32_to_bf16(x));
    }
    columns.file("f32_to_halves")
}

fn from_halves() -> File {
    let mut columns = Columns::default();
    for bits in
        (0..=u16::MAX).step_by(331).chain([0, 1, 0x3FF, 0x400, 0x7BFF, 0x7C00, 0x7E00, 0x8000, 0xFC01])
    {
        columns.push("bits", bits);
        columns.float("from_f16", convert::f16_to_f32(bits));
        columns.float("from_bf16", convert::bf16_to_f32(bits));
    }
    columns.file("halves_to_f32")
}

fn to_integers() -> File {
    let mut columns = Columns::default();
    for x in floats(700).into_iter().step_by(2) {
        columns.float("x", x);
        columns.push("i8", i8::from_f32(x) as u8);
        columns.push("i16", i16::from_f32(x) as u16);
        columns.push("i32", i32::from_f32(x) as u32);
        columns.push("i64", i64::from_f32(x) as u64);
        columns.push("u8", u8::from_f32(x));
        columns.push("u16", u16::from_f32(x));
        columns.push("u32", u32::from_f32(x));
        columns.push("u64", u64::from_f32(x));
        columns.push("i1", convert::f32_to_bool(x) as u8);
    }
    columns.file("f32_to_integers")
}

fn from_integers() -> File {
    let mut rng = Rng(800);
    let mut columns = Columns::default();
    let edges = [0, 1, (1 << 24) + 1, (1 << 24) + 3, (1 << 25) + 2, u64::MAX, 1 << 63, (1 << 63) + (1 << 39)];
    for bits in edges.into_iter().chain((0..60).map(|i| rng.next() >> i)) {
        columns.push("bits", bits);
        columns.float("from_i64", (bits as i64).to_f32());
        columns.float("from_u64", bits.to_f32());
        columns.float("from_i32", (bits as i32).to_f32());
        columns.float("from_u32", (bits as u32).to_f32());
    }
    columns.file("integers_to_f32")
}
