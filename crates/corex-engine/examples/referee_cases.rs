//! Random cases of every scalar function on every element type, as the reference computes them: what the contracts must
//! compute, too. `cargo run --release -p corex-engine --example referee_cases -- FILE [SEED]`; `cargo xtask test` does so.
//!
//! The file is a sequence of blocks: code, element type, p, q (a byte each, see `contracts/src/referee/ScalarFunction.sol`),
//! number of cases (u32), then per case three operands and the result (u64 each). Everything is big-endian.

use std::error::Error;

use corex_engine::{Tensor, reference};
use corex_hlo::ir::*;
use corex_hlo::{FuncBuilder, infer};
use corex_num::flush;

const TYPES: [DType; 12] = [
    DType::I1,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::F16,
    DType::BF16,
    DType::F32,
];
const DIRECTIONS: [CompareDir; 6] =
    [CompareDir::Eq, CompareDir::Ne, CompareDir::Lt, CompareDir::Le, CompareDir::Gt, CompareDir::Ge];
/// Cases of a function on f32, and on any other type.
const CASES: (usize, usize) = (500, 60);
/// The step of a contraction, which is no operator of its own.
const MULTIPLY_ADD: u8 = 128;

/// f32 at which something changes: ends of ranges, and where a function takes another formula. Neighbours are made of them.
const EDGES: [f32; 46] = [
    0.0,
    1e-45,
    f32::MIN_POSITIVE,
    8.673_617e-19,  // 2^-60: the flush, cbrt
    2.980_232_2e-8, // 2^-25: expm1
    6.103_515_6e-5, // 2^-14: f16
    0.25,
    0.5,
    0.625,
    std::f32::consts::FRAC_1_SQRT_2,
    std::f32::consts::FRAC_PI_4,
    0.875,
    1.0,
    std::f32::consts::SQRT_2,
    1.5,
    std::f32::consts::FRAC_PI_2,
    2.0,
    2.5,
    3.0,
    std::f32::consts::PI,
    3.93,
    4.0,
    5.0,
    9.1875,
    10.0,
    16.0,
    18.0,
    87.0,
    88.722_84,
    89.0,
    90.0,
    127.0,
    255.0,
    16_384.0,
    32_767.0,
    65_504.0,
    65_520.0,
    8_388_608.0,
    16_777_216.0,
    2_147_483_648.0,
    4_294_967_296.0,
    9.223_372e18,
    1.844_674_4e19,
    1_099_511_600_000.0, // 2^40
    f32::MAX,
    f32::INFINITY,
];

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Bits of an f32: any, near an edge, of moderate size, or of any size.
    fn f32(&mut self) -> u32 {
        let sign = (self.next() as u32) << 31;
        let bits = match self.below(8) {
            0 => self.next() as u32,
            1..=3 => {
                let edge = EDGES[self.below(EDGES.len() as u64) as usize].to_bits();
                edge.wrapping_add(self.below(5) as u32).wrapping_sub(2) & 0x7FFF_FFFF
            }
            4..=6 => (((self.next() >> 40) as f32) / (1 << 20) as f32).to_bits(),
            _ => {
                let fraction = self.next() as u32 & 0x007F_FFFF;
                (1 + self.below(254) as u32) << 23 | fraction
            }
        };
        bits ^ sign
    }

    fn element(&mut self, dtype: DType) -> u64 {
        let bits = 8 * dtype.size() as u32;
        match dtype {
            DType::I1 => self.below(2),
            DType::F32 => u64::from(self.f32()),
            DType::BF16 => u64::from(self.f32() >> 16),
            DType::F16 if self.below(2) == 0 => {
                u64::from(corex_num::convert::f32_to_f16(f32::from_bits(self.f32())))
            }
            _ => {
                // Near the ends, small, or anything, in any width.
                let value = match self.below(4) {
                    0 => self.below(5).wrapping_sub(2),
                    1 => (1u64 << (bits - 1)).wrapping_add(self.below(5)).wrapping_sub(2),
                    2 => self.below(u64::from(bits) + 4),
                    _ => self.next() >> self.below(u64::from(bits)),
                };
                value & (u64::MAX >> (64 - bits))
            }
        }
    }

    /// A column; every fourth element is near that of `like`, if there is one.
    fn column(&mut self, dtype: DType, cases: usize, like: Option<&[u64]>) -> Vec<u64> {
        let most = u64::MAX >> (64 - if dtype == DType::I1 { 1 } else { 8 * dtype.size() });
        (0..cases)
            .map(|i| match like.and_then(|like| like.get(i)) {
                Some(near) if i % 4 == 0 => near.wrapping_add(self.below(3)).wrapping_sub(1) & most,
                _ => self.element(dtype),
            })
            .collect()
    }
}

