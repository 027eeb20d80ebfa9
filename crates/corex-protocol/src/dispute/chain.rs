//! The challenger, once an element is contested: finds the first transition that differs, and has it executed.

use corex_engine::referee;
use corex_engine::trace::Digest;

use super::PlayError;
use super::challenger::{Operator, Player};
use super::evidence::{Evidence, Tensors, execute};
use super::moves::{Answer, Move, Next};
use super::show;
use super::types::{Chain, Shown, pack, part_start, parts_of};

/// The next move in what is contested; nothing if nothing is, or if it is not where the accused's story breaks.
pub(super) fn next(
    player: &Player<'_>,
    operator: &Operator<'_>,
    tensors: &Tensors,
    evidence: &mut dyn Evidence,
) -> Result<Option<Next>, PlayError> {
    let chain = player.view.game.chain;
    let transitions = chain.steps.saturating_add(2);
    if chain.count == 0 || chain.first.checked_add(chain.count).is_none_or(|end| end > transitions) {
        return Ok(None);
    }
    if chain.steps != referee::chain_length(operator.op, chain.element)? {
        return Err(PlayError::View("a chain is contested that is longer or shorter than the element's"));
    }
    let mut states = |at: &[u64]| evidence.states(&operator.path, chain.element, at);
    let before = match chain.first {
        // Nothing stands before the chain begins, and operators without accumulators have nothing in between.
        first if first == 0 || chain.accumulators == 0 => Vec::new(),
        first => states(&[first])?.pop().unwrap_or_default(),
    };
    let end = chain.first + chain.count;
    let afterwards = match end == transitions {
        true => tensors.result(chain.result, chain.element).into_iter().collect(),
        false => states(&[end])?.pop().unwrap_or_default(),
    };
    let hash = |words: &[u64]| Digest::keccak(&[&pack(words)]);
    if hash(&before) != chain.before || hash(&afterwards) == chain.afterwards {
        return Ok(None);
    }
    if chain.count == 1 {
        return prove(player, operator, tensors, &chain, &before).map(Some);
    }
    let Some(Answer::States(claimed)) = player.view.answer(&player.view.game.states_question()) else {
        return Err(PlayError::View("accumulators were asked for and are not in its history"));
    };
    let parts = parts_of(chain.count, chain.accumulators);
    let boundaries: Vec<u64> =
        (1..parts).map(|part| chain.first + part_start(chain.count, part, parts)).collect();
    let width = 8 * chain.accumulators as usize;
    let own = states(&boundaries)?;
    let differs =
        own.iter().zip(claimed.chunks(width.max(1))).position(|(own, claimed)| pack(own) != claimed);
    // If none does, it is the part behind the last boundary whose end differs.
    let part = differs.map_or(parts - 1, |part| part as u64);
    Ok(Some(Next::Move(Move::Narrow { part, states: claimed.clone() })))
}

/// Shows everything that the one transition reads.
fn prove(
    player: &Player<'_>,
    operator: &Operator<'_>,
    tensors: &Tensors,
    chain: &Chain,
    before: &[u64],
) -> Result<Next, PlayError> {
    let mut reads: Vec<(u32, u64)> = Vec::new();
    let mut fetch = |operand, element| {
        reads.push((operand, element));
        tensors.operand(operand, element)
    };
    execute(operator.op, chain.element, (chain.first, chain.steps), before, &mut fetch)?;
    let mut operands: Vec<u32> = reads.iter().map(|&(operand, _)| operand).collect();
    operands.sort_unstable();
    operands.dedup();
    let shown = operands.into_iter().map(|operand| {
        let tensor =
            tensors.operands.get(operand as usize).ok_or(PlayError::Evidence("an operand is missing"))?;
        let elements = reads.iter().filter(|(of, _)| *of == operand).map(|&(_, element)| element);
        let source = player.operand(operator, operand as usize)?;
        Ok(Shown { operand, source, chunks: show::chunks(tensor, elements)? })
    });
    let shown = shown.collect::<Result<_, PlayError>>()?;
    Ok(Next::Move(Move::Prove { op: operator.opened.op.clone(), before: pack(before), shown }))
}
