//! Checkpoints as `transformers` saves them, and what that package computes with them in double precision (vectors/hf,
//! written by vectors/gen/hf_models.py).

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{f32s, job, run, u8s, u32};
use corex_models::hf::{Storage, read_weights, write_weights};
use corex_models::{BatchSizes, DataSizes, Model, logits_program};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/hf");
    let mut found: Vec<_> =
        std::fs::read_dir(root).expect("vectors/hf").map(|f| f.expect("a folder").path()).collect();
    found.sort();
    found
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect(name)
}

fn model(folder: &Path) -> Model {
    serde_json::from_slice(&read(folder, "config.json")).expect("a configuration")
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|x| f32::from_le_bytes([x[0], x[1], x[2], x[3]])).collect()
}

fn expected(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes = read(folder, "expected.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a file");
    file.iter().map(|(name, tensor)| (name.to_owned(), tensor.data().to_vec())).collect()
}

/// Largest difference, relative to the largest of what is expected.
fn difference(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs.iter().fold(0f32, |m, x| m.max(x.abs()));
    ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max) / largest
}

#[test]
fn logits_and_gradients_are_those_of_transformers() {
    let folders = folders();
    assert_eq!(folders.len(), 3, "every folder is read");
    for folder in folders {
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 3, "every file is read");
        let (model, expected) = (model(&folder), expected(&folder));
        let params = read_weights(&model, &[&read(&folder, "model.safetensors")]).expect("weights");
        let params = f32s(&floats(&params));
        let ids: Vec<u8> = expected["ids"].chunks_exact(4).map(|id| id[0]).collect();
        let length = ids.len() - 1;
        let logits = logits_program(&model, length).expect("valid");
        let logits = &run(&logits, &[params.clone(), u8s(&ids[..length])])[0];
        let worst = difference(logits, &floats(&expected["logits"]));
        println!("{}: logits differ by {worst:.1e}", folder.display());
        assert!(worst <= 2e-6, "{}: {worst:e}", folder.display());

        // Data of one window: that is what every batch draws.
        let sizes = DataSizes { train: ids.len(), heldout: ids.len() };
        let set = job(&model, &model.optimizer(10), sizes, BatchSizes::new(1, 1)).programs().expect("valid");
        let found = run(&set.grad, &[params, u8s(&ids), u32(0), u32(0), u32(0)]);
        let loss = floats(&expected["loss"])[0];
        assert!((found[1][0] - loss).abs() <= 1e-6 * loss, "loss {} against {loss}", found[1][0]);
        for p in set.table.iter() {
            let theirs = floats(&expected[&format!("grad.{}", p.name)]);
            let worst = difference(&found[0][p.offset..p.offset + p.len()], &theirs);
            assert!(worst <= 1e-5, "{}: {} differs by {worst:e}", folder.display(), p.name);
        }
    }
}

#[test]
fn what_is_written_is_read_back() {
    for folder in folders() {
        let model = model(&folder);
        let again: Model =
            serde_json::from_value(serde_json::to_value(&model).expect("JSON")).expect("a model");
        assert_eq!(again, model);
        let params = read_weights(&model, &[&read(&folder, "model.safetensors")]).expect("weights");
        let file = write_weights(&model, &params, Storage::F32).expect("a file");
        assert_eq!(read_weights(&model, &[&file]).expect("weights"), params);
        for storage in [Storage::F16, Storage::Bf16] {
            let file = write_weights(&model, &params, storage).expect("a file");
            let rounded = read_weights(&model, &[&file]).expect("weights");
            assert!(difference(&floats(&rounded), &floats(&params)) < 1.0 / 256.0);
            let again = write_weights(&model, &rounded, storage).expect("a file");
            assert_eq!(again, file, "what is rounded stays as it is");
        }
        assert!(write_weights(&model, &params[4..], Storage::F32).is_err());
    }
}

/// A file's tensors by name: element type, shape, bytes.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The GPT-2 of the vectors with its tensors changed.
fn changed(change: impl FnOnce(&mut Tensors)) -> Result<Vec<u8>, String> {
    let folder = folders().into_iter().find(|f| f.ends_with("gpt2")).expect("a GPT-2");
    let bytes = read(&folder, "model.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("a file");
    let mut tensors: Tensors = file
        .iter()
        .map(|(name, t)| (name.to_owned(), (t.dtype(), t.shape().to_vec(), t.data().to_vec())))
        .collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, (dtype, shape, data))| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), data).expect("fits"))
    });
    let bytes = safetensors::serialize(views, None).expect("bytes");
    read_weights(&model(&folder), &[&bytes]).map_err(|e| e.to_string())
}

