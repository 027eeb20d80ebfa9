//! The accused: answers what it is asked, out of its own evaluation.

use corex_engine::trace::{BlobTree, Digest, Path, Record, Recorded, Tree, program_root};
use corex_hlo::lower::Lowered;

use super::evidence::Evidence;
use super::moves::{Answer, Move, Next};
use super::tree::SPAN;
use super::types::{Claim, Question, Topic, Turn, pack, part_start, parts_of};
use super::view::GameView;
use super::{PlayError, outside, show};

/// What the accused's task is, beside its evaluation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Id of the task's program.
    pub program: Digest,
    /// Name of its function.
    pub func: String,
    /// That the program, its function and the lowered form are among the job's programs: a path of the Merkle tree
    /// that the job's terms name.
    pub proof: Vec<Digest>,
}

/// The accused's next move in a game about a task that `program` is the lowered form of.
///
/// # Errors
/// What its own evaluation ends with, and a view that is not of this task.
pub fn next(
    view: &GameView,
    task: &Terms,
    program: &Lowered,
    evidence: &mut dyn Evidence,
) -> Result<Next, PlayError> {
    if let Some(next) = outside(view, Turn::Accused) {
        return Ok(next);
    }
    let record = evidence.record()?;
    if view.game.question == Digest::default() {
        return claim(task, program, &record).map(|claim| Next::Move(Move::Claim(Box::new(claim))));
    }
    let question = *view.pending().ok_or(PlayError::View("what is asked is not in its history"))?;
    let frame = record.frame(&view.history.frames);
    let frame = frame.ok_or(PlayError::View("it is in a frame that the task does not evaluate"))?;
    let answer = match question.topic {
        Topic::Claim => return Err(PlayError::View("a claim is asked for by a question")),
        Topic::Operators => nodes(&frame.tree(), &question)?,
        Topic::Operator => operator(frame, question.number)?,
        _ => {
            let path = view.open().ok_or(PlayError::View("no operator is open"))?;
            let own = frame.operators.get(path.op).ok_or(PlayError::View("there is no such operator"))?;
            inside(view, &question, &path, own, evidence)?
        }
    };
    Ok(Next::Move(Move::Answer(question, answer)))
}

fn claim(task: &Terms, program: &Lowered, record: &Record) -> Result<Claim, PlayError> {
    Ok(Claim {
        program: task.program,
        func: task.func.clone(),
        inputs: record.params.clone(),
        outputs: record.results.clone(),
        lowered: program_root(program),
        proof: task.proof.clone(),
        code: show::code(program, record.func)?,
        operators: record.tree().root(),
    })
}

fn missing<T>(found: Option<T>) -> Result<T, PlayError> {
    found.ok_or(PlayError::View("it asks for what the task does not have"))
}

/// All nodes some levels below one.
fn nodes(tree: &Tree, question: &Question) -> Result<Answer, PlayError> {
    let (level, number) = (u32::from(question.level), question.number);
    let siblings = missing(tree.siblings(level, number))?;
    let nodes = below(level, number, |level, number| tree.node(level, number));
    Ok(Answer::Nodes { nodes, siblings })
}

fn below(level: u32, number: u64, node: impl Fn(u32, u64) -> Option<Digest>) -> Vec<Digest> {
    let span = level.min(SPAN);
    (number << span..(number + 1) << span).map_while(|at| node(level - span, at)).collect()
}

fn operator(frame: &Record, number: u64) -> Result<Answer, PlayError> {
    let own = missing(usize::try_from(number).ok().and_then(|at| frame.operators.get(at)))?;
    let siblings = missing(frame.tree().proof(number))?;
    let tree = own.tree();
    Ok(Answer::Operator {
        results: own.leaf.results.clone(),
        frames: tree.count(),
        top: tree.top(),
        siblings,
    })
}

/// Answers about the open operator.
fn inside(
    view: &GameView,
    question: &Question,
    path: &Path,
    own: &Recorded,
    evidence: &mut dyn Evidence,
) -> Result<Answer, PlayError> {
    match question.topic {
        Topic::Frames => nodes(&own.tree(), question),
        Topic::Frame => {
            let frame = missing(usize::try_from(question.number).ok().and_then(|at| own.frames.get(at)))?;
            Ok(Answer::Frame(show::inner(frame, missing(own.tree().proof(question.number))?)))
        }
        Topic::States => {
            let chain = &view.game.chain;
            let parts = parts_of(chain.count, chain.accumulators);
            let boundaries: Vec<u64> =
                (1..parts).map(|part| chain.first + part_start(chain.count, part, parts)).collect();
            let states = evidence.states(path, chain.element, &boundaries)?;
            Ok(Answer::States(states.iter().flat_map(|state| pack(state)).collect()))
        }
        _ => {
            let result = missing(own.leaf.results.iter().position(|id| *id == question.root))?;
            let tensors = evidence.tensors(path)?;
            let blob = BlobTree::new(missing(tensors.results.get(result))?.bytes());
            let (level, number) = (u32::from(question.level), question.number);
            let siblings = missing(blob.siblings(level, number))?;
            if question.topic == Topic::Chunk {
                return Ok(Answer::Chunk { data: missing(blob.chunk(number))?.to_vec(), siblings });
            }
            let nodes = below(level, number, |level, number| blob.node(level, number));
            Ok(Answer::Nodes { nodes, siblings })
        }
    }
}
