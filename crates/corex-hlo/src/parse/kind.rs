//! From an operation's name, attributes and types to an [`OpKind`].

use super::attrs::{Attr, Attrs};
use super::expand::{BARRIER, COMPOSITE, CUSTOM_CALL, NEXT_AFTER, RNG, SHARDING, TOP_K};
use super::ops::SQUARE;
use super::region::Region;
use crate::ir::*;

/// Read as a `case`.
pub(super) const IF: &str = "stablehlo.if";

/// An operation as written, whatever the form it was written in.
pub(super) struct RawOp<'a> {
    pub(super) name: &'a str,
    pub(super) attrs: Attrs<'a>,
    /// Regions as read, until they become one of the next three.
    pub(super) regions: Vec<Region>,
    pub(super) reducer: Option<Reducer>,
    /// The first region of `select_and_scatter`.
    pub(super) select: Option<CompareDir>,
    /// The functions that the regions have become.
    pub(super) bodies: Vec<String>,
    /// Operand types, as the text states them.
    pub(super) operands: Vec<TensorType>,
    /// Result types, as the text states them.
    pub(super) results: Vec<TensorType>,
}

/// Supported operations that are not a plain function of one or two operands.
const OTHERS: [&str; 29] = [
    "stablehlo.constant",
    "stablehlo.iota",
    "stablehlo.compare",
    "stablehlo.select",
    "stablehlo.clamp",
    "stablehlo.convert",
    "stablehlo.reduce_precision",
    "stablehlo.bitcast_convert",
    "stablehlo.broadcast_in_dim",
    "stablehlo.reshape",
    "stablehlo.transpose",
    "stablehlo.slice",
    "stablehlo.dynamic_slice",
    "stablehlo.dynamic_update_slice",
    "stablehlo.concatenate",
    "stablehlo.pad",
    "stablehlo.reverse",
    "stablehlo.reduce",
    "stablehlo.dot_general",
    "stablehlo.gather",
    "stablehlo.scatter",
    "stablehlo.while",
    "stablehlo.case",
    IF,
    "stablehlo.sort",
    "stablehlo.convolution",
    "stablehlo.reduce_window",
    "stablehlo.select_and_scatter",
    "func.call",
];

pub(crate) const COMPARE: [(CompareDir, &str); 6] = [
    (CompareDir::Eq, "EQ"),
    (CompareDir::Ne, "NE"),
    (CompareDir::Lt, "LT"),
    (CompareDir::Le, "LE"),
    (CompareDir::Gt, "GT"),
    (CompareDir::Ge, "GE"),
];

/// How `compare` calls IEEE 754's total order.
pub(crate) const TOTAL_ORDER: &str = "TOTALORDER";

/// How `compare` calls the order of an element type.
pub(crate) fn compare_type(dtype: DType) -> &'static str {
    if dtype.is_float() {
        "FLOAT"
    } else if dtype.is_signed_int() {
        "SIGNED"
    } else {
        "UNSIGNED"
    }
}

/// An error message unless corex has the operation.
pub(super) fn supported(name: &str) -> Result<(), String> {
    let unary = UnaryOp::ALL.iter().map(|&op| OpKind::Unary(op).name());
    let names = unary.chain(BinaryOp::ALL.iter().map(|&op| OpKind::Binary(op).name())).chain(OTHERS).chain([
        SQUARE,
        BARRIER,
        SHARDING,
        CUSTOM_CALL,
        COMPOSITE,
        RNG,
        TOP_K,
        NEXT_AFTER,
    ]);
    if name == "call" || names.clone().any(|n| n == name) {
        return Ok(());
    }
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let name = super::cursor::shorten(name);
    let hint = match name.split_once('.').unwrap_or_default() {
        ("stablehlo", "real" | "imag" | "complex" | "fft") => {
            "complex numbers are not supported; compute with real and imaginary parts as two tensors"
        }
        ("stablehlo", "rng") => "jax.random with its default generator writes programs that can be repeated",
        ("stablehlo", "cholesky" | "triangular_solve") => {
            "factorisations and solvers are not supported; a loop of products and updates is"
        }
        ("chlo", _) => {
            "special functions other than these are not supported; an approximation written with jax.numpy is"
        }
        _ => "write it with operations of jax.numpy or jax.lax that become these",
    };
    Err(format!("operation `{name}` is not supported; supported: {}\nhint: {hint}", names.join(", ")))
}

