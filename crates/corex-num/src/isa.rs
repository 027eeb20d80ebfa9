//! Which instructions a kernel may use. A choice of speed: it never changes a bit.

use std::fmt;
use std::str::FromStr;

/// The instruction-set paths of this crate's slice and matrix kernels.
///
/// A value may name a path that this machine lacks: every entry point then falls back to
/// [`Isa::Portable`], which returns the same bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Isa {
    /// Baseline instructions of the compilation target. Where those lack a fused multiply-add (x86-64), it is
    /// computed exactly from f64 operations, which is slow but needs nothing from the hardware.
    Portable,
    /// x86-64 with AVX2 and FMA: 8 lanes.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL: 16 lanes.
    Avx512,
}

impl Isa {
    /// The fastest path of this machine.
    pub fn detect() -> Self {
        if has_avx512() {
            Self::Avx512
        } else if has_avx2() {
            Self::Avx2
        } else {
            Self::Portable
        }
    }

    /// All paths of this machine, slowest first. Never empty.
    pub fn available() -> Vec<Self> {
        [Self::Portable, Self::Avx2, Self::Avx512].into_iter().filter(|isa| isa.supported() == *isa).collect()
    }

    /// `self` where the machine has it, else [`Isa::Portable`].
    pub fn supported(self) -> Self {
        match self {
            Self::Avx512 if has_avx512() => self,
            Self::Avx2 if has_avx2() => self,
            _ => Self::Portable,
        }
    }

    /// `avx512`, `avx2` or `portable`: what [`Isa::from_str`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    // std caches the answers: each test is one relaxed load.
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && has_avx2()
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx512() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownIsa(String);

impl fmt::Display for UnknownIsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown instruction set {:?}: expected avx512, avx2 or portable", self.0)
    }
}

impl std::error::Error for UnknownIsa {}

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(s: &str) -> Result<Self, UnknownIsa> {
        [Self::Portable, Self::Avx2, Self::Avx512]
            .into_iter()
            .find(|isa| isa.name() == s)
            .ok_or_else(|| UnknownIsa(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_refused() {
        for isa in [Isa::Portable, Isa::Avx2, Isa::Avx512] {
            assert_eq!(isa.name().parse(), Ok(isa));
        }
        let refused = "AVX512".parse::<Isa>().unwrap_err().to_string();
        assert!(refused.contains("\"AVX512\""), "{refused}");
    }

    #[test]
    fn detection_agrees_with_availability() {
        assert_eq!(Isa::available().last(), Some(&Isa::detect()));
        assert_eq!(Isa::available().first(), Some(&Isa::Portable));
    }
}
