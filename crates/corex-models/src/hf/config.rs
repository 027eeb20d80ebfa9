//! `config.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::classify::{CnnConfig, MlpConfig};
use crate::error::{ModelError, require};
use crate::gpt::GptConfig;
use crate::llama::LlamaConfig;
use crate::model::Model;

/// A `config.json` as it stands in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ConfigJson(Map<String, Value>);

/// What Mistral's configuration means without the field.
const MISTRAL_WINDOW: usize = 4096;

impl From<Model> for ConfigJson {
    fn from(model: Model) -> Self {
        let (kind, architecture, fields) = match &model {
            Model::Gpt(c) => ("gpt2", "GPT2LMHeadModel", serde_json::to_value(Gpt2Json::from(c))),
            Model::Llama(c) if c.window.is_some() => {
                ("mistral", "MistralForCausalLM", serde_json::to_value(LlamaJson::from(c)))
            }
            Model::Llama(c) => ("llama", "LlamaForCausalLM", serde_json::to_value(LlamaJson::from(c))),
            Model::Mlp(c) => ("corex_mlp", "CorexMlp", serde_json::to_value(MlpJson::from(c))),
            Model::Cnn(c) => ("corex_cnn", "CorexCnn", serde_json::to_value(CnnJson::from(c))),
        };
        let mut map = match fields {
            Ok(Value::Object(map)) => map,
            // A struct of numbers and strings always is an object.
            _ => Map::new(),
        };
        map.insert("model_type".into(), kind.into());
        map.insert("architectures".into(), vec![architecture].into());
        Self(map)
    }
}

impl TryFrom<ConfigJson> for Model {
    type Error = ModelError;

    fn try_from(ConfigJson(mut map): ConfigJson) -> Result<Self, ModelError> {
        fn fields<T: serde::de::DeserializeOwned>(map: Map<String, Value>) -> Result<T, ModelError> {
            serde_json::from_value(Value::Object(map)).map_err(|e| ModelError::Config(e.to_string()))
        }
        let kind = map.get("model_type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let model = match kind.as_str() {
            "gpt2" => Self::Gpt(fields::<Gpt2Json>(map)?.try_into()?),
            "llama" => Self::Llama(LlamaConfig { window: None, ..fields::<LlamaJson>(map)?.try_into()? }),
            "mistral" => {
                map.entry("sliding_window").or_insert(MISTRAL_WINDOW.into());
                Self::Llama(fields::<LlamaJson>(map)?.try_into()?)
            }
            "corex_mlp" => Self::Mlp(fields::<MlpJson>(map)?.into()),
            "corex_cnn" => Self::Cnn(fields::<CnnJson>(map)?.into()),
            other => {
                let known = "gpt2, llama, mistral, corex_mlp and corex_cnn";
                return Err(ModelError::Config(format!("model_type is {other:?}; corex reads {known}")));
            }
        };
        model.validate()?;
        Ok(model)
    }
}

/// Errors unless a setting has the only value that corex has.
fn only<T: PartialEq + std::fmt::Debug>(name: &str, found: &T, supported: &T) -> Result<(), ModelError> {
    require(found == supported, || format!("{name} is {found:?}, only {supported:?} is supported"))
}

fn yes() -> bool {
    true
}

/// GPT-2's fields; a field that is not in the file has GPT-2's default.
#[derive(Serialize, Deserialize)]
struct Gpt2Json {
    vocab_size: usize,
    n_layer: usize,
    n_embd: usize,
    n_head: usize,
    n_positions: usize,
    n_inner: Option<usize>,
    #[serde(default = "gelu_new")]
    activation_function: String,
    #[serde(default = "layer_norm_epsilon")]
    layer_norm_epsilon: f32,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default = "yes")]
    scale_attn_weights: bool,
    #[serde(default)]
    scale_attn_by_inverse_layer_idx: bool,
    #[serde(default)]
    add_cross_attention: bool,
    bos_token_id: Option<u32>,
    eos_token_id: Option<u32>,
}

fn gelu_new() -> String {
    "gelu_new".into()
}

fn layer_norm_epsilon() -> f32 {
    1e-5
}

impl From<&GptConfig> for Gpt2Json {
    fn from(c: &GptConfig) -> Self {
        Self {
            vocab_size: c.vocab,
            n_layer: c.layers,
            n_embd: c.width,
            n_head: c.heads,
            n_positions: c.context,
            n_inner: None,
            activation_function: gelu_new(),
            layer_norm_epsilon: layer_norm_epsilon(),
            tie_word_embeddings: c.tied,
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            add_cross_attention: false,
            // Without these `transformers` would assume GPT-2's end of text.
            bos_token_id: None,
            eos_token_id: None,
        }
    }
}

impl TryFrom<Gpt2Json> for GptConfig {
    type Error = ModelError;
    fn try_from(c: Gpt2Json) -> Result<Self, ModelError> {
        only("activation_function", &c.activation_function, &gelu_new())?;
        only("layer_norm_epsilon", &c.layer_norm_epsilon, &layer_norm_epsilon())?;
        only("scale_attn_weights", &c.scale_attn_weights, &true)?;
        only("scale_attn_by_inverse_layer_idx", &c.scale_attn_by_inverse_layer_idx, &false)?;
        only("add_cross_attention", &c.add_cross_attention, &false)?;
        let inner = c.n_embd.saturating_mul(4);
        only("n_inner", &c.n_inner.unwrap_or(inner), &inner)?;
        Ok(Self {
            vocab: c.vocab_size,
            layers: c.n_layer,
            width: c.n_embd,
            heads: c.n_head,
            context: c.n_positions,
            tied: c.tie_word_embeddings,
        })
    }
}

