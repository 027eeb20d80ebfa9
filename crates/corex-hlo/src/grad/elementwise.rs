//! Derivatives of elementwise operations.

use super::{Contributions, Step};
use crate::builder::FuncBuilder;
use crate::ir::*;

impl Step<'_> {
    pub(super) fn unary(&self, b: &mut FuncBuilder, op: UnaryOp) -> Contributions {
        use UnaryOp as U;
        let (x, y, ct) = (self.operands[0], self.result, self.cotangent);
        let contribution = match op {
            U::Negate => b.neg(ct),
            U::Abs => {
                let sign = b.sign(x);
                b.mul(ct, sign)
            }
            U::Sqrt => {
                let half = b.scale(ct, 0.5);
                b.div(half, y)
            }
            U::Rsqrt => {
                // d x^(-1/2) = -1/2 x^(-3/2) = -1/2 y³
                let y2 = b.mul(y, y);
                let y3 = b.mul(y2, y);
                let half = b.scale(ct, -0.5);
                b.mul(half, y3)
            }
            U::Exp => b.mul(ct, y),
            U::Log => b.div(ct, x),
            U::Tanh => {
                let y2 = b.mul(y, y);
                let one = b.ones_like(y);
                let slope = b.sub(one, y2);
                b.mul(ct, slope)
            }
            U::Logistic => {
                let one = b.ones_like(y);
                let rest = b.sub(one, y);
                let slope = b.mul(y, rest);
                b.mul(ct, slope)
            }
            U::Sine => {
                let slope = b.cos(x);
                b.mul(ct, slope)
            }
            U::Cosine => {
                let sin = b.sin(x);
                let slope = b.neg(sin);
                b.mul(ct, slope)
            }
            U::Erf => {
                let slope = bell(b, x);
                b.mul(ct, slope)
            }
            U::Erfc => {
                let slope = bell(b, x);
                let slope = b.neg(slope);
                b.mul(ct, slope)
            }
            U::ErfInv => {
                // √π/2 e^(y²)
                let y2 = b.mul(y, y);
                let grown = b.exp(y2);
                let slope = b.scale(grown, 1.0 / std::f32::consts::FRAC_2_SQRT_PI);
                b.mul(ct, slope)
            }
            U::ExpMinusOne => {
                let slope = b.offset(y, 1.0);
                b.mul(ct, slope)
            }
            U::LogPlusOne => {
                let sum = b.offset(x, 1.0);
                b.div(ct, sum)
            }
            U::Cbrt => {
                let y2 = b.mul(y, y);
                let divisor = b.scale(y2, 3.0);
                b.div(ct, divisor)
            }
            U::Tan => {
                let y2 = b.mul(y, y);
                let slope = b.offset(y2, 1.0);
                b.mul(ct, slope)
            }
            U::Asin => {
                let inside = one_minus_square(b, x);
                let slope = b.rsqrt(inside);
                b.mul(ct, slope)
            }
            U::Acos => {
                let inside = one_minus_square(b, x);
                let slope = b.rsqrt(inside);
                let slope = b.neg(slope);
                b.mul(ct, slope)
            }
            U::Atan => {
                let x2 = b.mul(x, x);
                let divisor = b.offset(x2, 1.0);
                b.div(ct, divisor)
            }
            U::Sinh => {
                let slope = b.cosh(x);
                b.mul(ct, slope)
            }
            U::Cosh => {
                let slope = b.sinh(x);
                b.mul(ct, slope)
            }
            U::Asinh => {
                let x2 = b.mul(x, x);
                let sum = b.offset(x2, 1.0);
                let slope = b.rsqrt(sum);
                b.mul(ct, slope)
            }
            U::Acosh => {
                let (below, above) = (b.offset(x, -1.0), b.offset(x, 1.0));
                let product = b.mul(below, above);
                let slope = b.rsqrt(product);
                b.mul(ct, slope)
            }
            U::Atanh => {
                let inside = one_minus_square(b, x);
                b.div(ct, inside)
            }
            U::Sign
            | U::Floor
            | U::Ceil
            | U::RoundNearestEven
            | U::RoundNearestAfz
            | U::Popcnt
            | U::CountLeadingZeros
            | U::Not
            | U::IsFinite => return vec![None],
        };
        vec![Some(contribution)]
    }

    pub(super) fn binary(&self, b: &mut FuncBuilder, op: BinaryOp) -> Contributions {
        use BinaryOp as B;
        let (x, y, ct) = (self.operands[0], self.operands[1], self.cotangent);
        match op {
            B::Add => vec![self.when(0, || ct), self.when(1, || ct)],
            B::Subtract => vec![self.when(0, || ct), self.when(1, || b.neg(ct))],
            B::Multiply if x == y => {
                let product = b.mul(ct, x);
                vec![Some(b.scale(product, 2.0)), None]
            }
            B::Multiply => vec![self.when(0, || b.mul(ct, y)), self.when(1, || b.mul(ct, x))],
            B::Divide => {
                let by_x = b.div(ct, y);
                let by_y = self.when(1, || {
                    let product = b.mul(by_x, self.result);
                    b.neg(product)
                });
                vec![self.when(0, || by_x), by_y]
            }
            B::Remainder => {
                // x - y trunc(x/y), the quotient constant almost everywhere.
                let by_y = self.when(1, || {
                    let quotient = b.div(x, y);
                    let (sign, abs) = (b.sign(quotient), b.abs(quotient));
                    let whole = b.floor(abs);
                    let truncated = b.mul(sign, whole);
                    let product = b.mul(ct, truncated);
                    b.neg(product)
                });
                vec![self.when(0, || ct), by_y]
            }
            B::Maximum => self.extremum(b, CompareDir::Gt),
            B::Minimum => self.extremum(b, CompareDir::Lt),
            B::Power => vec![
                self.when(0, || power_by_base(b, ct, x, y)),
                self.when(1, || power_by_exponent(b, ct, x, self.result)),
            ],
            B::Atan2 => {
                // Of the angle of the point (y, x): (x dy - y dx) / (x² + y²), `x` being the ordinate here.
                let (ordinate2, abscissa2) = (b.mul(x, x), b.mul(y, y));
                let square = b.add(ordinate2, abscissa2);
                let part = b.div(ct, square);
                let by_abscissa = self.when(1, || {
                    let product = b.mul(part, x);
                    b.neg(product)
                });
                vec![self.when(0, || b.mul(part, y)), by_abscissa]
            }
            B::And | B::Or | B::Xor | B::ShiftLeft | B::ShiftRightLogical | B::ShiftRightArithmetic => {
                self.not_differentiable(b, "")
            }
        }
    }

    /// The winner takes the cotangent, equals take half each.
    fn extremum(&self, b: &mut FuncBuilder, wins: CompareDir) -> Contributions {
        let (x, y, ct) = (self.operands[0], self.operands[1], self.cotangent);
        let (zero, half, equal) = (b.zeros_like(ct), b.scale(ct, 0.5), b.eq(x, y));
        let mut share = |this, other| {
            let won = b.compare(wins, this, other);
            let unequal = b.select(won, ct, zero);
            b.select(equal, half, unequal)
        };
        vec![self.when(0, || share(x, y)), self.when(1, || share(y, x))]
    }

    pub(super) fn select(&self, b: &mut FuncBuilder) -> Contributions {
        let (pred, ct) = (self.operands[0], self.cotangent);
        let zero = b.zeros_like(ct);
        vec![None, self.when(1, || b.select(pred, ct, zero)), self.when(2, || b.select(pred, zero, ct))]
    }

    pub(super) fn clamp(&self, b: &mut FuncBuilder) -> Contributions {
        let &[lo, x, hi] = self.operands else { return vec![] };
        let ct = self.cotangent;
        let (shape, zero) = (b.shape(x), b.zeros_like(ct));
        let mut bound = |v| if b.ty(v).rank() == 0 { b.fill(v, &shape) } else { v };
        let (lo_full, hi_full) = (bound(lo), bound(hi));
        let mut by_bound = |bound, wins, full| {
            let won = b.compare(wins, full, x);
            let part = b.select(won, ct, zero);
            let every: Vec<_> = (0..shape.len()).collect();
            if b.ty(bound).rank() == 0 { b.reduce_sum(part, &every) } else { part }
        };
        let by_lo = self.when(0, || by_bound(lo, CompareDir::Gt, lo_full));
        let by_hi = self.when(2, || by_bound(hi, CompareDir::Lt, hi_full));
        let by_x = self.when(1, || {
            let above = b.lt(lo_full, x);
            let below = b.lt(x, hi_full);
            let inside = b.and(above, below);
            b.select(inside, ct, zero)
        });
        vec![by_lo, by_x, by_hi]
    }
}

