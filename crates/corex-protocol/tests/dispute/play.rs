//! Plays games to their end.

use std::rc::Rc;

use corex_engine::trace::Digest;
use corex_engine::trace::Tracer;
use corex_engine::{Options, Tensor};
use corex_hlo::ir::Module;
use corex_hlo::lower::Lowered;
use corex_protocol::dispute::*;
use corex_work::{Address, BlobId, Leaf, Task, outputs_hash};

use super::contract::{CLOCK, Contract, Ruling};
use super::story::{Lie, Memo, Story};

/// A task with a program, and what is known of it.
pub struct Scene {
    pub name: String,
    pub tracer: Tracer,
    pub inputs: Vec<Tensor>,
    pub memo: Memo,
}

/// How a game went.
#[derive(Clone, Debug)]
pub struct Played {
    pub ruling: Ruling,
    /// Moves of the challenger that did not end the game, and those of them that had to be answered.
    pub asked: u32,
    pub answered: u32,
    /// Whether a clock ran out.
    pub timeout: bool,
    /// Everything that was done or tried.
    pub moves: Vec<Done>,
}

/// A transaction.
#[derive(Clone, PartialEq, Debug)]
pub struct Done {
    pub by: Turn,
    pub play: Move,
    pub reverts: bool,
    /// Whose turn it is afterwards.
    pub turn: Turn,
    /// What it is in words.
    pub says: String,
}

pub const JOB: [u8; 32] = [7; 32];
pub const ROUND: u64 = 3;
pub const ACCUSED: Address = Address([0xac; 20]);
pub const CHALLENGER: Address = Address([0xc4; 20]);

impl Scene {
    pub fn new(name: &str, module: &Module, inputs: Vec<Tensor>) -> Self {
        let tracer =
            Tracer::new(module, "main", &Options::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        Self { name: name.to_owned(), tracer, inputs, memo: Memo::default() }
    }

    pub fn text(name: &str, text: &str, inputs: Vec<Tensor>) -> Self {
        let module = corex_hlo::parse(text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
        Self::new(name, &module, inputs)
    }

    pub fn program(&self) -> &Lowered {
        self.tracer.program()
    }

    pub fn story(&self, lie: &Lie) -> Story {
        Story::new(self.program(), &self.inputs, lie, &self.memo)
    }

    pub fn replay(&self) -> Replay<'_> {
        Replay::new(&self.tracer, self.inputs.clone())
    }

    pub fn terms(&self) -> Terms {
        Terms { program: Digest([5; 32]), func: "main".into(), proof: Vec::new() }
    }

    /// The leaf that says that the task has these outputs.
    pub fn leaf(&self, outputs: &[Tensor]) -> Leaf {
        let ids = |tensors: &[Tensor]| {
            tensors.iter().map(|x| BlobId(Digest::of_blob(x.bytes()).0)).collect::<Vec<_>>()
        };
        let task = Task { program: BlobId([5; 32]), func: "main".into(), inputs: ids(&self.inputs) };
        Leaf { task: task.id(), outputs_hash: outputs_hash(&ids(outputs)), node: ACCUSED, units: 1 }
    }

    /// A game about these outputs between two that each have evidence, made anew for every move if `crash`.
    pub fn play<'e>(
        &self,
        outputs: &[Tensor],
        accused: &mut dyn FnMut() -> Box<dyn Evidence + 'e>,
        challenger: &mut dyn FnMut() -> Box<dyn Evidence + 'e>,
        crash: bool,
    ) -> Played {
        let mut contract = Contract::new(self.program());
        let dispute = contract.open(JOB, ROUND, &self.leaf(outputs), CHALLENGER);
        self.finish(&mut contract, dispute, accused, challenger, crash)
    }

