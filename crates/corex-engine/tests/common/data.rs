//! Random elements, rich in edge values.

use corex_engine::Tensor;
use corex_hlo::ir::{DType, TensorType};

use super::Rng;

/// f32 bit patterns that arithmetic treats specially: zeros, ones, NaNs with payloads, infinities, subnormals, the
/// extremes, the bounds of exp and of the product's flush, halfway cases.
pub const EDGES_F32: [u32; 28] = [
    0x0000_0000,
    0x8000_0000,
    0x3F80_0000,
    0xBF80_0000,
    0x7FC0_0000,
    0xFFC0_0000,
    0x7F80_0001,
    0xFFFF_FFFF,
    0x7F80_0000,
    0xFF80_0000,
    0x0000_0001,
    0x8000_0001,
    0x007F_FFFF,
    0x0080_0000,
    0x7F7F_FFFF,
    0xFF7F_FFFF,
    0xC2AE_0000,
    0xC2AE_0001,
    0x42B1_7218,
    0x42B1_7219,
    0x2180_0000,
    0x217F_FFFF,
    0x3F00_0000,
    0x4F00_0000,
    0xCF00_0000,
    0x5F80_0000,
    0x4B80_0001,
    0x3FC0_0000,
];

pub const EDGES_F16: [u16; 14] =
    [0, 0x8000, 0x3C00, 0xBC00, 0x7E00, 0xFE01, 0x7C01, 0x7C00, 0xFC00, 1, 0x83FF, 0x0400, 0x7BFF, 0xFBFF];

/// Little-endian bytes of one element.
pub fn element(rng: &mut Rng, dtype: DType) -> Vec<u8> {
    let size = dtype.size();
    let edge = rng.one_in(5);
    let word: u64 = match dtype {
        DType::I1 => rng.next() & 1,
        DType::F32 if edge => u64::from(*rng.pick(&EDGES_F32)),
        DType::F16 if edge => u64::from(*rng.pick(&EDGES_F16)),
        DType::BF16 if edge => u64::from(*rng.pick(&EDGES_F32) >> 16),
        DType::F32 | DType::BF16 | DType::F16 => {
            // Between -8 and 8, mostly with few significant bits lost in sums.
            let x = (rng.next() >> 40) as f32 / (1 << 20) as f32 - 8.0;
            match dtype {
                DType::F32 => u64::from(x.to_bits()),
                DType::BF16 => u64::from(x.to_bits() >> 16),
                _ => u64::from(corex_num::convert::f32_to_f16(x)),
            }
        }
        _ if edge => *rng.pick(&[0, 1, u64::MAX, 1 << (8 * size - 1), (1 << (8 * size - 1)) - 1]),
        _ if rng.one_in(2) => rng.next() % 12,
        _ => rng.next(),
    };
    word.to_le_bytes()[..size].to_vec()
}

/// A tensor of random elements; one in three f32 tensors has no edge values, so that sums stay finite.
pub fn tensor(rng: &mut Rng, ty: &TensorType) -> Tensor {
    let smooth = ty.dtype == DType::F32 && rng.one_in(3);
    let bytes: Vec<u8> = (0..ty.elements())
        .flat_map(|_| {
            if smooth {
                (((rng.next() >> 40) as f32 - 8_388_608.0) / 2_097_152.0).to_le_bytes().to_vec()
            } else {
                element(rng, ty.dtype)
            }
        })
        .collect();
    Tensor::from_bytes(ty.clone(), &bytes).expect("elements of the type")
}

/// All edge values of a type against all others, as two long operands, with random ones at the end.
pub fn edge_pairs(dtype: DType) -> [Tensor; 2] {
    let mut rng = Rng(11);
    let size = dtype.size();
    let mut edges: Vec<u64> = match dtype {
        DType::F32 => EDGES_F32.iter().map(|w| u64::from(*w)).collect(),
        DType::BF16 => EDGES_F32.iter().map(|w| u64::from(*w >> 16)).collect(),
        DType::F16 => EDGES_F16.iter().map(|w| u64::from(*w)).collect(),
        DType::I1 => vec![0, 1],
        _ => {
            let top = 8 * size as u32 - 1;
            vec![0, 1, 2, 7, u64::from(top), u64::from(top) + 1, u64::MAX, 1 << top, (1 << top) - 1]
        }
    };
    if dtype != DType::I1 {
        let of_element = |rng: &mut Rng| {
            element(rng, dtype).iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
        };
        edges.extend((0..6).map(|_| of_element(&mut rng)));
    }
    let n = edges.len() * edges.len();
    let tensor = |pick: &dyn Fn(usize) -> u64| {
        let bytes: Vec<u8> = (0..n).flat_map(|i| pick(i).to_le_bytes()[..size].to_vec()).collect();
        Tensor::from_bytes(TensorType::new(dtype, [n]), &bytes).unwrap()
    };
    [tensor(&|i| edges[i / edges.len()]), tensor(&|i| edges[i % edges.len()])]
}
