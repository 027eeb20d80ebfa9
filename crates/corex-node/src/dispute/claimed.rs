//! The evidence of a liar: its own evaluation, in which the outputs that it signed stand where the honest ones came out.
//!
//! This is the best that a liar can do: everything else that it says is right, and it has an answer to every question. So the
//! game goes all the way down, to one operation that does not give what was claimed.

use corex_engine::trace::{Digest, Path, Record};
use corex_engine::{EngineError, Tensor};
use corex_hlo::lower::{Kind, Lowered, Source};
use corex_protocol::dispute::{Evidence, Tensors};
use std::collections::BTreeMap;
use std::rc::Rc;

/// See the module.
pub struct Claimed<'e> {
    honest: &'e mut dyn Evidence,
    /// What the task's function returns as which output: an operator and one of its results.
    makers: BTreeMap<(usize, usize), usize>,
    /// The outputs that were signed, as many as could be read.
    outputs: Vec<Option<(Digest, Vec<u8>)>>,
    record: Option<Rc<Record>>,
}

impl<'e> Claimed<'e> {
    /// `outputs` are the bytes of what was signed, in order; what is not there any more stays as it is.
    pub fn new(
        program: &Lowered,
        honest: &'e mut dyn Evidence,
        outputs: Vec<Option<Vec<u8>>>,
    ) -> Claimed<'e> {
        let name = |bytes: Vec<u8>| (Digest(corex_work::BlobId::of(&bytes).0), bytes);
        let outputs = outputs.into_iter().map(|bytes| bytes.map(name)).collect();
        Claimed { honest, makers: makers(program), outputs, record: None }
    }
}

/// For every output the operators that its bytes come from: the one that makes them, and reinterpretations of it.
fn makers(program: &Lowered) -> BTreeMap<(usize, usize), usize> {
    let mut makers = BTreeMap::new();
    let Some(main) = program.funcs.last() else { return makers };
    for (output, operand) in main.results.iter().enumerate() {
        let mut source = operand.source;
        while let Source::Op { op, result } = source {
            makers.entry((op as usize, result as usize)).or_insert(output);
            let Some(op) = main.ops.get(op as usize).filter(|op| op.kind == Kind::Reinterpret) else { break };
            let Some(operand) = op.operands.first() else { break };
            source = operand.source;
        }
    }
    makers
}

impl Evidence for Claimed<'_> {
    fn record(&mut self) -> Result<Rc<Record>, EngineError> {
        if let Some(record) = &self.record {
            return Ok(record.clone());
        }
        let mut record = (*self.honest.record()?).clone();
        for (result, claimed) in record.results.iter_mut().zip(&self.outputs) {
            if let Some((id, _)) = claimed {
                *result = *id;
            }
        }
        for ((op, result), output) in &self.makers {
            let leaf = record.operators.get_mut(*op).and_then(|op| op.leaf.results.get_mut(*result));
            if let (Some(leaf), Some(Some((id, _)))) = (leaf, self.outputs.get(*output)) {
                *leaf = *id;
            }
        }
        Ok(self.record.insert(Rc::new(record)).clone())
    }

    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError> {
        let honest = self.honest.tensors(path)?;
        if !path.frames.is_empty() {
            return Ok(honest);
        }
        let mut tensors = (*honest).clone();
        for (result, tensor) in tensors.results.iter_mut().enumerate() {
            let output = self.makers.get(&(path.op, result)).and_then(|output| self.outputs.get(*output));
            if let Some(Some((_, bytes))) = output {
                *tensor = Tensor::from_bytes(tensor.ty().clone(), bytes)?;
            }
        }
        Ok(Rc::new(tensors))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use corex_engine::Options;
    use corex_engine::trace::Tracer;
    use corex_protocol::dispute::Replay;

    #[test]
    fn the_lie_stands_where_the_output_is_made_and_nowhere_else() {
        let text = "func.func @main(%x: tensor<4xf32>) -> (tensor<2x2xf32>, tensor<4xf32>) {
            %a = stablehlo.add %x, %x : tensor<4xf32>
            %b = stablehlo.multiply %a, %x : tensor<4xf32>
            %c = stablehlo.reshape %b : (tensor<4xf32>) -> tensor<2x2xf32>
            return %c, %a : tensor<2x2xf32>, tensor<4xf32>
        }";
        let tracer = Tracer::new(&corex_hlo::parse(text).unwrap(), "main", &Options::default()).unwrap();
        let inputs = vec![Tensor::from_f32(&[4], &[1.0, 2.0, 3.0, 4.0]).unwrap()];
        let honest = tracer.record(&inputs).unwrap();
        let lie = Tensor::from_f32(&[4], &[2.0, 8.0, 18.0, 33.0]).unwrap().bytes().to_vec();
        let id = Digest(corex_work::BlobId::of(&lie).0);
        let mut replay = Replay::new(&tracer, inputs);
        let mut claimed = Claimed::new(tracer.program(), &mut replay, vec![Some(lie.clone()), None]);
        let record = claimed.record().unwrap();
        assert_eq!(record.results, [id, honest.results[1]]);
        let made: Vec<bool> = record.operators.iter().map(|operator| operator.leaf.results == [id]).collect();
        assert_eq!(made, [false, true, true], "the product, and its other form");
        assert_eq!(claimed.tensors(&Path::of(1)).unwrap().results[0].bytes(), &lie[..]);
        assert_eq!(
            claimed.tensors(&Path::of(0)).unwrap().results[0].to_f32(),
            Some(vec![2.0, 4.0, 6.0, 8.0])
        );
    }
}
