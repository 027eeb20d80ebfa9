//! A network on which exact work is disputed, and games between the players on its contracts.
#![allow(dead_code)] // Tests and the benchmark use their parts.

use std::rc::Rc;

use corex_chain::{
    Accounts, ChainError, Contracts, JobTerms, Mined, NodeProfile, PROVIDER, Profile, ProvenLeaf, Ruling,
    Scope, Tokens, VERIFIER, WorkKind,
};
use corex_engine::trace::{Digest, Path, Record, Tracer};
use corex_engine::{EngineError, Options, Tensor};
use corex_hlo::ir::Module;
use corex_hlo::lower::Lowered;
use corex_protocol::dispute::*;
use corex_work::{BlobId, Hash32, JobId, Leaf, MerkleTree, Receipt, SignedReceipt, Task, TaskId, payouts};

use super::common::{Backend, GAS, key};
use super::story::{Lie, Memo, Story};

const TREASURY: u8 = 1;
pub const ACCUSED: u8 = 2;
pub const CHALLENGERS: [u8; 3] = [4, 5, 6];

/// A task with a program, and what is known of it.
pub struct Scene {
    pub name: String,
    pub tracer: Tracer,
    pub inputs: Vec<Tensor>,
    memo: Memo,
}

impl Scene {
    pub fn new(name: &str, module: &Module, inputs: Vec<Tensor>) -> Self {
        let options = Options { memory_limit: 16 << 30, ..Options::default() };
        let tracer = Tracer::new(module, "main", &options).unwrap_or_else(|e| panic!("{name}: {e}"));
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

    /// What stands for the program's blob.
    fn id(&self) -> Digest {
        Digest::keccak(&[self.name.as_bytes()])
    }

    /// Its leaf among a job's programs (`Work.programLeaf`).
    fn leaf(&self) -> Hash32 {
        let words = [self.id(), Digest::keccak(&[b"main"]), self.tracer.program_root()];
        let inner = Digest::keccak(&words.each_ref().map(|word| &word.0[..]));
        Hash32(Digest::keccak(&[&inner.0]).0)
    }

    fn task(&self) -> TaskId {
        let inputs = self.inputs.iter().map(|x| BlobId(Digest::of_blob(x.bytes()).0)).collect();
        Task { program: BlobId(self.id().0), func: "main".into(), inputs }.id()
    }
}

/// A network with an accused and three challengers, and a job of all scenes' programs.
pub struct Court {
    pub backend: Backend,
    pub treasury: Contracts,
    pub job: JobId,
    programs: MerkleTree,
    leaves: Vec<Hash32>,
    opened_gas: std::cell::Cell<u64>,
}

/// How a game went.
pub struct Played {
    pub ruling: Ruling,
    /// Moves of the challenger that did not end the game.
    pub asked: u32,
    /// Moves of the accused.
    pub answered: u32,
    /// Whether a clock ran out.
    pub timeout: bool,
    pub moves: Vec<Done>,
}

/// A transaction of a game.
pub struct Done {
    pub by: Turn,
    pub play: Move,
    pub mined: Mined,
    /// What it is in words.
    pub says: String,
}

/// Makes a player's evidence, as often as it is started.
pub type Knows<'e> = dyn FnMut() -> Box<dyn Evidence + 'e> + 'e;

/// Both sides of a game.
pub struct Sides<'s, 'e> {
    pub accused: &'s mut Knows<'e>,
    pub challenger: &'s mut Knows<'e>,
    /// The challenger's key.
    pub by: u8,
    /// Both are started anew before every move, with a connection of their own.
    pub crash: bool,
    /// This side makes so many moves and no more.
    pub silent: Option<(Turn, usize)>,
    /// The chain takes three moves back after these, once.
    pub reorganised: Option<usize>,
}

impl Court {
    pub async fn open(scenes: &[&Scene]) -> Self {
        Self::open_on(Backend::embedded(&[key(TREASURY).address()]).await, scenes).await
    }

    /// On `anvil`, where there is one.
    pub async fn open_on_anvil(scenes: &[&Scene]) -> Option<Self> {
        let backend = Backend::anvil(&[key(TREASURY).address()]).await?;
        Some(Self::open_on(backend, scenes).await)
    }