/// 2/√π e^(-x²), the slope of erf.
fn bell(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let x2 = b.mul(x, x);
    let minus_x2 = b.neg(x2);
    let bell = b.exp(minus_x2);
    b.scale(bell, std::f32::consts::FRAC_2_SQRT_PI)
}

/// (1 - x)(1 + x): 1 - x² without its cancellation near ±1.
fn one_minus_square(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let one = b.ones_like(x);
    let (below, above) = (b.sub(one, x), b.add(one, x));
    b.mul(below, above)
}

/// d x^y / dx = y x^(y-1), and 0 for y = 0 even where x^-1 is infinite.
fn power_by_base(b: &mut FuncBuilder, ct: ValueId, x: ValueId, y: ValueId) -> ValueId {
    let (zero, one) = (b.zeros_like(y), b.ones_like(y));
    let constant = b.eq(y, zero);
    let less = b.sub(y, one);
    let exponent = b.select(constant, one, less);
    let power = b.pow(x, exponent);
    let slope = b.mul(y, power);
    b.mul(ct, slope)
}

/// d x^y / dy = x^y ln x, and 0 for x = 0.
fn power_by_exponent(b: &mut FuncBuilder, ct: ValueId, x: ValueId, power: ValueId) -> ValueId {
    let (zero, one) = (b.zeros_like(x), b.ones_like(x));
    let at_zero = b.eq(x, zero);
    let base = b.select(at_zero, one, x);
    let log = b.log(base);
    let slope = b.mul(log, power);
    b.mul(ct, slope)
}