    pub fn finish<'e>(
        &self,
        contract: &mut Contract,
        dispute: usize,
        accused: &mut dyn FnMut() -> Box<dyn Evidence + 'e>,
        challenger: &mut dyn FnMut() -> Box<dyn Evidence + 'e>,
        crash: bool,
    ) -> Played {
        let (mut of_accused, mut of_challenger) = (accused(), challenger());
        let (mut moves, mut answered, mut timeout) = (Vec::new(), 0, false);
        let task = self.terms();
        while contract.games[dispute].turn != Turn::Over {
            assert!(moves.len() < 400, "{}: the game does not end", self.name);
            contract.now += 1;
            let view = contract.view(dispute);
            let by = view.game.turn;
            if crash {
                (of_accused, of_challenger) = (accused(), challenger());
            }
            let next = match by {
                Turn::Accused => accused::next(&view, &task, self.program(), &mut *of_accused),
                _ => challenger::next(&view, self.program(), &mut *of_challenger),
            };
            let stuck = match next {
                Ok(Next::Move(play)) => {
                    let says = explain(&view, self.tracer.lowering(), &play);
                    if contract.games.len() == 1 {
                        // Whoever has only the events tells the same.
                        let mut told = GameView::default();
                        contract.events.iter().for_each(|(_, _, event)| told.see(event.clone()));
                        assert_eq!(explain(&told, self.tracer.lowering(), &play), says, "{}", self.name);
                    }
                    let result = contract.call(by, dispute, &play);
                    answered += u32::from(by == Turn::Accused && result.is_ok());
                    let turn = contract.games[dispute].turn;
                    moves.push(Done { by, play, reverts: result.is_err(), turn, says });
                    result.err()
                }
                Ok(other) => Some(format!("{other:?}")),
                Err(error) => Some(error.to_string()),
            };
            // A liar may be stuck; whoever is honest never is, which the ruling shows.
            if let Some(why) = stuck {
                contract.now += CLOCK + 1;
                timeout = true;
                let view = contract.view(dispute);
                let (by, next) = match by {
                    Turn::Accused => {
                        (Turn::Challenger, challenger::next(&view, self.program(), &mut *of_challenger))
                    }
                    _ => (Turn::Accused, accused::next(&view, &task, self.program(), &mut *of_accused)),
                };
                let play = Move::Timeout;
                assert_eq!(next.unwrap(), Next::Move(play.clone()), "{}: {why}", self.name);
                let says = explain(&view, self.tracer.lowering(), &play);
                contract.call(by, dispute, &play).unwrap();
                moves.push(Done { by, play, reverts: false, turn: Turn::Over, says });
            }
        }
        let ruling = contract.rulings[dispute].unwrap();
        Played { ruling, asked: contract.games[dispute].moves, answered, timeout, moves }
    }

    /// The accused lies, the challenger is honest.
    pub fn caught(&self, lie: &Lie, breaks_at: Option<u64>, crash: bool) -> Played {
        let outputs = self.story(lie).outputs;
        let mut accused = || {
            let mut story = self.story(lie);
            story.breaks_at = breaks_at;
            Box::new(story) as Box<dyn Evidence>
        };
        let mut challenger = || Box::new(self.replay()) as Box<dyn Evidence>;
        let played = self.play(&outputs, &mut accused, &mut challenger, crash);
        assert_eq!(played.ruling, Ruling::Guilty, "{}: {lie:?} {:#?}", self.name, played.moves.last());
        played
    }

    /// The accused is honest, the challenger believes a lie.
    pub fn acquitted(&self, lie: &Lie) -> Played {
        let outputs = self.story(&Lie::None).outputs;
        let mut accused = || Box::new(self.replay()) as Box<dyn Evidence>;
        let mut challenger = || Box::new(self.story(lie)) as Box<dyn Evidence>;
        let played = self.play(&outputs, &mut accused, &mut challenger, false);
        assert_eq!(played.ruling, Ruling::Innocent, "{}: {lie:?}", self.name);
        // The honest one answered everything: only the other one's time ran out.
        let last = played.moves.last().unwrap();
        assert!(last.by == Turn::Accused && last.play == Move::Timeout);
        assert!(played.moves.iter().all(|done| done.by == Turn::Challenger || !done.reverts));
        played
    }
}

/// Keeps what was evaluated between calls, and counts.
pub struct Shared<'e>(pub Rc<std::cell::RefCell<Replay<'e>>>);

impl Evidence for Shared<'_> {
    fn record(&mut self) -> Result<Rc<corex_engine::trace::Record>, corex_engine::EngineError> {
        self.0.borrow_mut().record()
    }

    fn tensors(
        &mut self,
        path: &corex_engine::trace::Path,
    ) -> Result<Rc<Tensors>, corex_engine::EngineError> {
        self.0.borrow_mut().tensors(path)
    }
}
