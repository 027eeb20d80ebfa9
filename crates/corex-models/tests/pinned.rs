//! The programs of the default run, by their ids. They may change on purpose only: with them change the tasks, their
//! receipts and the model that a seed leads to.

use corex_hlo::{Module, program_id};
use corex_models::{BatchSizes, DataSizes, GptConfig, Model, Start, TrainingJob};

fn hex(module: &Module) -> String {
    program_id(module).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(gpt: GptConfig, steps: u32, ids: [&str; 4]) {
    let model = Model::Gpt(gpt);
    let job = TrainingJob {
        optimizer: model.optimizer(steps),
        start: Start::Random,
        data: DataSizes { train: 100_000, heldout: 5_000 },
        batch: BatchSizes::new(8, 4),
        model,
    };
    let set = job.programs().expect("valid");
    assert_eq!([&set.init, &set.grad, &set.update, &set.eval].map(hex), ids);
}

#[test]
fn the_default_run_is_what_it_was() {
    check(
        GptConfig::nano(),
        240,
        [
            "558594792083308f94210e722e4d222359a2f5dff70ed892a30fa09ac47d79a5",
            "4ba0c203b1771a66d75cf9eac782dfdc2bce6977af757f20760dcad925564ab5",
            "f1f61a94c1df7deaf0b2dbb453ec1eb28ba837ab7dc25280f52da4cf0a74ec39",
            "144a28b54dafa4eac27c261572e0c663a11525cf559068c8bf9083e0d2f4fa0a",
        ],
    );
    check(
        GptConfig::tiny(),
        40,
        [
            "6ebc3351f9d4b36fde704bb0e9928603c7dfdfb691e50ae8f99e9edde5ecc641",
            "2c8372a4a397b4f95647fe01d2e86b9fc2e142ce777440c09317d67730b96110",
            "7f09a1242200490f8c903b04c335cb22b2fffe848a3889aeb77f945047798e3d",
            "7e306de9f1536a3d8b5a6dcae20a9f51e15c08d2e2de6ad132d4507fac7a16f7",
        ],
    );
}
