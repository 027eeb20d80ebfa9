//! The families behind one type: what a job, a checkpoint and a command need to know of a model.

use corex_hlo::{DType, FuncBuilder, TensorType, ValueId};
use serde::{Deserialize, Serialize};

use crate::classify::{CnnConfig, MlpConfig};
use crate::error::ModelError;
use crate::gpt::{self, GptConfig};
use crate::hf::ConfigJson;
use crate::layers::cross_entropy;
use crate::llama::{self, LlamaConfig};
use crate::optim::{Adam, Decay, Optimizer, Rule, Schedule};
use crate::params::{ParamTable, Weights};

/// The vocabulary of models whose tokens are bytes.
pub const BYTES: usize = 256;

/// A model of one of the built-in families. Serialised as Hugging Face's `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "ConfigJson", try_from = "ConfigJson")]
pub enum Model {
    /// GPT-2.
    Gpt(GptConfig),
    /// Llama, Mistral.
    Llama(LlamaConfig),
    /// Multi-layer perceptron.
    Mlp(MlpConfig),
    /// Convolutional network.
    Cnn(CnnConfig),
}

/// What a model looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Sequences of tokens, of which the next is to be predicted.
    Tokens {
        /// Different tokens.
        vocab: usize,
        /// Tokens that the model sees at once.
        context: usize,
    },
    /// Rows of features, whose class is to be predicted.
    Rows {
        /// Shape of an example's f32 features.
        features: Vec<usize>,
        /// Classes.
        classes: usize,
    },
}

impl Input {
    /// Element type of tokens in a blob: the smallest unsigned one that holds them; of classes `ui32`.
    pub fn label_type(&self) -> DType {
        match self {
            Self::Tokens { vocab: 0..=BYTES, .. } => DType::U8,
            Self::Tokens { vocab: 0..=0x1_0000, .. } => DType::U16,
            _ => DType::U32,
        }
    }

    /// Types of the data blobs with `count` tokens or rows: `[tokens]`, or features and classes.
    pub fn data(&self, count: usize) -> Vec<TensorType> {
        let labels = TensorType::new(self.label_type(), [count]);
        match self {
            Self::Tokens { .. } => vec![labels],
            Self::Rows { features, .. } => {
                vec![TensorType::f32([&[count], &features[..]].concat()), labels]
            }
        }
    }
}

impl Model {
    /// Name of the family, as `--model` takes it.
    pub fn family(&self) -> &'static str {
        match self {
            Self::Gpt(_) => "gpt",
            Self::Llama(_) => "llama",
            Self::Mlp(_) => "mlp",
            Self::Cnn(_) => "cnn",
        }
    }

    /// What it looks at.
    pub fn input(&self) -> Input {
        match self {
            Self::Gpt(c) => Input::Tokens { vocab: c.vocab, context: c.context },
            Self::Llama(c) => Input::Tokens { vocab: c.vocab, context: c.context },
            Self::Mlp(c) => Input::Rows { features: vec![c.inputs], classes: c.classes },
            Self::Cnn(c) => Input::Rows { features: vec![c.height, c.width, c.channels], classes: c.classes },
        }
    }

    /// # Errors
    /// Sizes that are zero, absurd or contradict each other.
    pub fn validate(&self) -> Result<(), ModelError> {
        match self {
            Self::Gpt(c) => c.validate(),
            Self::Llama(c) => c.validate(),
            Self::Mlp(c) => c.validate(),
            Self::Cnn(c) => c.validate(),
        }
    }

    /// The weights: names, shapes, offsets.
    pub fn param_table(&self) -> ParamTable {
        match self {
            Self::Gpt(c) => c.param_table(),
            Self::Llama(c) => c.param_table(),
            Self::Mlp(c) => c.param_table(),
            Self::Cnn(c) => c.param_table(),
        }
    }

    /// The default optimizer of a run of that many steps: AdamW.
    pub fn optimizer(&self, total_steps: u32) -> Optimizer {
        self.optimizer_with(Rule::Adam(Adam::default()), total_steps)
    }

    /// That rule with settings that suit the model.
    pub fn optimizer_with(&self, rule: Rule, total_steps: u32) -> Optimizer {
        let adam_lr = match self {
            // It shrinks as the model gets wider.
            Self::Gpt(GptConfig { width, .. }) | Self::Llama(LlamaConfig { width, .. }) => {
                3e-3 * (128.0 / *width as f32).sqrt().min(2.0)
            }
            Self::Mlp(_) | Self::Cnn(_) => 1e-3,
        };
        match rule {
            Rule::Adam(_) | Rule::Muon(_) | Rule::RmsProp(_) => Optimizer::new(rule, adam_lr, total_steps),
            Rule::Sgd(_) => Optimizer { weight_decay: 0.0, ..Optimizer::new(rule, 0.1, total_steps) },
            // Newton's step length, kept: curvature is what makes these steps shrink.
            Rule::Lbfgs(_) => {
                let mut schedule = Schedule::for_steps(1.0, total_steps);
                (schedule.warmup_steps, schedule.decay) = (1, Decay::Constant);
                Optimizer { rule, schedule, weight_decay: 0.0, clip_norm: None }
            }
        }
    }

    /// Heads and context, if attention makes a matrix `[heads, context, context]` of each sequence.
    pub(crate) fn attention(&self) -> Option<(usize, usize)> {
        match self {
            Self::Gpt(c) => Some((c.heads, c.context)),
            Self::Llama(c) => Some((c.heads, c.context)),
            Self::Mlp(_) | Self::Cnn(_) => None,
        }
    }

    /// Mean loss in nats of a batch: of windows `[B, T + 1]`, every token predicted from those before it; or of features
    /// `[B, …]` and classes `[B]`.
    pub(crate) fn loss(&self, b: &mut FuncBuilder, w: &Weights, batch: &[ValueId]) -> ValueId {
        match batch {
            [windows] => {
                let (rows, length) = (b.dim(*windows, 0), b.dim(*windows, 1).saturating_sub(1));
                let inputs = b.slice_dim(*windows, 1, 0, length);
                let activations = self.activations(b, w, inputs);
                let logits = self.logits(b, w, activations);
                let targets = b.slice_dim(*windows, 1, 1, length + 1);
                let targets = b.reshape(targets, &[rows * length]);
                cross_entropy(b, logits, targets)
            }
            [features, labels, ..] => {
                let logits = self.logits(b, w, *features);
                cross_entropy(b, logits, *labels)
            }
            [] => b.scalar(0f32),
        }
    }

    /// What [`Self::logits`] starts from: of tokens `[B, T]` the last activations `[B·T, d]`; features are their own.
    pub(crate) fn activations(&self, b: &mut FuncBuilder, w: &Weights, input: ValueId) -> ValueId {
        match self {
            Self::Gpt(c) => gpt::activations(b, c, w, input),
            Self::Llama(c) => llama::activations(b, c, w, input),
            Self::Mlp(_) | Self::Cnn(_) => input,
        }
    }

    /// Scores `[R, V]` or `[B, classes]`.
    pub(crate) fn logits(&self, b: &mut FuncBuilder, w: &Weights, activations: ValueId) -> ValueId {
        match self {
            Self::Gpt(c) => gpt::logits(b, c, w, activations),
            Self::Llama(c) => llama::logits(b, c, w, activations),
            Self::Mlp(c) => c.scores(b, w, activations),
            Self::Cnn(c) => c.scores(b, w, activations),
        }
    }
}
