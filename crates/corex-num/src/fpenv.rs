//! The floating-point environment of a thread: round to nearest even, subnormals kept, no traps.
//!
//! Any library that a host process loads may have set flush-to-zero or another rounding mode on a thread, and
//! the hardware then gives other bits. Every worker thread therefore holds an [`FpEnv`] while it computes.

use std::fmt;
use std::marker::PhantomData;

/// Guard: while it lives, this thread computes in the environment of the arithmetic law. Dropping it restores
/// the environment found at [`FpEnv::enter`].
#[derive(Debug)]
pub struct FpEnv {
    saved: Control,
    /// The environment belongs to one thread, so the guard must not leave it.
    not_send: PhantomData<*const ()>,
}

/// The thread's floating-point control register is not what the law requires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FpEnvError {
    /// The control register's value (MXCSR without its status flags on x86-64, FPCR on AArch64).
    pub found: u64,
}

impl fmt::Display for FpEnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "floating-point control register is {:#x}: rounding mode, flush-to-zero or traps were changed on this thread",
            self.found
        )
    }
}

impl std::error::Error for FpEnvError {}

impl FpEnv {
    /// Saves this thread's environment and sets the law's.
    pub fn enter() -> Self {
        let saved = control::read();
        control::write(control::LAW);
        Self { saved, not_send: PhantomData }
    }

    /// Checks that the environment is still the law's: call it after the work, before a result is signed.
    ///
    /// # Errors
    /// [`FpEnvError`] if some code that ran on this thread changed it.
    pub fn check(&self) -> Result<(), FpEnvError> {
        check_thread()
    }
}

/// Checks the calling thread's environment without setting it.
///
/// # Errors
/// [`FpEnvError`] if it is not the law's.
pub fn check_thread() -> Result<(), FpEnvError> {
    let found = control::read() & control::RELEVANT;
    if found == control::LAW { Ok(()) } else { Err(FpEnvError { found: found as u64 }) }
}

impl Drop for FpEnv {
    fn drop(&mut self) {
        control::write(self.saved);
    }
}

use control::Control;

#[cfg(target_arch = "x86_64")]
mod control {
    use std::arch::asm;

    pub type Control = u32;
    /// All exceptions masked, round to nearest, FTZ (bit 15) and DAZ (bit 6) off.
    pub const LAW: Control = 0x1F80;
    /// Everything but the sticky status flags (bits 0 to 5), which results do not depend on.
    pub const RELEVANT: Control = 0xFFC0;

    pub fn read() -> Control {
        let mut value: Control = 0;
        // SAFETY: stmxcsr stores 4 bytes to the address given, a live local.
        unsafe { asm!("stmxcsr [{}]", in(reg) &mut value, options(nostack, preserves_flags)) };
        value
    }

    pub fn write(value: Control) {
        // SAFETY: ldmxcsr reads 4 bytes; `value` is LAW or was read from MXCSR, so no reserved bit is set.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &value, options(nostack, preserves_flags)) };
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    use std::arch::asm;

    pub type Control = u64;
    /// Round to nearest, no flush-to-zero, no default-NaN mode, no traps, no alternative half precision.
    pub const LAW: Control = 0;
    pub const RELEVANT: Control = u64::MAX;

    pub fn read() -> Control {
        let value: Control;
        // SAFETY: reading FPCR has no side effect.
        unsafe { asm!("mrs {}, fpcr", out(reg) value, options(nomem, nostack, preserves_flags)) };
        value
    }

    pub fn write(value: Control) {
        // SAFETY: `value` is LAW or was read from FPCR.
        unsafe { asm!("msr fpcr, {}", in(reg) value, options(nomem, nostack, preserves_flags)) };
    }
}

/// Other architectures: Rust's targets start threads in the law's environment; nothing is known to check.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    pub type Control = u32;
    pub const LAW: Control = 0;
    pub const RELEVANT: Control = 0;

    pub fn read() -> Control {
        0
    }

    pub fn write(_: Control) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_sets_and_the_check_passes() {
        let env = FpEnv::enter();
        assert_eq!(env.check(), Ok(()));
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_changed_environment_is_noticed_repaired_and_restored() {
        let flushing = control::LAW | 0x8040;
        let before = control::read();
        control::write(flushing);
        assert!(check_thread().is_err());
        {
            let env = FpEnv::enter();
            assert_eq!(env.check(), Ok(()));
            control::write(flushing);
            assert_eq!(env.check(), Err(FpEnvError { found: flushing.into() }));
        }
        assert_eq!(control::read() & control::RELEVANT, flushing);
        control::write(before);
    }
}