#[test]
fn published_checkpoints_have_other_names_and_buffers() {
    let usual = changed(|_| ()).expect("weights");
    let published = changed(|tensors| {
        let all = std::mem::take(tensors);
        for (name, tensor) in all {
            let inner = name.strip_prefix("transformer.").unwrap_or(&name).to_owned();
            tensors.insert(inner, tensor);
        }
        let mask = (Dtype::U8, vec![1, 1, 2, 2], vec![1, 0, 1, 1]);
        tensors.insert("h.0.attn.bias".into(), mask.clone());
        tensors.insert("h.0.attn.masked_bias".into(), mask);
        let embedding = tensors["wte.weight"].clone();
        tensors.insert("lm_head.weight".into(), embedding);
    });
    assert_eq!(published.expect("weights"), usual);
}

#[test]
fn wrong_files_are_named() {
    let refused = |says: &str, change: fn(&mut Tensors)| {
        let error = changed(change).expect_err(says);
        assert!(error.contains(says), "{error}");
    };
    refused("there is no transformer.ln_f.bias", |t| drop(t.remove("transformer.ln_f.bias")));
    refused("[4, 4], expected F32, F16 or BF16 [16]", |t| {
        t.get_mut("transformer.ln_f.bias").expect("there").1 = vec![4, 4];
    });
    refused("I32", |t| t.get_mut("transformer.ln_f.bias").expect("there").0 = Dtype::I32);
    refused("other.weight is no weight of this model", |t| {
        t.insert("other.weight".into(), (Dtype::F32, vec![1], vec![0; 4]));
    });
    refused("is not the embedding", |t| {
        let mut head = t["transformer.wte.weight"].clone();
        head.2[0] ^= 1;
        t.insert("lm_head.weight".into(), head);
    });
    let folder = &folders()[0];
    let bytes = read(folder, "model.safetensors");
    let model = model(folder);
    for cut in [0, 1, 7, 8, 100, bytes.len() - 1] {
        assert!(read_weights(&model, &[&bytes[..cut]]).is_err(), "cut at {cut}");
    }
    let twice = read_weights(&model, &[&bytes, &bytes]).expect_err("twice").to_string();
    assert!(twice.contains("is there twice"), "{twice}");
}

#[test]
fn settings_that_corex_does_not_have_are_refused() {
    let with = |case: &str, key: &str, value: serde_json::Value| {
        let folder = folders().into_iter().find(|f| f.ends_with(case)).expect("a folder");
        let mut config: serde_json::Value =
            serde_json::from_slice(&read(&folder, "config.json")).expect("JSON");
        config[key] = value;
        serde_json::from_value::<Model>(config).map_err(|e| e.to_string())
    };
    let refused = |case: &str, key: &str, value: serde_json::Value, says: &str| {
        let error = with(case, key, value).expect_err(key);
        assert!(error.contains(says), "{error}");
    };
    refused("gpt2", "model_type", "bert".into(), "model_type is \"bert\"");
    refused("gpt2", "activation_function", "relu".into(), "activation_function is \"relu\"");
    refused("gpt2", "n_inner", 10.into(), "n_inner is 10");
    refused("gpt2", "layer_norm_epsilon", 1e-6.into(), "layer_norm_epsilon");
    refused("gpt2", "scale_attn_by_inverse_layer_idx", true.into(), "scale_attn_by_inverse_layer_idx");
    refused("gpt2", "n_head", 5.into(), "heads (5) must divide width (16)");
    refused("gpt2", "vocab_size", "forty".into(), "forty");
    refused("llama", "hidden_act", "gelu".into(), "hidden_act");
    refused("llama", "attention_bias", true.into(), "attention_bias");
    refused("llama", "rope_scaling", serde_json::json!({ "factor": 2.0 }), "rope_scaling");
    let scaled = serde_json::json!({ "rope_type": "llama3", "rope_theta": 1e4 });
    refused("llama", "rope_parameters", scaled, "rope_type is \"llama3\"");
    refused("llama", "num_key_value_heads", 3.into(), "kv_heads (3) must divide heads (4)");

    // A Mistral without the field has a window of 4096; null is none.
    let Ok(Model::Llama(none)) = with("mistral", "sliding_window", serde_json::Value::Null) else {
        panic!("null is no window")
    };
    assert_eq!(none.window, None);
    let Ok(Model::Llama(kept)) = with("mistral", "vocab_size", 40.into()) else { panic!("as it was") };
    assert_eq!((kept.window, kept.rope_theta, kept.norm_epsilon), (Some(4), 50_000.0, 1e-6));
    // Before version 5 the base of the angles stood by itself.
    let folder = folders().into_iter().find(|f| f.ends_with("llama")).expect("a Llama");
    let mut old: serde_json::Value = serde_json::from_slice(&read(&folder, "config.json")).expect("JSON");
    old["rope_parameters"] = serde_json::Value::Null;
    old["rope_theta"] = 500_000.0.into();
    let Ok(Model::Llama(old)) = serde_json::from_value(old) else { panic!("an old configuration") };
    assert_eq!(old.rope_theta, 500_000.0);
}