/// Llama's and Mistral's fields.
#[derive(Serialize, Deserialize)]
struct LlamaJson {
    vocab_size: usize,
    num_hidden_layers: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sliding_window: Option<usize>,
    /// Where the angles' base stands since version 5 of `transformers`.
    #[serde(default)]
    rope_parameters: Option<RopeJson>,
    /// Where it stood before.
    rope_theta: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rope_scaling: Option<Value>,
    #[serde(default = "rms_norm_eps")]
    rms_norm_eps: f32,
    #[serde(default)]
    tie_word_embeddings: bool,
    #[serde(default = "silu")]
    hidden_act: String,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    bos_token_id: Option<u32>,
    eos_token_id: Option<Value>,
}

#[derive(Serialize, Deserialize)]
struct RopeJson {
    rope_theta: Option<f32>,
    #[serde(default = "plain")]
    rope_type: String,
}

fn plain() -> String {
    "default".into()
}

fn silu() -> String {
    "silu".into()
}

/// The default of `LlamaConfig` and `MistralConfig` in `transformers`.
fn rms_norm_eps() -> f32 {
    1e-6
}

const ROPE_THETA: f32 = 10_000.0;

impl From<&LlamaConfig> for LlamaJson {
    fn from(c: &LlamaConfig) -> Self {
        Self {
            vocab_size: c.vocab,
            num_hidden_layers: c.layers,
            hidden_size: c.width,
            intermediate_size: c.hidden,
            num_attention_heads: c.heads,
            num_key_value_heads: Some(c.kv_heads),
            head_dim: Some(c.head_width),
            max_position_embeddings: c.context,
            sliding_window: c.window,
            rope_parameters: Some(RopeJson { rope_theta: Some(c.rope_theta), rope_type: plain() }),
            rope_theta: Some(c.rope_theta),
            rope_scaling: None,
            rms_norm_eps: c.norm_epsilon,
            tie_word_embeddings: c.tied,
            hidden_act: silu(),
            attention_bias: false,
            mlp_bias: false,
            bos_token_id: None,
            eos_token_id: None,
        }
    }
}

impl TryFrom<LlamaJson> for LlamaConfig {
    type Error = ModelError;
    fn try_from(c: LlamaJson) -> Result<Self, ModelError> {
        only("hidden_act", &c.hidden_act, &silu())?;
        only("attention_bias", &c.attention_bias, &false)?;
        only("mlp_bias", &c.mlp_bias, &false)?;
        let scaling = c.rope_scaling.filter(|value| !value.is_null());
        require(scaling.is_none(), || {
            "rope_scaling is set; corex has unscaled rotary positions only".into()
        })?;
        let rope_theta = match c.rope_parameters {
            Some(rope) => {
                only("rope_type", &rope.rope_type, &plain())?;
                rope.rope_theta.or(c.rope_theta)
            }
            None => c.rope_theta,
        };
        let head_width = match c.head_dim {
            Some(width) => width,
            None => {
                let (width, heads) = (c.hidden_size, c.num_attention_heads);
                require(heads > 0 && width.is_multiple_of(heads), || {
                    format!("num_attention_heads ({heads}) must divide hidden_size ({width})")
                })?;
                width / heads
            }
        };
        Ok(Self {
            vocab: c.vocab_size,
            layers: c.num_hidden_layers,
            width: c.hidden_size,
            heads: c.num_attention_heads,
            kv_heads: c.num_key_value_heads.unwrap_or(c.num_attention_heads),
            head_width,
            hidden: c.intermediate_size,
            context: c.max_position_embeddings,
            window: c.sliding_window,
            rope_theta: rope_theta.unwrap_or(ROPE_THETA),
            norm_epsilon: c.rms_norm_eps,
            tied: c.tie_word_embeddings,
        })
    }
}

/// A perceptron of ours.
#[derive(Serialize, Deserialize)]
struct MlpJson {
    inputs: usize,
    hidden: Vec<usize>,
    classes: usize,
}

impl From<&MlpConfig> for MlpJson {
    fn from(c: &MlpConfig) -> Self {
        Self { inputs: c.inputs, hidden: c.hidden.clone(), classes: c.classes }
    }
}

impl From<MlpJson> for MlpConfig {
    fn from(c: MlpJson) -> Self {
        Self { inputs: c.inputs, hidden: c.hidden, classes: c.classes }
    }
}

/// A convolutional network of ours.
#[derive(Serialize, Deserialize)]
struct CnnJson {
    height: usize,
    width: usize,
    channels: usize,
    features: Vec<usize>,
    classes: usize,
}

impl From<&CnnConfig> for CnnJson {
    fn from(c: &CnnConfig) -> Self {
        let (height, width, channels) = (c.height, c.width, c.channels);
        Self { height, width, channels, features: c.features.clone(), classes: c.classes }
    }
}

impl From<CnnJson> for CnnConfig {
    fn from(c: CnnJson) -> Self {
        let (height, width, channels) = (c.height, c.width, c.channels);
        Self { height, width, channels, features: c.features, classes: c.classes }
    }
}
