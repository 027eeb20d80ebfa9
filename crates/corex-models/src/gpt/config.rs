//! Sizes of a GPT and the weights that follow from them.

use serde::{Deserialize, Serialize};

use crate::adamw::AdamW;
use crate::error::{ModelError, require};
use crate::params::{Init, ParamTable};

/// Tokens are bytes.
pub const VOCAB: usize = 256;

/// Sizes of a GPT. Serialised as Hugging Face's `config.json` of a GPT-2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "HuggingFaceConfig", try_from = "HuggingFaceConfig")]
pub struct GptConfig {
    /// Transformer blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub width: usize,
    /// Attention heads; divides `width`.
    pub heads: usize,
    /// Tokens that the model sees at once.
    pub context: usize,
    /// Whether the output matrix is the embedding matrix.
    pub tied: bool,
}

type Weight = (String, Vec<usize>, Init);

impl GptConfig {
    /// Names that [`Self::preset`] knows.
    pub const PRESETS: [&str; 4] = ["nano", "tiny", "small", "gpt2"];

    /// The default of a first run: 0.8 million parameters, learns to write something like its text in minutes
    /// on two cores.
    pub const fn nano() -> Self {
        Self { layers: 4, width: 128, heads: 4, context: 128, tied: true }
    }
    /// For tests: trains in seconds.
    pub const fn tiny() -> Self {
        Self { layers: 2, width: 32, heads: 2, context: 32, tied: true }
    }
    /// 11 million parameters.
    pub const fn small() -> Self {
        Self { layers: 6, width: 384, heads: 6, context: 256, tied: true }
    }
    /// The blocks of GPT-2 small: 86 million parameters (its 124 million include 38 million of a vocabulary of
    /// 50,257 word pieces).
    pub const fn gpt2() -> Self {
        Self { layers: 12, width: 768, heads: 12, context: 1024, tied: true }
    }

    /// The preset of that name, or an error that lists the names.
    ///
    /// # Errors
    /// An unknown name.
    pub fn preset(name: &str) -> Result<Self, ModelError> {
        match name {
            "nano" => Ok(Self::nano()),
            "tiny" => Ok(Self::tiny()),
            "small" => Ok(Self::small()),
            "gpt2" => Ok(Self::gpt2()),
            _ => {
                let names = Self::PRESETS.join(", ");
                Err(ModelError::Config(format!("there is no preset {name:?}; presets are {names}")))
            }
        }
    }

    /// # Errors
    /// Zero or absurd sizes, heads that do not divide the width, more parameters than 32 bits can count.
    pub fn validate(&self) -> Result<(), ModelError> {
        let within = |name: &str, value: usize, max: usize| {
            require((1..=max).contains(&value), || format!("{name} must be 1 to {max}, got {value}"))
        };
        within("layers", self.layers, 256)?;
        within("width", self.width, 1 << 15)?;
        within("heads", self.heads, self.width)?;
        within("context", self.context, 1 << 16)?;
        require(self.width.is_multiple_of(self.heads), || {
            format!("heads ({}) must divide width ({})", self.heads, self.width)
        })?;
        let limit = 1 << 31;
        let total = self.param_table().total();
        require(total < limit, || format!("{total} parameters; one job holds fewer than {limit}"))
    }

    /// The optimizer's settings for a run of that many steps: [`AdamW::for_steps`] with a learning rate that
    /// shrinks as the model gets wider.
    pub fn optimizer(&self, total_steps: u32) -> AdamW {
        let peak_lr = 3e-3 * (128.0 / self.width as f32).sqrt().min(2.0);
        AdamW { peak_lr, final_lr: peak_lr / 10.0, ..AdamW::for_steps(total_steps) }
    }