/// Every scalar function: its code, parameters and operator; `dtype` is that of its last operand.
fn functions(rng: &mut Rng) -> Vec<([u8; 3], OpKind)> {
    let mut list = Vec::new();
    list.extend(UnaryOp::ALL.into_iter().zip(1..).map(|(op, code)| ([code, 0, 0], OpKind::Unary(op))));
    list.extend(BinaryOp::ALL.into_iter().zip(64..).map(|(op, code)| ([code, 0, 0], OpKind::Binary(op))));
    list.extend(DIRECTIONS.into_iter().zip(96..).map(|(dir, code)| ([code, 0, 0], OpKind::Compare(dir))));
    list.extend(
        DIRECTIONS.into_iter().zip(104..).map(|(dir, code)| ([code, 0, 0], OpKind::CompareTotal(dir))),
    );
    list.extend([([112, 0, 0], OpKind::Select), ([113, 0, 0], OpKind::Clamp)]);
    list.extend(TYPES.map(|to| ([114, to as u8, 0], OpKind::Convert(to))));
    list.extend(TYPES.map(|to| ([115, to as u8, 0], OpKind::BitcastConvert(to))));
    for _ in 0..16 {
        let (e, m) = (1 + rng.below(9) as u8, rng.below(25) as u8);
        let kind = OpKind::ReducePrecision { exponent_bits: e.into(), mantissa_bits: m.into() };
        list.push(([116, e, m], kind));
    }
    list
}

fn arity(kind: &OpKind) -> usize {
    match kind {
        OpKind::Select | OpKind::Clamp => 3,
        OpKind::Binary(_) | OpKind::Compare(_) | OpKind::CompareTotal(_) => 2,
        _ => 1,
    }
}

fn tensor(dtype: DType, column: &[u64]) -> Result<Tensor, Box<dyn Error>> {
    let bytes: Vec<u8> = column.iter().flat_map(|x| x.to_le_bytes()[..dtype.size()].to_vec()).collect();
    Ok(Tensor::from_bytes(TensorType::new(dtype, [column.len()]), &bytes)?)
}

/// Results of an operator on columns; `None` if it has no meaning on that type.
fn evaluate(kind: &OpKind, operands: &[Tensor]) -> Result<Option<Vec<u64>>, Box<dyn Error>> {
    let types: Vec<&TensorType> = operands.iter().map(Tensor::ty).collect();
    let Some(cases) = types.first().and_then(|ty| ty.shape.first()) else { return Ok(None) };
    // Bits of another size have another shape; those are no scalar functions.
    if !infer(kind, &types).is_ok_and(|ty| ty.shape == [*cases]) {
        return Ok(None);
    }
    let mut b = FuncBuilder::new("main");
    let params: Vec<ValueId> = types.iter().map(|ty| b.param((*ty).clone())).collect();
    let result = b.op(kind.clone(), &params);
    let module = Module::single("cases", b.finish(&[result])?);
    let results = reference::evaluate(&module, "main", operands, 1 << 24)?;
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    Ok(results.first().map(|tensor| tensor.bytes().chunks(tensor.ty().dtype.size()).map(word).collect()))
}

fn block(out: &mut Vec<u8>, head: [u8; 4], operands: &[Vec<u64>], results: &[u64]) {
    out.extend(head);
    out.extend((results.len() as u32).to_be_bytes());
    for (i, result) in results.iter().enumerate() {
        let operand = |n: usize| operands.get(n).and_then(|column| column.get(i)).copied().unwrap_or(0);
        for word in [operand(0), operand(1), operand(2), *result] {
            out.extend(word.to_be_bytes());
        }
    }
}

/// Steps of contractions of floats, whose accumulators are often near the product.
fn multiply_add(rng: &mut Rng, out: &mut Vec<u8>) {
    let (mut operands, mut results) = (vec![Vec::new(); 3], Vec::new());
    for i in 0..2 * CASES.0 {
        let (a, b) = (f32::from_bits(rng.f32()), f32::from_bits(rng.f32()));
        let c = match i % 4 {
            0 => corex_num::scalar::multiply(-a, b).to_bits().wrapping_add(rng.below(5) as u32),
            _ => rng.f32(),
        };
        let result = corex_num::reference::fma(flush(a), flush(b), f32::from_bits(c));
        for (column, bits) in operands.iter_mut().zip([a.to_bits(), b.to_bits(), c]) {
            column.push(u64::from(bits));
        }
        results.push(u64::from(result.to_bits()));
    }
    block(out, [MULTIPLY_ADD, DType::F32 as u8, 0, 0], &operands, &results);
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: referee_cases FILE [SEED]")?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let mut rng = Rng(seed);
    let mut out = Vec::new();
    let mut blocks = 0;
    for ([code, p, q], kind) in functions(&mut rng) {
        for dtype in TYPES {
            let cases = if dtype == DType::F32 { CASES.0 } else { CASES.1 };
            let mut columns: Vec<Vec<u64>> = Vec::new();
            let mut operands = Vec::new();
            for n in 0..arity(&kind) {
                let own = if kind == OpKind::Select && n == 0 { DType::I1 } else { dtype };
                let like = if own == dtype { columns.last() } else { None };
                let column = rng.column(own, cases, like.map(|column| &column[..]));
                operands.push(tensor(own, &column)?);
                columns.push(column);
            }
            if let Some(results) = evaluate(&kind, &operands)? {
                block(&mut out, [code, dtype as u8, p, q], &columns, &results);
                blocks += 1;
            }
        }
    }
    multiply_add(&mut rng, &mut out);
    std::fs::write(&path, &out)?;
    println!("{} blocks, {} cases, seed {seed}: {path}", blocks + 1, out.len() / 32);
    Ok(())
}