impl<'a> RawOp<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        Self {
            name,
            attrs: Attrs::default(),
            regions: Vec::new(),
            reducer: None,
            select: None,
            bodies: Vec::new(),
            operands: Vec::new(),
            results: Vec::new(),
        }
    }

    /// How many regions the operation must have, given that the text has `found`.
    pub(super) fn regions_expected(&self, found: usize) -> usize {
        match self.name {
            "stablehlo.while" | IF | "stablehlo.select_and_scatter" => 2,
            "stablehlo.case" => found.max(1),
            "stablehlo.sort" => 1,
            _ => usize::from(self.takes_reducer()),
        }
    }

    /// True for operations whose one region combines elements.
    pub(super) fn takes_reducer(&self) -> bool {
        matches!(self.name, "stablehlo.reduce" | "stablehlo.scatter" | "stablehlo.reduce_window")
    }

    /// Number of operands if the operation works on one tensor only.
    pub(super) fn operands_for_one_tensor(&self) -> usize {
        if self.name == "stablehlo.scatter" { 3 } else { 2 }
    }
}

impl RawOp<'_> {
    /// What the operation does.
    ///
    /// # Errors
    /// A message about a missing, malformed or unsupported attribute. Types are not checked here.
    pub(super) fn kind(&mut self) -> Result<OpKind, String> {
        let kind = self.kind_by_name()?;
        self.no_more_attributes().map(|()| kind)
    }

    /// A message about an attribute that nobody took and that would mean something.
    pub(super) fn no_more_attributes(&self) -> Result<(), String> {
        match self.attrs.leftover() {
            Some(name) => Err(format!("attribute `{name}` of {} is not supported", self.name)),
            None => Ok(()),
        }
    }

    fn kind_by_name(&mut self) -> Result<OpKind, String> {
        if let Some(&op) = UnaryOp::ALL.iter().find(|&&op| OpKind::Unary(op).name() == self.name) {
            return Ok(OpKind::Unary(op));
        }
        if let Some(&op) = BinaryOp::ALL.iter().find(|&&op| OpKind::Binary(op).name() == self.name) {
            return Ok(OpKind::Binary(op));
        }
        Ok(match self.name.strip_prefix("stablehlo.").unwrap_or(self.name) {
            "constant" => OpKind::Constant(self.literal()?),
            "iota" => {
                OpKind::Iota { ty: self.result()?.clone(), dim: self.index(&["iota_dimension", "dim"])? }
            }
            "compare" => self.compare()?,
            "select" => OpKind::Select,
            "clamp" => OpKind::Clamp,
            "convert" => OpKind::Convert(self.result()?.dtype),
            "reduce_precision" => OpKind::ReducePrecision {
                exponent_bits: self.bits("exponent_bits")?,
                mantissa_bits: self.bits("mantissa_bits")?,
            },
            "bitcast_convert" => OpKind::BitcastConvert(self.result()?.dtype),
            "broadcast_in_dim" => OpKind::BroadcastInDim {
                shape: self.result()?.shape.clone(),
                dims: self.indices(&["broadcast_dimensions", "dims"])?,
            },
            "reshape" => OpKind::Reshape { shape: self.result()?.shape.clone() },
            "transpose" => OpKind::Transpose { perm: self.indices(&["permutation", "dims"])? },
            "slice" => OpKind::Slice {
                start: self.indices(&["start_indices"])?,
                limit: self.indices(&["limit_indices"])?,
                strides: self.indices(&["strides"])?,
            },
            "dynamic_slice" => OpKind::DynamicSlice { sizes: self.indices(&["slice_sizes", "sizes"])? },
            "dynamic_update_slice" => OpKind::DynamicUpdateSlice,
            "concatenate" => OpKind::Concatenate { dim: self.index(&["dimension", "dim"])? },
            "pad" => OpKind::Pad {
                low: self.ints(&["edge_padding_low", "low"])?,
                high: self.ints(&["edge_padding_high", "high"])?,
                interior: self.indices(&["interior_padding", "interior"])?,
            },
            "reverse" => OpKind::Reverse { dims: self.sorted(&["dimensions", "dims"])? },
            "reduce" => {
                let dims = self.sorted(&["dimensions"])?;
                match self.reducer {
                    Some(reducer) => OpKind::Reduce { dims, reducer },
                    None => OpKind::ReduceWith { dims, body: self.body()? },
                }
            }
            "dot_general" => self.dot()?,
            "gather" => self.gather()?,
            "scatter" => self.scatter()?,
            "while" => {
                let body = self.body()?;
                OpKind::While { cond: self.body()?, body }
            }
            "case" => OpKind::Case { branches: std::mem::take(&mut self.bodies) },
            "sort" => {
                // Sorting is always stable here, so this says nothing.
                self.attrs.take(&["is_stable"]);
                let dim = self.sort_dimension()?;
                OpKind::Sort { dim, comparator: self.body()? }
            }
            "convolution" => OpKind::Convolution(Box::new(self.convolution()?)),
            "reduce_window" => {
                let window = self.window()?;
                match self.reducer {
                    Some(reducer) => OpKind::ReduceWindow { window, reducer },
                    None => OpKind::ReduceWindowWith { window, body: self.body()? },
                }
            }
            "select_and_scatter" => self.select_and_scatter()?,
            "call" | "func.call" => match self.attrs.take(&["callee"]) {
                Some(Attr::Symbol(name)) => OpKind::Call { callee: name.to_owned() },
                _ => return Err("func.call needs a callee".to_owned()),
            },
            "composite" => {
                // The name and its attributes say what the decomposition is meant to be, not what it is.
                while self.attrs.take(&["name", "version", "composite_attributes"]).is_some() {}
                match self.attrs.take(&["decomposition"]) {
                    Some(Attr::Symbol(name)) => OpKind::Call { callee: name.to_owned() },
                    _ => return Err("stablehlo.composite needs a decomposition".to_owned()),
                }
            }
            _ => return supported(self.name).and(Err(format!("operation `{}` is not supported", self.name))),
        })
    }

    /// The one result type stated.
    fn result(&self) -> Result<&TensorType, String> {
        match &self.results[..] {
            [ty] => Ok(ty),
            types => Err(format!("{} has one result, not {}", self.name, types.len())),
        }
    }

    /// The last function not taken yet that a region has become.
    fn body(&mut self) -> Result<String, String> {
        self.bodies.pop().ok_or_else(|| format!("{} needs a body", self.name))
    }

    /// `sort` counts a negative dimension from the end, and sorts along the last if none is given.
    fn sort_dimension(&mut self) -> Result<usize, String> {
        let dim = match self.attrs.take(&["dimension"]) {
            None => -1,
            Some(Attr::Ints(values)) if values.len() == 1 => values[0],
            Some(_) => return Err(format!("attribute `dimension` of {} must be one integer", self.name)),
        };
        let rank = self.operands.first().map_or(0, TensorType::rank) as i64;
        let dim = if dim < 0 { dim.saturating_add(rank) } else { dim };
        usize::try_from(dim).map_err(|_| format!("dimension {dim} of {} does not exist", self.name))
    }

    pub(super) fn ints(&mut self, names: &[&str]) -> Result<Vec<i64>, String> {
        match self.attrs.take(names) {
            Some(Attr::Ints(values)) => Ok(values),
            Some(_) => Err(format!("attribute `{}` of {} must be integers", names[0], self.name)),
            None => Err(format!("{} needs attribute `{}`", self.name, names[0])),
        }
    }

    pub(super) fn indices(&mut self, names: &[&str]) -> Result<Vec<usize>, String> {
        let values = self.ints(names)?;
        to_indices(&values)
            .map_err(|v| format!("attribute `{}` of {} has the negative {v}", names[0], self.name))
    }

    pub(super) fn index(&mut self, names: &[&str]) -> Result<usize, String> {
        match self.indices(names)?[..] {
            [value] => Ok(value),
            _ => Err(format!("attribute `{}` of {} must be one integer", names[0], self.name)),
        }
    }

    fn bits(&mut self, name: &str) -> Result<u32, String> {
        let value = self.index(&[name])?;
        u32::try_from(value).map_err(|_| format!("attribute `{name}` of {} is too large: {value}", self.name))
    }

    /// Dimensions whose order carries no meaning.
    fn sorted(&mut self, names: &[&str]) -> Result<Vec<usize>, String> {
        let mut dims = self.indices(names)?;
        dims.sort_unstable();
        Ok(dims)
    }

    fn literal(&mut self) -> Result<Literal, String> {
        match self.attrs.take(&["value"]) {
            Some(Attr::Literal(literal)) => Ok(literal),
            _ => Err("stablehlo.constant needs a value of the form dense<…> : tensor<…>".to_owned()),
        }
    }

    fn compare(&mut self) -> Result<OpKind, String> {
        let Some(Attr::Case(name)) = self.attrs.take(&["comparison_direction"]) else {
            return Err("stablehlo.compare needs a direction".to_owned());
        };
        let Some(&(direction, _)) = COMPARE.iter().find(|(_, n)| *n == name) else {
            return Err(format!(
                "comparison direction `{}` is none of EQ, NE, LT, LE, GT, GE",
                super::cursor::shorten(name)
            ));
        };
        let expected = self.operands.first().map(|ty| compare_type(ty.dtype));
        match self.attrs.take(&["compare_type"]) {
            None | Some(Attr::Case("NOTYPE")) => {}
            Some(Attr::Case(name)) if Some(name) == expected => {}
            Some(Attr::Case(TOTAL_ORDER)) if expected == Some("FLOAT") => {
                return Ok(OpKind::CompareTotal(direction));
            }
            other => {
                let name = if let Some(Attr::Case(name)) = other { name } else { "?" };
                return Err(format!(
                    "comparison type {} is not supported for these operands; supported: {}",
                    super::cursor::shorten(name),
                    expected.unwrap_or("none")
                ));
            }
        }
        Ok(OpKind::Compare(direction))
    }

    fn dims(&mut self, names: &[&str]) -> Result<DimFields<'_>, String> {
        let op = self.name;
        match self.attrs.take(names) {
            Some(Attr::Dims(fields)) => Ok(DimFields { op, fields: fields.into_iter().collect() }),
            _ => Err(format!("{op} needs attribute `{}`", names[0])),
        }
    }

    fn dot(&mut self) -> Result<OpKind, String> {
        // Any algorithm on f32 and smaller types is met, or bettered, by the one the law has.
        if let Some(Attr::Text(algorithm)) = self.attrs.take(&["algorithm"])
            && algorithm.contains("f64")
        {
            return Err("a dot algorithm with f64 is not supported: products are summed in f32".to_owned());
        }
        let mut fields = self.dims(&["dot_dimension_numbers"])?;
        let dims = DotDims {
            lhs_batch: fields.take("lhs_batching_dimensions")?,
            rhs_batch: fields.take("rhs_batching_dimensions")?,
            lhs_contract: fields.take("lhs_contracting_dimensions")?,
            rhs_contract: fields.take("rhs_contracting_dimensions")?,
        };
        fields.finish()?;
        Ok(OpKind::DotGeneral(dims))
    }

    fn gather(&mut self) -> Result<OpKind, String> {
        let slice_sizes = self.indices(&["slice_sizes"])?;
        let mut fields = self.dims(&["dimension_numbers"])?;
        let dims = GatherDims {
            offset_dims: fields.take("offset_dims")?,
            collapsed_slice_dims: fields.take("collapsed_slice_dims")?,
            operand_batching_dims: fields.take("operand_batching_dims")?,
            start_indices_batching_dims: fields.take("start_indices_batching_dims")?,
            start_index_map: fields.take("start_index_map")?,
            index_vector_dim: fields.take_one("index_vector_dim")?,
            slice_sizes,
        };
        fields.finish()?;
        Ok(OpKind::Gather(dims))
    }

    fn scatter(&mut self) -> Result<OpKind, String> {
        let mut fields = self.dims(&["scatter_dimension_numbers"])?;
        let dims = ScatterDims {
            update_window_dims: fields.take("update_window_dims")?,
            inserted_window_dims: fields.take("inserted_window_dims")?,
            input_batching_dims: fields.take("input_batching_dims")?,
            scatter_indices_batching_dims: fields.take("scatter_indices_batching_dims")?,
            scatter_dims_to_operand_dims: fields.take("scatter_dims_to_operand_dims")?,
            index_vector_dim: fields.take_one("index_vector_dim")?,
        };
        fields.finish()?;
        Ok(match self.reducer {
            Some(reducer) => OpKind::Scatter(dims, reducer),
            None => OpKind::ScatterWith { dims, body: self.body()? },
        })
    }
}

