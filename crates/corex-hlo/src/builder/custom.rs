//! Derivatives that are known better than the chain rule finds them.

use std::fmt;
use std::rc::Rc;

use super::FuncBuilder;
use crate::error::HloError;
use crate::ir::ValueId;

/// Writes the operations that turn one cotangent into the other.
type Rule = dyn Fn(&mut FuncBuilder, ValueId) -> ValueId;

/// How the cotangent of a value becomes that of what it was computed from.
#[derive(Clone)]
pub(crate) struct CustomGradient {
    /// What it was computed from.
    pub of: ValueId,
    pub rule: Rc<Rule>,
}

impl fmt::Debug for CustomGradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomGradient").field("of", &self.of).finish_non_exhaustive()
    }
}

impl FuncBuilder {
    /// From now on [`gradients`](crate::gradients) passes the cotangent of `y` on to `x` by `rule`, and nothing to what
    /// stands between them: no derivative may be asked for there. `y` must depend on `x` alone, or on what is held
    /// constant. (What JAX writes `custom_vjp`.)
    ///
    /// Keeps [`HloError::Module`] if `x` is not a value before `y`.
    pub fn custom_gradient(
        &mut self,
        y: ValueId,
        x: ValueId,
        rule: impl Fn(&mut FuncBuilder, ValueId) -> ValueId + 'static,
    ) {
        if self.error().is_some() {
            return;
        }
        if x >= y || y.index() >= self.values() {
            self.fail(HloError::Module(format!("%{} is not computed from %{}", y.0, x.0)));
            return;
        }
        self.custom_gradients.insert(y, CustomGradient { of: x, rule: Rc::new(rule) });
    }

    /// See [`Self::custom_gradient`].
    pub(crate) fn custom_gradient_of(&self, y: ValueId) -> Option<CustomGradient> {
        self.custom_gradients.get(&y).cloned()
    }
}
