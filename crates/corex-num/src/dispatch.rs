//! One generic source, compiled once per instruction set.

/// Defines `fn name(isa, args…)` that runs `body::<F>(args…)` compiled for the path chosen. `body` must be
/// `#[inline(always)]`, so that it takes on the target features of the function it is inlined into; the compiler
/// then vectorises it. It never contracts or reassociates floating-point operations, so the bits stay.
macro_rules! per_isa {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? = $body:ident;) => {
        $(#[$attr])*
        $vis fn $name(isa: $crate::Isa, $($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
            fn avx512($($arg: $ty),*) $(-> $ret)? {
                $body::<$crate::fma::Hard>($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $ty),*) $(-> $ret)? {
                $body::<$crate::fma::Hard>($($arg),*)
            }
            match isa.supported() {
                // SAFETY: `supported` has just found these features on this machine.
                #[cfg(target_arch = "x86_64")]
                $crate::Isa::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::Isa::Avx2 => unsafe { avx2($($arg),*) },
                _ => $body::<$crate::fma::Baseline>($($arg),*),
            }
        }
    };
}

pub(crate) use per_isa;