/// The fields of a dimension-numbers attribute; MLIR leaves out empty lists and zeros.
struct DimFields<'a> {
    op: &'a str,
    fields: Vec<(&'a str, Vec<i64>)>,
}

impl DimFields<'_> {
    fn take(&mut self, name: &str) -> Result<Vec<usize>, String> {
        match self.fields.iter().position(|(n, _)| *n == name) {
            Some(at) => to_indices(&self.fields.swap_remove(at).1)
                .map_err(|v| format!("`{name}` of {} has the negative {v}", self.op)),
            None => Ok(Vec::new()),
        }
    }

    fn take_one(&mut self, name: &str) -> Result<usize, String> {
        match self.take(name)?[..] {
            [] => Ok(0),
            [value] => Ok(value),
            _ => Err(format!("`{name}` of {} must be one integer", self.op)),
        }
    }

    fn finish(self) -> Result<(), String> {
        match self.fields.first() {
            Some((name, _)) => Err(format!("unknown or repeated dimension numbers `{name}` of {}", self.op)),
            None => Ok(()),
        }
    }
}

/// The values as indices, or the first negative one.
fn to_indices(values: &[i64]) -> Result<Vec<usize>, i64> {
    values.iter().map(|&v| usize::try_from(v).map_err(|_| v)).collect()
}
