//! The golden files of `vectors/work`, which the Solidity tests read too.
//!
//! Each file is compared whole with what this crate computes. `COREX_BLESS=1 cargo test -p corex-work` rewrites
//! them; a diff in review then shows what changed. The format is described in `vectors/README.md`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use corex_work::{
    Address, BlobId, CHUNK, ChunkProof, Domain, Hash32, JobId, JobPrograms, Leaf, LoweredProgram, Mandate,
    MerkleTree, OperatorKey, Receipt, Task, TaskId, Verdict, beacon, keccak256, outputs_hash, payouts,
    payouts_hash, verify_proof,
};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/work")
}

/// The files and what they must hold.
fn files() -> Vec<(&'static str, Value)> {
    vec![
        ("task.json", tasks()),
        ("receipt.json", receipts()),
        ("verdict.json", verdicts()),
        ("mandate.json", mandates()),
        ("round.json", rounds()),
        ("beacon.json", beacons()),
        ("chunk.json", chunks()),
        ("programs.json", programs()),
    ]
}

#[test]
fn golden_files_hold_what_this_crate_computes() {
    for (name, expected) in files() {
        let path = folder().join(name);
        let text = serde_json::to_string_pretty(&expected).unwrap() + "\n";
        if std::env::var_os("COREX_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let found =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(found == text, "{name} differs; if the change is meant, run with COREX_BLESS=1");
    }
}

#[test]
fn every_file_of_the_folder_is_read() {
    let read: BTreeSet<String> = files().into_iter().map(|(name, _)| name.to_string()).collect();
    let present: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(read, present);
}

/// 32 bytes that differ from case to case.
fn word(label: &str, n: u64) -> [u8; 32] {
    keccak256(format!("corex vector {label} {n}").as_bytes())
}

fn blob(n: u64) -> BlobId {
    BlobId(word("blob", n))
}

fn key(n: u64) -> OperatorKey {
    OperatorKey::from_bytes(word("key", n)).unwrap()
}

fn domains() -> [Domain; 2] {
    [
        Domain { chain_id: 31337, settlement: Address([0x11; 20]) },
        Domain { chain_id: 42161, settlement: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed".parse().unwrap() },
    ]
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn blobs(ids: &[BlobId]) -> Vec<String> {
    ids.iter().map(|id| hex(&id.0)).collect()
}

fn cases(list: Vec<Value>) -> Value {
    json!({ "count": list.len(), "cases": list })
}

fn tasks() -> Value {
    let inputs = [vec![], vec![blob(1)], (0..5).map(blob).collect(), (0..300).map(blob).collect()];
    let funcs = ["main", "", "a function whose name is longer than one 32-byte word", "größe"];
    let list = inputs.into_iter().zip(funcs).zip(0..).map(|((inputs, func), n)| {
        let task = Task { program: BlobId(word("program", n)), func: func.into(), inputs };
        json!({
            "program": hex(&task.program.0),
            "func": task.func,
            "inputs": blobs(&task.inputs),
            "id": hex(&task.id().0),
        })
    });
    let mut value = cases(list.collect());
    value["typeHash"] = hex(&keccak256(Task::TYPE.as_bytes())).into();
    value
}

fn receipts() -> Value {
    let outputs = [vec![], vec![blob(7)], (0..4).map(blob).collect::<Vec<_>>()];
    let units = [0, 1, u64::MAX];
    let mut list = Vec::new();
    for domain in domains() {
        for ((outputs, units), n) in outputs.iter().zip(units).zip(0..) {
            let key = key(n);
            let receipt = Receipt {
                job: JobId(word("job", n)),
                task: TaskId(word("task", n)),
                outputs: outputs.clone(),
                node: key.address(),
                units,
            };
            let signed = receipt.clone().sign(&key, &domain);
            signed.verify(&domain).unwrap();
            list.push(json!({
                "chainId": domain.chain_id.to_string(),
                "settlement": hex(&domain.settlement.0),
                "domainSeparator": hex(&domain.separator().0),
                "job": hex(&receipt.job.0),
                "task": hex(&receipt.task.0),
                "outputs": blobs(&receipt.outputs),
                "outputsHash": hex(&outputs_hash(&receipt.outputs).0),
                "node": hex(&receipt.node.0),
                "units": units.to_string(),
                "structHash": hex(&receipt.struct_hash().0),
                "digest": hex(&receipt.digest(&domain).0),
                "privateKey": hex(&key.to_bytes()),
                "signature": signed.signature.to_string(),
            }));
        }
    }
    let mut value = cases(list);
    value["typeHash"] = hex(&keccak256(Receipt::TYPE.as_bytes())).into();
    value
}

fn verdicts() -> Value {
    let mut list = Vec::new();
    for domain in domains() {
        for (round, n) in [0, 3, u64::MAX].into_iter().zip(0..) {
            let key = key(n + 10);
            let verdict = Verdict {
                job: JobId(word("job", n)),
                round,
                task: TaskId(word("task", n)),
                outputs_hash: outputs_hash(&[blob(n)]),
            };
            let signed = verdict.sign(&key, &domain);
            signed.verify(&domain).unwrap();
            list.push(json!({
                "chainId": domain.chain_id.to_string(),
                "settlement": hex(&domain.settlement.0),
                "job": hex(&verdict.job.0),
                "round": round.to_string(),
                "task": hex(&verdict.task.0),
                "outputsHash": hex(&verdict.outputs_hash.0),
                "digest": hex(&verdict.digest(&domain).0),
                "verifier": hex(&signed.verifier.0),
                "privateKey": hex(&key.to_bytes()),
                "signature": signed.signature.to_string(),
            }));
        }
    }
    let mut value = cases(list);
    value["typeHash"] = hex(&keccak256(Verdict::TYPE.as_bytes())).into();
    value
}

fn mandates() -> Value {
    let mut list = Vec::new();
    for domain in domains() {
        for n in 0..3 {
            let key = key(n + 20);
            let mandate = Mandate { job: JobId(word("job", n)), endpoint: Hash32(word("endpoint", n)) };
            let digest = mandate.digest(&domain);
            let signature = key.sign(&digest);
            signature.verify(&digest, key.address()).unwrap();
            list.push(json!({
                "chainId": domain.chain_id.to_string(),
                "settlement": hex(&domain.settlement.0),
                "job": hex(&mandate.job.0),
                "endpoint": hex(&mandate.endpoint.0),
                "digest": hex(&digest.0),
                "coordinator": hex(&key.address().0),
                "privateKey": hex(&key.to_bytes()),
                "signature": signature.to_string(),
            }));
        }
    }
    let mut value = cases(list);
    value["typeHash"] = hex(&keccak256(Mandate::TYPE.as_bytes())).into();
    value
}

fn rounds() -> Value {
    let list = [1u64, 2, 3, 5, 8, 13].into_iter().map(|count| {
        let mut leaves: Vec<Leaf> = (0..count)
            .map(|n| Leaf {
                task: TaskId(word("task", 100 * count + n)),
                outputs_hash: outputs_hash(&[blob(n)]),
                node: key(n % 3).address(),
                units: 1 + 1000 * n,
            })
            .collect();
        leaves.sort_by_key(|leaf| leaf.task);
        let tree = MerkleTree::new(leaves.iter().map(Leaf::hash).collect());
        let payouts = payouts(leaves.iter().map(|leaf| (leaf.node, leaf.units))).unwrap();
        let proofs: Vec<Vec<String>> = (0..leaves.len())
            .map(|index| {
                let proof = tree.proof(index).unwrap();
                assert!(verify_proof(&proof, tree.root(), leaves[index].hash()));
                proof.iter().map(|hash| hex(&hash.0)).collect()
            })
            .collect();
        json!({
            "leafCount": leaves.len(),
            "tasks": leaves.iter().map(|leaf| hex(&leaf.task.0)).collect::<Vec<_>>(),
            "outputsHashes": leaves.iter().map(|leaf| hex(&leaf.outputs_hash.0)).collect::<Vec<_>>(),
            "nodes": leaves.iter().map(|leaf| hex(&leaf.node.0)).collect::<Vec<_>>(),
            "units": leaves.iter().map(|leaf| leaf.units.to_string()).collect::<Vec<_>>(),
            "leafHashes": leaves.iter().map(|leaf| hex(&leaf.hash().0)).collect::<Vec<_>>(),
            "proofs": proofs,
            "root": hex(&tree.root().0),
            "payoutCount": payouts.len(),
            "payoutNodes": payouts.iter().map(|payout| hex(&payout.node.0)).collect::<Vec<_>>(),
            "payoutTasks": payouts.iter().map(|payout| payout.tasks).collect::<Vec<_>>(),
            "payoutUnits": payouts.iter().map(|payout| payout.units.to_string()).collect::<Vec<_>>(),
            "payoutsHash": hex(&payouts_hash(&payouts).0),
        })
    });
    let mut value = cases(list.collect());
    value["emptyPayoutsHash"] = hex(&payouts_hash(&[]).0).into();
    value
}

fn beacons() -> Value {
    let list = [0u64, 1, u64::MAX].into_iter().zip(0..).map(|(round, n)| {
        let (block, root) = (Hash32(word("block", n)), Hash32(word("root", n)));
        let job = JobId(word("job", n));
        json!({
            "commitBlockHash": hex(&block.0),
            "root": hex(&root.0),
            "job": hex(&job.0),
            "round": round.to_string(),
            "beacon": hex(&beacon(block, root, job, round).0),
        })
    });
    cases(list.collect())
}

fn programs() -> Value {
    let funcs = ["main", "", "a function whose name is longer than one 32-byte word", "größe"];
    let list = [1u64, 2, 3, 4, 7].into_iter().map(|count| {
        let list = (0..count).zip(funcs.iter().cycle()).map(|(n, func)| LoweredProgram {
            program: BlobId(word("program", n)),
            func: (*func).into(),
            lowered: Hash32(word("lowered", n)),
        });
        let programs = JobPrograms::new(list.collect()).unwrap();
        let all = programs.list();
        let proofs: Vec<Vec<String>> = all
            .iter()
            .map(|one| {
                let proof = programs.proof(one.program, &one.func).unwrap();
                assert!(verify_proof(&proof, programs.root(), one.leaf()));
                proof.iter().map(|hash| hex(&hash.0)).collect()
            })
            .collect();
        json!({
            "programCount": all.len(),
            "programs": all.iter().map(|one| hex(&one.program.0)).collect::<Vec<_>>(),
            "funcs": all.iter().map(|one| one.func.clone()).collect::<Vec<_>>(),
            "lowered": all.iter().map(|one| hex(&one.lowered.0)).collect::<Vec<_>>(),
            "leafHashes": all.iter().map(|one| hex(&one.leaf().0)).collect::<Vec<_>>(),
            "proofs": proofs,
            "root": hex(&programs.root().0),
        })
    });
    cases(list.collect())
}

/// Chunks of blobs whose byte `i` is `i mod 251`, and of a blob far too large to be here, by its hashes alone.
fn chunks() -> Value {
    let byte = |i: u64| (i % 251) as u8;
    let lengths =
        [0, 1, 63, 64, 65, 128, 1000, 1024, 1025, 2048, 3072, 3073, 5120, 7 * 1024 + 192, 17_000, 32_768];
    let mut proofs = Vec::new();
    for length in lengths {
        let blob: Vec<u8> = (0..length).map(byte).collect();
        let last = length.div_ceil(CHUNK as u64).max(1) - 1;
        for index in BTreeSet::from([0, 1.min(last), last / 2, last]) {
            let proof = ChunkProof::of(&blob, index).unwrap();
            assert_eq!(proof.root(), Ok(BlobId::of(&blob)));
            proofs.push(proof);
        }
    }
    for index in [0u64, 0xA_5A5A, (1 << 20) - 1] {
        let first = index * CHUNK as u64;
        proofs.push(ChunkProof {
            length: 1 << 30,
            index,
            chunk: (first..first + CHUNK as u64).map(byte).collect(),
            siblings: (0..20).map(|level| word("chunk", level)).collect(),
        });
    }
    let list = proofs.into_iter().map(|proof| {
        json!({
            "length": proof.length.to_string(),
            "index": proof.index.to_string(),
            "siblings": proof.siblings.iter().map(|hash| hex(hash)).collect::<Vec<_>>(),
            "root": hex(&proof.root().unwrap().0),
        })
    });
    cases(list.collect())
}
