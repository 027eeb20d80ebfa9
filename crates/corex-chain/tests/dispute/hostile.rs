//! Calls that no client of ours would make.

use alloy::consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy::eips::eip2718::Encodable2718;
use alloy::primitives::{Address, Bytes, Signature, U256};
use corex_chain::{BASE_FEE, Contracts, Ruling};
use corex_engine::trace::Digest;
use corex_protocol::dispute::*;
use corex_work::Hash32;
use serde_json::json;

use super::common::{key, rpc};
use super::court::{ACCUSED, CHALLENGERS, Court, Scene};
use super::story::Lie;
use super::{other_lies, programs};

/// Sends these bytes to the game; whether it accepts them.
async fn send(node: &Contracts, from: u8, data: Vec<u8>) -> bool {
    let tx = TxEip1559 {
        chain_id: node.chain().chain_id(),
        nonce: node.chain().account_nonce(key(from).address()).await.unwrap(),
        gas_limit: 3_000_000,
        max_fee_per_gas: u128::from(2 * BASE_FEE),
        max_priority_fee_per_gas: 1,
        to: Address::from(node.book().contracts.game.0).into(),
        value: U256::ZERO,
        input: data.into(),
        access_list: Default::default(),
    };
    let signature = key(from).sign(&Hash32(tx.signature_hash().0));
    let signed = tx.into_signed(Signature::from_bytes_and_parity(&signature.0[..64], signature.0[64] == 28));
    let hash = *signed.hash();
    let raw: Bytes = TxEnvelope::from(signed).encoded_2718().into();
    rpc(node.chain().url(), "eth_sendRawTransaction", json!([raw])).await;
    loop {
        let receipt = rpc(node.chain().url(), "eth_getTransactionReceipt", json!([hash])).await;
        if let Some(status) = receipt["status"].as_str() {
            return status == "0x1";
        }
        tokio::task::yield_now().await;
    }
}

fn word(value: u64) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

fn selector(signature: &str) -> Vec<u8> {
    Digest::keccak(&[signature.as_bytes()]).0[..4].to_vec()
}

/// `answerFrame` with its lists before the place that they are offsets from.
fn backwards(dispute: u64, q: &Question, inner: &Inner) -> Vec<u8> {
    let mut data = vec![word(dispute), word(q.topic as u64), word(q.level.into())];
    data.extend([word(q.number), word(q.count), word(q.shape), q.root.0, q.detail.0, word(0)]);
    let mut starts = Vec::new();
    for list in [&inner.parameters, &inner.results, &inner.siblings] {
        starts.push(32 * data.len() as u64);
        data.push(word(list.len() as u64));
        data.extend(list.iter().map(|digest| digest.0));
    }
    let base = 32 * data.len() as u64;
    data[8] = word(base);
    let back = |start: u64| U256::from(start).wrapping_sub(U256::from(base)).to_be_bytes();
    data.extend([back(starts[0]), back(starts[1]), inner.operators.0, back(starts[2])]);
    let mut call = selector(
        "answerFrame(uint256,(uint8,uint8,uint64,uint64,uint64,bytes32,bytes32),(bytes32[],bytes32[],bytes32,bytes32[]))",
    );
    call.extend(data.concat());
    call
}

/// The contract's compiler reads offsets as signed numbers, which other readers of the ABI do not. What it accepts must be
/// understood, or the liar would win by the clock.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_encoded_backwards_are_understood() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let court = Court::open(&[&scene]).await;
    let is_parameter = |lie: &Lie| matches!(lie, Lie::Parameter { frames, .. } if frames.len() == 2);
    let lie = other_lies(&scene).into_iter().find(is_parameter).unwrap();
    let mut story = scene.story(&lie);
    let told = story.record().unwrap().results.clone();
    let dispute = court.disputes(&scene, &told, &CHALLENGERS[..1]).await[0];
    let (liar, honest) = (court.connect(ACCUSED).await, court.connect(CHALLENGERS[0]).await);
    let (mut replay, terms) = (scene.replay(), court.terms(&scene));
    let mut backward = 0;
    loop {
        let view = honest.game_view(dispute).await.unwrap().unwrap();
        let next = match view.game.turn {
            Turn::Over => break,
            Turn::Accused => accused::next(&view, &terms, scene.program(), &mut story),
            Turn::Challenger => challenger::next(&view, scene.program(), &mut replay),
        };
        let Next::Move(play) = next.unwrap() else { panic!("nobody is stuck") };
        match &play {
            Move::Answer(question, Answer::Frame(inner)) => {
                backward += 1;
                assert!(send(&liar, ACCUSED, backwards(dispute, question, inner)).await, "accepted");
                let read = court.treasury.moves(dispute).await.unwrap().pop().unwrap();
                assert_eq!(read.play, Some(play));
            }
            _ if view.game.turn == Turn::Accused => _ = liar.play(dispute, &play).await.unwrap(),
            _ => _ = honest.play(dispute, &play).await.unwrap(),
        }
    }
    assert!(backward > 1);
    let info = court.treasury.dispute(dispute).await.unwrap().unwrap();
    assert_eq!(info.ruling, Some(Ruling::Guilty));
}

/// Garbage reverts, and leaves no trace in a game's record.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused() {
    let scene = Scene::text("loops", programs::LOOPS, vec![programs::f32s(&[5], 4), programs::f32s(&[5], 5)]);
    let court = Court::open(&[&scene]).await;
    let told = scene.replay().record().unwrap().results.clone();
    let dispute = court.disputes(&scene, &told, &CHALLENGERS[..1]).await[0];
    let before = court.treasury.game_view(dispute).await.unwrap().unwrap().game;
    let liar = court.connect(ACCUSED).await;
    let ask = selector("askOperators(uint256,uint8,uint64)");
    let claim = selector(
        "claim(uint256,(bytes32,string,bytes32[],bytes32[],bytes32,bytes32[],(uint64,bytes32[],bytes,uint64,bytes32),bytes32))",
    );
    let rest = [&word(dispute)[..], &[0xff; 64]].concat();
    for data in [vec![], vec![1, 2, 3], claim.clone(), [claim, rest.clone()].concat(), [ask, rest].concat()] {
        assert!(!send(&liar, ACCUSED, data).await);
    }
    assert!(court.treasury.moves(dispute).await.unwrap().is_empty());
    assert_eq!(court.treasury.game_view(dispute).await.unwrap().unwrap().game, before);
}