    /// Width of one head.
    pub fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// The weights: names, shapes, offsets.
    pub fn param_table(&self) -> ParamTable {
        let d = self.width;
        // Wide enough that attention starts to tell positions apart, about GPT-2's 0.02 at its width of 768.
        let std = 0.5 / (d as f32).sqrt();
        // A token outweighs its position at first, and a tied head starts with logits of about unit size: bytes
        // that follow each other are learned several times sooner than with 0.02 for both.
        let token = Init::Uniform { std: 1.0 / (d as f32).sqrt() };
        let position = Init::Uniform { std: 0.02 };
        let matrix =
            |name: String, rows, columns| -> Weight { (name, vec![rows, columns], Init::Uniform { std }) };
        // Each block adds to the residual stream twice: keeps the stream's size independent of the depth.
        let residual = Init::Uniform { std: std / (2.0 * self.layers as f32).sqrt() };
        let mut matrices: Vec<Weight> = vec![
            ("transformer.wte.weight".into(), vec![VOCAB, d], token),
            ("transformer.wpe.weight".into(), vec![self.context, d], position),
        ];
        let mut rest: Vec<Weight> = vec![];
        let norm = |rest: &mut Vec<Weight>, name: &str| {
            rest.push((format!("{name}.weight"), vec![d], Init::Ones));
            rest.push((format!("{name}.bias"), vec![d], Init::Zeros));
        };
        for layer in 0..self.layers {
            let at = |name: &str| format!("transformer.h.{layer}.{name}");
            matrices.push(matrix(at("attn.c_attn.weight"), d, 3 * d));
            matrices.push((at("attn.c_proj.weight"), vec![d, d], residual));
            matrices.push(matrix(at("mlp.c_fc.weight"), d, 4 * d));
            matrices.push((at("mlp.c_proj.weight"), vec![4 * d, d], residual));
            norm(&mut rest, &at("ln_1"));
            rest.push((at("attn.c_attn.bias"), vec![3 * d], Init::Zeros));
            rest.push((at("attn.c_proj.bias"), vec![d], Init::Zeros));
            norm(&mut rest, &at("ln_2"));
            rest.push((at("mlp.c_fc.bias"), vec![4 * d], Init::Zeros));
            rest.push((at("mlp.c_proj.bias"), vec![d], Init::Zeros));
        }
        if !self.tied {
            matrices.push(("lm_head.weight".into(), vec![VOCAB, d], Init::Uniform { std: 0.02 }));
        }
        norm(&mut rest, "transformer.ln_f");
        ParamTable::new(matrices, rest)
    }
}

/// The fields of Hugging Face's `config.json` that describe this family.
#[derive(Serialize, Deserialize)]
struct HuggingFaceConfig {
    architectures: Vec<String>,
    model_type: String,
    activation_function: String,
    layer_norm_epsilon: f64,
    n_layer: usize,
    n_embd: usize,
    n_head: usize,
    n_positions: usize,
    tie_word_embeddings: bool,
    vocab_size: usize,
    bos_token_id: Option<u32>,
    eos_token_id: Option<u32>,
}

impl From<GptConfig> for HuggingFaceConfig {
    fn from(c: GptConfig) -> Self {
        Self {
            architectures: vec!["GPT2LMHeadModel".into()],
            model_type: "gpt2".into(),
            activation_function: "gelu_new".into(),
            layer_norm_epsilon: 1e-5,
            n_layer: c.layers,
            n_embd: c.width,
            n_head: c.heads,
            n_positions: c.context,
            tie_word_embeddings: c.tied,
            vocab_size: VOCAB,
            bos_token_id: None,
            eos_token_id: None,
        }
    }
}

impl TryFrom<HuggingFaceConfig> for GptConfig {
    type Error = ModelError;
    fn try_from(c: HuggingFaceConfig) -> Result<Self, ModelError> {
        let is = |name: &str, found: &str, supported: &str| {
            require(found == supported, || format!("{name} is {found:?}, only {supported:?} is supported"))
        };
        is("model_type", &c.model_type, "gpt2")?;
        is("activation_function", &c.activation_function, "gelu_new")?;
        is("vocab_size", &c.vocab_size.to_string(), &VOCAB.to_string())?;
        is("layer_norm_epsilon", &c.layer_norm_epsilon.to_string(), &1e-5f64.to_string())?;
        let config = Self {
            layers: c.n_layer,
            width: c.n_embd,
            heads: c.n_head,
            context: c.n_positions,
            tied: c.tie_word_embeddings,
        };
        config.validate()?;
        Ok(config)
    }
}
