//! The model: embeddings, pre-norm blocks with fused query, key and value, and the embedding again as head.

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::ops::{layer_norm_slow, softmax};
use candle_nn::{Linear, Module, loss};

const VOCAB: usize = 256;

#[derive(Clone, Copy)]
pub struct Sizes {
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub context: usize,
    pub batch: usize,
}

fn matrix(rows: usize, columns: usize, std: f64) -> Result<Var> {
    Var::randn_f64(0.0, std, (rows, columns), candle_core::DType::F32, &Device::Cpu)
}

fn constant(value: f32, elements: usize) -> Result<Var> {
    Var::from_vec(vec![value; elements], elements, &Device::Cpu)
}

struct Norm {
    gain: Var,
    bias: Var,
}

impl Norm {
    fn new(width: usize) -> Result<Self> {
        Ok(Self { gain: constant(1.0, width)?, bias: constant(0.0, width)? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        layer_norm_slow(x, &self.gain, &self.bias, 1e-5)
    }

    fn parameters(&self) -> [Var; 2] {
        [self.gain.clone(), self.bias.clone()]
    }
}

/// A linear layer: the weight is `[outputs, inputs]`.
struct Layer {
    weight: Var,
    bias: Var,
}

impl Layer {
    fn new(inputs: usize, outputs: usize) -> Result<Self> {
        Ok(Self {
            weight: matrix(outputs, inputs, 0.5 / (inputs as f64).sqrt())?,
            bias: constant(0.0, outputs)?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Linear::new(self.weight.as_tensor().clone(), Some(self.bias.as_tensor().clone())).forward(x)
    }

    fn parameters(&self) -> [Var; 2] {
        [self.weight.clone(), self.bias.clone()]
    }
}

struct Block {
    norms: [Norm; 2],
    /// Query, key and value together; what is mixed; the two of the MLP.
    qkv: Layer,
    out: Layer,
    up: Layer,
    down: Layer,
}

impl Block {
    fn new(width: usize) -> Result<Self> {
        Ok(Self {
            norms: [Norm::new(width)?, Norm::new(width)?],
            qkv: Layer::new(width, 3 * width)?,
            out: Layer::new(width, width)?,
            up: Layer::new(width, 4 * width)?,
            down: Layer::new(4 * width, width)?,
        })
    }

    /// `x` and the result are `[batch * context, width]`; `mask` is added to the scores.
    fn forward(&self, x: &Tensor, mask: &Tensor, sizes: &Sizes) -> Result<Tensor> {
        let Sizes { width, heads, context, batch, .. } = *sizes;
        let qkv = self.qkv.forward(&self.norms[0].forward(x)?)?;
        let heads_of = |part: usize| {
            let of_part = qkv.narrow(1, part * width, width)?;
            of_part.reshape((batch, context, heads, width / heads))?.transpose(1, 2)?.contiguous()
        };
        let (q, k, v) = (heads_of(0)?, heads_of(1)?, heads_of(2)?);
        let scores = (q.matmul(&k.t()?)? * ((width / heads) as f64).powf(-0.5))?;
        let weights = softmax(&scores.broadcast_add(mask)?, D::Minus1)?;
        let mixed = weights.matmul(&v)?.transpose(1, 2)?.reshape((batch * context, width))?;
        let x = (x + self.out.forward(&mixed)?)?;
        let wide = self.up.forward(&self.norms[1].forward(&x)?)?.gelu()?;
        x + self.down.forward(&wide)?
    }

    fn parameters(&self) -> impl Iterator<Item = Var> {
        let norms = self.norms.iter().flat_map(Norm::parameters);
        norms.chain([&self.qkv, &self.out, &self.up, &self.down].into_iter().flat_map(Layer::parameters))
    }
}

pub struct Gpt {
    sizes: Sizes,
    embed: Var,
    place: Var,
    blocks: Vec<Block>,
    norm: Norm,
    mask: Tensor,
}

impl Gpt {
    pub fn new(sizes: Sizes) -> Result<Self> {
        let Sizes { layers, width, context, .. } = sizes;
        let later = |x: usize| if x % context > x / context { f32::NEG_INFINITY } else { 0.0 };
        Ok(Self {
            sizes,
            embed: matrix(VOCAB, width, (width as f64).powf(-0.5))?,
            place: matrix(context, width, 0.02)?,
            blocks: (0..layers).map(|_| Block::new(width)).collect::<Result<_>>()?,
            norm: Norm::new(width)?,
            mask: Tensor::from_vec(
                (0..context * context).map(later).collect::<Vec<f32>>(),
                (context, context),
                &Device::Cpu,
            )?,
        })
    }

    /// The mean cross-entropy; inputs and targets are `[batch * context]`.
    pub fn loss(&self, inputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let Sizes { width, context, batch, .. } = self.sizes;
        let embedded = self.embed.index_select(inputs, 0)?.reshape((batch, context, width))?;
        let mut x = embedded.broadcast_add(&self.place)?.reshape((batch * context, width))?;
        for block in &self.blocks {
            x = block.forward(&x, &self.mask, &self.sizes)?;
        }
        let logits = self.norm.forward(&x)?.matmul(&self.embed.t()?)?;
        loss::cross_entropy(&logits, targets)
    }

    pub fn parameters(&self) -> Vec<Var> {
        let blocks = self.blocks.iter().flat_map(Block::parameters);
        [self.embed.clone(), self.place.clone()]
            .into_iter()
            .chain(blocks)
            .chain(self.norm.parameters())
            .collect()
    }
}
