//! One task, evaluated as far as its disputes look into it: on a thread of its own, which keeps the evaluation between moves.

use corex_engine::Tensor;
use corex_engine::trace::Tracer;
use corex_protocol::dispute::{
    Evidence, GameView, Next, PlayError, Replay, Terms, Turn, accused, challenger, explain,
};
use corex_work::{BlobId, Task};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

use super::claimed::Claimed;
use crate::error::NodeError;
use crate::worker::Worker;

/// A thread that nobody asked anything for so long ends, and with it what it has evaluated.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// What a game is about, from the side that thinks about it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The task.
    pub task: Task,
    /// Of the accused: that its program is the job's.
    pub terms: Option<Terms>,
    /// Of a liar: the outputs that it stands up for, whatever it computes.
    pub claimed: Option<Vec<BlobId>>,
}

/// A move with what it says, for people.
#[derive(Debug, Clone)]
pub struct Thought {
    /// What to do.
    pub next: Next,
    /// What the move says; empty without one.
    pub words: String,
}

struct Request {
    view: Box<GameView>,
    reply: oneshot::Sender<Result<Thought, NodeError>>,
}

/// See the module. A clone asks the same thread.
#[derive(Clone)]
pub struct Analyst(mpsc::Sender<Request>);

impl Analyst {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(worker: Arc<Worker>, subject: Subject) -> Result<Analyst, NodeError> {
        let (requests, inbox) = mpsc::channel();
        let thread = std::thread::Builder::new().name("dispute".into());
        let started = thread.spawn(move || think(&worker, &subject, &inbox));
        started.map_err(|e| NodeError::Refused(format!("no thread for a dispute: {e}")))?;
        Ok(Analyst(requests))
    }

    /// The next move in a game about the task; nothing if the thread has ended.
    ///
    /// # Errors
    /// What the evaluation ends with, and a game that is not about the task.
    pub async fn ask(&self, view: GameView) -> Option<Result<Thought, NodeError>> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Request { view: Box::new(view), reply }).ok()?;
        answer.await.ok()
    }
}

fn think(worker: &Worker, subject: &Subject, inbox: &mpsc::Receiver<Request>) {
    let prepared = worker.trace(&subject.task).and_then(|(tracer, inputs)| {
        let outputs =
            subject.claimed.iter().flatten().map(|id| worker.bytes_of(*id)).collect::<Result<_, _>>()?;
        Ok((tracer, inputs, outputs))
    });
    let (tracer, inputs, outputs) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            if let Ok(request) = inbox.recv_timeout(IDLE) {
                // Who asked may have gone.
                let _ = request.reply.send(Err(NodeError::Refused(error.to_string())));
            }
            return;
        }
    };
    answer_all(subject, &tracer, inputs, outputs, inbox);
}

fn answer_all(
    subject: &Subject,
    tracer: &Tracer,
    inputs: Vec<Tensor>,
    outputs: Vec<Option<Vec<u8>>>,
    inbox: &mpsc::Receiver<Request>,
) {
    let mut replay = Replay::new(tracer, inputs);
    let mut lie;
    let evidence: &mut dyn Evidence = match subject.claimed {
        Some(_) => {
            lie = Claimed::new(tracer.program(), &mut replay, outputs);
            &mut lie
        }
        None => &mut replay,
    };
    while let Ok(Request { view, reply }) = inbox.recv_timeout(IDLE) {
        let _ = reply.send(next(subject, tracer, &view, evidence).map_err(NodeError::from));
    }
}

fn next(
    subject: &Subject,
    tracer: &Tracer,
    view: &GameView,
    evidence: &mut dyn Evidence,
) -> Result<Thought, PlayError> {
    let next = match &subject.terms {
        Some(terms) => accused::next(view, terms, tracer.program(), evidence)?,
        // A program that is not what it lowers to here would be another task.
        None if view.game.turn == Turn::Challenger && view.game.program != tracer.program_root() => {
            return Err(PlayError::View(
                "the job names another lowered program than the task's lowers to here",
            ));
        }
        None => challenger::next(view, tracer.program(), evidence)?,
    };
    let words = match &next {
        Next::Move(play) => explain(view, tracer.lowering(), play),
        Next::Wait | Next::Concede => String::new(),
    };
    Ok(Thought { next, words })
}