    async fn open_on(backend: Backend, scenes: &[&Scene]) -> Self {
        let chain = backend.connect(TREASURY).await;
        let profile = Profile::builtin("cx", Scope::Local).unwrap();
        let owner = chain.address();
        let treasury =
            Contracts::deploy(chain, profile.clone(), Accounts::all(owner, &profile)).await.unwrap();
        let leaves: Vec<Hash32> = scenes.iter().map(|scene| scene.leaf()).collect();
        let programs = MerkleTree::new(leaves.clone());
        let terms = JobTerms {
            spec: BlobId([9; 32]),
            coordinator: owner,
            price_per_unit: "0.001".parse().unwrap(),
            deadline: backend.now().await + 365 * 86_400,
            kind: WorkKind::Training,
            programs: programs.root(),
            referrer: None,
            insured: false,
        };
        let (job, _) = treasury.open_job(terms, Tokens::whole(10_000)).await.unwrap();
        assert_eq!(treasury.job(job).await.unwrap().unwrap().programs, programs.root());
        let court = Self { backend, treasury, job, programs, leaves, opened_gas: Default::default() };
        for (n, roles) in [(ACCUSED, PROVIDER)].into_iter().chain(CHALLENGERS.map(|n| (n, VERIFIER))) {
            let node = court.connect(n).await;
            let address = node.chain().address();
            court.treasury.chain().send_gas(address, GAS / 100).await.unwrap();
            let claims = NodeProfile {
                endpoint: Hash32([n; 32]),
                hardware: Hash32([0xaa; 32]),
                capability: 1_000,
                roles,
            };
            node.register(address, claims).await.unwrap();
        }
        court
    }

    /// The network as an account, with a connection of its own.
    pub async fn connect(&self, n: u8) -> Contracts {
        self.treasury.with_chain(self.backend.connect(n).await)
    }

    /// Games about a result of this scene, one for each challenger. Who lost stake before gets new.
    pub async fn disputes(&self, scene: &Scene, outputs: &[Digest], challengers: &[u8]) -> Vec<u64> {
        for n in [ACCUSED].iter().chain(challengers) {
            let address = key(*n).address();
            self.treasury.stake_up_to(address, Tokens::whole(5_000)).await.unwrap();
        }
        let receipt = |task: TaskId, outputs: &[Digest]| {
            let outputs = outputs.iter().map(|id| BlobId(id.0)).collect();
            let node = key(ACCUSED).address();
            let receipt = Receipt { job: self.job, task, outputs, node, units: 1 };
            receipt.sign(&key(ACCUSED), &self.treasury.domain())
        };
        let round = self.treasury.round_count(self.job).await.unwrap();
        let other = TaskId(Digest::keccak(&[&round.to_be_bytes()]).0);
        let signed: [SignedReceipt; 2] = [receipt(scene.task(), outputs), receipt(other, &[])];
        let leaves: Vec<Leaf> = signed.iter().map(|signed| Leaf::from(&signed.receipt)).collect();
        let tree = MerkleTree::new(leaves.iter().map(Leaf::hash).collect());
        let paid = payouts(leaves.iter().map(|leaf| (leaf.node, leaf.units))).unwrap();
        self.treasury.commit_round(self.job, round, tree.root(), 2, &paid).await.unwrap();
        self.treasury.draw_beacon(self.job, round).await.unwrap();
        let proven = ProvenLeaf { round, leaf: leaves[0], proof: tree.proof(0).unwrap() };
        let mut disputes = Vec::new();
        for n in challengers {
            let node = self.connect(*n).await;
            let (dispute, mined) = node.challenge(self.job, &proven, &signed[0].signature).await.unwrap();
            self.opened_gas.set(mined.gas_used);
            disputes.push(dispute);
        }
        disputes
    }

    /// Gas of the transaction that opened the last dispute.
    pub fn opened_gas(&self) -> u64 {
        self.opened_gas.get()
    }

    /// What an accused knows of its task.
    pub fn terms(&self, scene: &Scene) -> Terms {
        let at = self.leaves.iter().position(|leaf| *leaf == scene.leaf()).unwrap();
        let proof = self.programs.proof(at).unwrap().iter().map(|hash| Digest(hash.0)).collect();
        Terms { program: scene.id(), func: "main".into(), proof }
    }

