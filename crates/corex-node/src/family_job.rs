//! Jobs that train a model of a built-in family: files in, specification out.

use corex_models::{BYTES, DataSizes, Input, Model};
use std::path::{Path, PathBuf};

use crate::checkpoint;
use crate::corpus::Corpus;
use crate::dataset::{Dataset, Rows};
use crate::error::NodeError;
use crate::lineage::ModelForm;
use crate::preset::{self, Family, Ingredients, PreparedJob, Preset, Tuning};
use crate::report::{Report, Reporter};

/// A job that trains a model of a built-in family.
#[derive(Debug, Clone)]
pub struct ModelWork {
    /// What to train on: text, for models whose tokens are bytes (none is the git checkout around the current folder); a
    /// safetensors file with token ids, for other language models; one with features and classes, for classifiers.
    pub data: Vec<PathBuf>,
    /// Name, for the record.
    pub name: String,
    /// The model and its portions.
    pub preset: Preset,
    /// Its optimizer.
    pub tuning: Tuning,
    /// Folder of the checkpoint whose weights to go on from, which has the model of the preset.
    pub from: Option<PathBuf>,
}

/// Reads the data and writes the job; says where the data came from. The same files, seed and steps give the same job on
/// every machine.
///
/// # Errors
/// Data that cannot be read or does not suit the model; settings that make no sense.
pub fn prepare(
    work: &ModelWork,
    seed: u32,
    steps: u32,
    reporter: &Reporter,
) -> Result<(String, ModelForm, PreparedJob), NodeError> {
    let (model, data) = read_data(work, reporter)?;
    let params = work.from.as_deref().map(checkpoint::params_of).transpose()?;
    let (source, form) = (data.source.clone(), ModelForm::Model(model.clone()));
    let optimizer = work.tuning.optimizer(&model, steps);
    let ingredients = Ingredients { model, optimizer, data, params };
    let prepared = preset::prepare(&work.preset, ingredients, seed, steps)?;
    prepared.spec.check()?;
    Ok((source, form, prepared))
}

/// The data of a built-in family, and the model that fits it.
fn read_data(work: &ModelWork, reporter: &Reporter) -> Result<(Model, Dataset), NodeError> {
    let announce = |source: &str, data: &Dataset, unit: &str| {
        let DataSizes { train, heldout } = data.sizes;
        reporter(Report::Stage(format!("data: {source}; {train} {unit} to train on, {heldout} held out")));
    };
    let one_file = |what: &str| match &work.data[..] {
        [file] => Ok(file),
        _ => Err(NodeError::Refused(format!(
            "this model needs one --data file\nhint: a safetensors file with {what}"
        ))),
    };
    let Family::Model(model) = &work.preset.family else {
        let file = one_file("features [rows, …] and classes [rows]")?;
        let rows = Rows::read(file)?;
        let (model, data) = (work.preset.family.classifier(&rows)?, rows.dataset(file));
        announce(&data.source, &data, "rows");
        return Ok((model, data));
    };
    let data = match model.input() {
        Input::Tokens { vocab: BYTES, context } => {
            let cwd = std::env::current_dir().map_err(NodeError::io("."))?;
            let corpus = Corpus::gather(&work.data, &cwd)?;
            corpus.require(context)?;
            let files = format!("{} files from {} ({} skipped)", corpus.files, corpus.source, corpus.skipped);
            let data = corpus.into();
            announce(&files, &data, "bytes");
            data
        }
        input @ Input::Tokens { .. } => {
            let data = Dataset::tokens(one_file("a vector of token ids")?, &input)?;
            announce(&data.source, &data, "tokens");
            data
        }
        Input::Rows { .. } => {
            let file = one_file("features [rows, …] and classes [rows]")?;
            let rows = Rows::read(file)?;
            fits(&rows, model, file)?;
            let data = rows.dataset(file);
            announce(&data.source, &data, "rows");
            data
        }
    };
    Ok((model.clone(), data))
}

/// Errors unless a classifier that is there already can be trained on these rows.
fn fits(rows: &Rows, model: &Model, file: &Path) -> Result<(), NodeError> {
    let Input::Rows { features, classes } = model.input() else { return Ok(()) };
    let (wanted, found): (usize, usize) = (features.iter().product(), rows.shape().iter().product());
    if wanted == found && rows.classes() <= classes {
        return Ok(());
    }
    Err(NodeError::Refused(format!(
        "{} has rows of {found} features in {} classes, the model takes {wanted} features in {classes} classes",
        file.display(),
        rows.classes()
    )))
}
