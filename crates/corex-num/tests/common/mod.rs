//! Inputs for the tests: a seeded generator and the values at which arithmetic goes wrong.
#![allow(dead_code)] // each test binary uses its part

/// SplitMix64: small, seeded, the same everywhere.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Any bit pattern.
    pub fn any(&mut self) -> f32 {
        f32::from_bits(self.next() as u32)
    }

    /// Uniform in [-1, 1).
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn edge(&mut self) -> f32 {
        let edges = edges();
        edges[self.below(edges.len())]
    }

    /// Mostly moderate, sometimes near the end of the range or an edge: finite or not.
    pub fn wild(&mut self) -> f32 {
        match self.below(8) {
            0 => self.edge(),
            1 => self.any(),
            2 => self.unit() * f32::from_bits((self.below(254) as u32 + 1) << 23),
            _ => self.unit(),
        }
    }
}

/// Zeros, subnormals, ends of ranges, powers of two and their neighbours, thresholds of the functions, infinities
/// and several NaNs; both signs.
pub fn edges() -> Vec<f32> {
    let positive: Vec<u32> = [
        0.0f32,
        1.0,
        2.0,
        3.0,
        0.5,
        1.5,
        2.5,
        0.1,
        10.0,
        87.0,
        88.0,
        88.722_84,
        89.0,
        103.0,
        104.0,
        0.55,
        0.625,
        0.875,
        3.93,
        9.01,
        20.0,
        127.0,
        128.0,
        255.0,
        256.0,
        32767.0,
        32768.0,
        65504.0,
        65519.996,
        65520.0,
        65536.0,
        8_388_607.5,
        8_388_608.0,
        16_777_216.0,
        2_147_483_648.0,
        4_294_967_296.0,
        9.223_372e18,
        1.844_674_4e19,
        1e30,
        f32::MAX,
        std::f32::consts::FRAC_PI_4,
        std::f32::consts::FRAC_PI_2,
        std::f32::consts::PI,
        22.0,
        1e5,
    ]
    .into_iter()
    .map(f32::to_bits)
    .flat_map(|b| [b.saturating_sub(1), b, b + 1])
    .chain([1, 2, 0x007F_FFFF, 0x0080_0000, 0x0080_0001, 0x217F_FFFF, 0x2180_0000, 0x2180_0001])
    .chain([
        0x3380_0000,
        0x3880_0000,
        0x387F_C000,
        0x387F_F000,
        0x7F80_0000,
        0x7F80_0001,
        0x7FC0_0000,
        0x7FFF_FFFF,
    ])
    .collect();
    positive.into_iter().flat_map(|b| [f32::from_bits(b), f32::from_bits(b | 0x8000_0000)]).collect()
}

/// Equality bit for bit.
pub fn assert_bits(what: &dyn Fn(usize) -> String, got: &[f32], expect: &[f32]) {
    assert_eq!(got.len(), expect.len());
    for i in 0..got.len() {
        let (g, e) = (got[i].to_bits(), expect[i].to_bits());
        assert!(g == e, "{}: got {g:08x} ({}), expected {e:08x} ({})", what(i), got[i], expect[i]);
    }
}
