//! What a person sees on stderr while a run goes on: one progress bar, and lines for what matters.

use corex_node::report::{NetworkReport, Report, Reporter, StepReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Without a terminal, a line is printed this often at most.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Renders [`Report`]s.
pub struct Ui {
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    network: NetworkReport,
    heldout: Option<f32>,
    last_line: Option<Instant>,
    last_step: Option<StepReport>,
    caught: Vec<corex_work::Address>,
}

impl Ui {
    /// A view and the function that feeds it. `token` is the symbol and the number of decimals of the token.
    pub fn new() -> (Arc<Ui>, Reporter) {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("a constant template"));
        let ui = Arc::new(Ui { bar, state: Mutex::default() });
        let view = ui.clone();
        (ui, Arc::new(move |report| view.show(report)))
    }

    /// Prints a line above the bar.
    pub fn line(&self, text: &str) {
        if self.bar.is_hidden() { eprintln!("{text}") } else { self.bar.println(text) }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, report: Report) {
        // A poisoned lock means that another reporter panicked; the view is still the best we have.
        let mut state = self.state.lock().unwrap_or_else(|e| e.into_inner());
        match report {
            Report::Stage(text) => {
                self.line(&text);
                self.bar.set_message(text);
                self.bar.enable_steady_tick(Duration::from_millis(200));
            }
            Report::Step(step) => {
                if state.last_step.is_none() {
                    let style = "{bar:24} step {pos}/{len}  {msg}  [{elapsed} < {eta}]";
                    self.bar.set_style(ProgressStyle::with_template(style).expect("a constant template"));
                    self.bar.set_length(step.steps);
                }
                state.last_step = Some(step);
                self.bar.set_position(step.step);
                self.bar.set_message(summary(&step, &state));
                let due =
                    state.last_line.is_none_or(|t| t.elapsed() >= LINE_EVERY) || step.step == step.steps;
                if self.bar.is_hidden() && due {
                    eprintln!("step {}/{}  {}", step.step, step.steps, summary(&step, &state));
                    state.last_line = Some(Instant::now());
                }
            }
            Report::Heldout { step, loss } => {
                state.heldout = Some(loss);
                self.line(&format!("held-out loss after {step} steps: {loss:.4}"));
            }
            Report::Network(network) => {
                for node in &network.nodes {
                    let before = state.network.nodes.iter().find(|n| n.address == node.address);
                    match before {
                        None => {
                            let role = if node.verifier { "verifier" } else { "provider" };
                            self.line(&format!("{role} {} joined ({})", node.name, node.address));
                        }
                        Some(b) if b.online && !node.online => self.line(&format!("{} is gone", node.name)),
                        Some(b) if !b.online && node.online => self.line(&format!("{} is back", node.name)),
                        Some(_) => {}
                    }
                }
                state.network = network;
            }
            Report::Disputed { dispute, challenger, accused, task } => {
                let name = |node: corex_work::Address| {
                    let known = state.network.nodes.iter().find(|n| n.address == node);
                    known.map_or_else(|| node.short(), |n| n.name.clone())
                };
                let (challenger, accused) = (name(challenger), name(accused));
                let task = task.short();
                self.line(&format!(
                    "dispute {dispute}: {challenger} challenges {accused}'s result of task {task}…"
                ));
            }
            // One line per cheater: each of its lies is in the lineage.
            Report::Convicted { node, .. } if state.caught.contains(&node) => {}
            Report::Convicted { node, task, slashed } => {
                state.caught.push(node);
                let name =
                    state.network.nodes.iter().find(|n| n.address == node).map_or("?", |n| n.name.as_str());
                self.line(&format!(
                    "CAUGHT: {name} ({node}) lied about task {}…; {} of its stake slashed, its work is redone",
                    task.short(),
                    crate::money::show(slashed)
                ));
            }
            Report::Warning(text) => self.line(&format!("warning: {text}")),
        }
    }
}

/// Loss, speed, share and trust of each provider, audits, money: one line.
fn summary(step: &StepReport, state: &State) -> String {
    let n = &state.network;
    let total: u64 = n.nodes.iter().map(|n| n.units).sum();
    let nodes: Vec<String> = n
        .nodes
        .iter()
        .filter(|n| !n.verifier)
        .map(|n| {
            let share = if total == 0 { 0.0 } else { 100.0 * n.units as f64 / total as f64 };
            let mark = if n.banned {
                " banned"
            } else if n.online {
                ""
            } else {
                " gone"
            };
            format!("{} {share:.0}% trust {:.2}{mark}", n.name, n.trust)
        })
        .collect();
    let heldout = state.heldout.map_or(String::new(), |l| format!(" (held out {l:.3})"));
    format!(
        "loss {:.3}{heldout}  {:.0} {}/s  [{}]  audits {}/{} failed  paid {}",
        step.loss,
        step.tokens_per_s,
        step.unit,
        nodes.join(", "),
        n.audits,
        n.audits_failed,
        crate::money::show(n.paid)
    )
}