    /// Plays a game to its end. Whoever has no move, or one that is not accepted, runs out of time.
    pub async fn play(&self, dispute: u64, scene: &Scene, sides: &mut Sides<'_, '_>) -> Played {
        let clock = self.treasury.book().profile.game.clock_seconds;
        let (mut accused, mut challenger) = ((sides.accused)(), (sides.challenger)());
        let (mut at_accused, mut at_challenger) = (self.connect(ACCUSED).await, self.connect(sides.by).await);
        let terms = self.terms(scene);
        let (mut moves, mut timeout) = (Vec::<Done>::new(), false);
        let (mut before, mut given_up) = (None, 0);
        loop {
            if let Some(at) = sides.reorganised {
                if moves.len() == at && before.is_none() {
                    before = Some(self.backend.snapshot().await);
                }
                if moves.len() == at + 3 {
                    self.backend.reorganise(before.take().expect("taken three moves ago")).await;
                    moves.truncate(at);
                    sides.reorganised = None;
                }
            }
            assert!(moves.len() < 400, "{}: the game does not end", scene.name);
            if sides.crash {
                (accused, challenger) = ((sides.accused)(), (sides.challenger)());
                (at_accused, at_challenger) = (self.connect(ACCUSED).await, self.connect(sides.by).await);
            }
            let view = at_challenger.game_view(dispute).await.unwrap().unwrap();
            let by = view.game.turn;
            let next = match by {
                Turn::Over => break,
                Turn::Accused => accused::next(&view, &terms, scene.program(), &mut *accused),
                Turn::Challenger => challenger::next(&view, scene.program(), &mut *challenger),
            };
            let made = moves.iter().filter(|done| done.by == by).count();
            let at = if by == Turn::Accused { &at_accused } else { &at_challenger };
            let done = match next {
                _ if sides.silent == Some((by, made)) => Err("is silent".to_owned()),
                Ok(Next::Move(play)) => {
                    let says = explain(&view, scene.tracer.lowering(), &play);
                    match at.play(dispute, &play).await {
                        Ok(mined) => Ok(Done { by, play, mined, says }),
                        Err(error @ ChainError::Reverted { .. }) => Err(error.to_string()),
                        // Its account's transactions before this one were taken back. A node looks again, too.
                        Err(ChainError::Replaced { .. }) if given_up < 2 => {
                            given_up += 1;
                            continue;
                        }
                        Err(error) => panic!("{}: {error}", scene.name),
                    }
                }
                Ok(other) => Err(format!("{other:?}")),
                Err(error) => Err(error.to_string()),
            };
            let why = match done {
                Ok(done) => {
                    moves.push(done);
                    continue;
                }
                Err(why) => why,
            };
            // A liar may be stuck; whoever is honest never is, which the ruling shows.
            timeout = true;
            let early = at.play(dispute, &Move::Timeout).await.unwrap_err();
            assert!(early.is_revert("TimeIsNotUp"), "{early}");
            self.backend.advance(clock + 1).await;
            let view = at.game_view(dispute).await.unwrap().unwrap();
            let (by, at, next) = match by {
                Turn::Accused => {
                    let next = challenger::next(&view, scene.program(), &mut *challenger);
                    (Turn::Challenger, &at_challenger, next)
                }
                _ => {
                    let next = accused::next(&view, &terms, scene.program(), &mut *accused);
                    (Turn::Accused, &at_accused, next)
                }
            };
            let play = Move::Timeout;
            assert_eq!(next.unwrap(), Next::Move(play.clone()), "{}: {why}", scene.name);
            let says = explain(&view, scene.tracer.lowering(), &play);
            let mined = at.play(dispute, &play).await.unwrap();
            moves.push(Done { by, play, mined, says: format!("{says} ({why})") });
        }
        let info = self.treasury.dispute(dispute).await.unwrap().unwrap();
        let game = self.treasury.game_view(dispute).await.unwrap().unwrap().game;
        let answered = moves.iter().filter(|done| done.by == Turn::Accused).count() as u32;
        Played { ruling: info.ruling.unwrap(), asked: game.moves, answered, timeout, moves }
    }
}

/// Evidence that is kept while its player is started anew.
pub struct Shared<'e>(pub Rc<std::cell::RefCell<Replay<'e>>>);

impl Evidence for Shared<'_> {
    fn record(&mut self) -> Result<Rc<Record>, EngineError> {
        self.0.borrow_mut().record()
    }

    fn tensors(&mut self, path: &Path) -> Result<Rc<Tensors>, EngineError> {
        self.0.borrow_mut().tensors(path)
    }
}
