"""Random models of `transformers` through corex and back.

    check_hf.py COREX FOLDER

For every model: corex reads what the package saved, and its logits are compared with the package's in double precision;
it continues a prompt greedily as the package does; the package loads what corex wrote, and has the same weights.
"""

import json
import pathlib
import subprocess
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, MistralConfig
from transformers.utils import logging

COREX, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
# Of the largest logit. Measured: 1.4e-6; corex computes in f32.
TOLERANCE = 5e-6
CONTEXT = 96

TOKENS = {"bos_token_id": None, "eos_token_id": None}
LLAMA = TOKENS | {
    "hidden_size": 96,
    "intermediate_size": 200,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "max_position_embeddings": CONTEXT,
}
GPT2 = TOKENS | {"n_embd": 96, "n_layer": 3, "n_head": 4, "n_positions": CONTEXT}
CASES = {
    "gpt2": (GPT2Config(vocab_size=50257, **GPT2), torch.float32),
    "gpt2-untied-f16": (GPT2Config(vocab_size=300, tie_word_embeddings=False, **GPT2), torch.float16),
    "llama": (LlamaConfig(vocab_size=1000, num_key_value_heads=6, **LLAMA), torch.float32),
    "llama-grouped-bf16": (
        LlamaConfig(
            vocab_size=70000,
            num_key_value_heads=2,
            tie_word_embeddings=True,
            rope_parameters={"rope_theta": 500000.0, "rope_type": "default"},
            **LLAMA,
        ),
        torch.bfloat16,
    ),
    "mistral": (
        MistralConfig(vocab_size=1000, num_key_value_heads=1, head_dim=20, sliding_window=17, **LLAMA),
        torch.float32,
    ),
}

NAMES = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16"}


def corex(*arguments):
    done = subprocess.run([COREX, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"corex {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def randomise(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape)
            p.copy_(1 + 0.2 * noise if p.ndim == 1 and "weight" in name else 0.1 * noise)


def check(name, config, dtype):
    saved, converted, out = (ROOT / f"{name}{end}" for end in ("", "-by-corex", ".safetensors"))
    model = AutoModelForCausalLM.from_config(config)
    randomise(model)
    model.to(dtype).save_pretrained(saved)
    exact = AutoModelForCausalLM.from_pretrained(saved, dtype=torch.float64, attn_implementation="eager")

    ids = torch.randint(0, config.vocab_size, (CONTEXT,))
    listed = ",".join(map(str, ids.tolist()))
    corex("model", "logits", saved, "--ids", listed, "--out", out)
    with torch.no_grad():
        theirs = exact(ids[None]).logits[0]
    difference = float((load_file(out)["logits"].double() - theirs).abs().max() / theirs.abs().max())

    prompt = ids[: CONTEXT // 2]
    with torch.no_grad():
        # Without a mask it would take some token for padding.
        settings = {"attention_mask": torch.ones_like(prompt[None]), "pad_token_id": 0}
        theirs = exact.generate(prompt[None], do_sample=False, max_new_tokens=16, **settings)[0].tolist()
    listed = ",".join(map(str, prompt.tolist()))
    told = corex("generate", "--checkpoint", saved, "--ids", listed, "--length", 16, "--temperature", 0, "--json")
    if json.loads(told)["ids"] != theirs[len(prompt) :]:
        sys.exit(f"{name}: corex goes on with {told}, transformers with {theirs[len(prompt):]}")

    corex("model", "convert", saved, "--out", converted, "--dtype", NAMES[dtype])
    again = AutoModelForCausalLM.from_pretrained(converted, dtype=torch.float64)
    for key, weight in exact.state_dict().items():
        if not torch.equal(weight, again.state_dict()[key]):
            sys.exit(f"{name}: {key} came back changed")
    print(f"{name:20} logits differ by {difference:.1e} of the largest; same greedy text; same weights when converted")
    if not difference <= TOLERANCE:
        sys.exit(f"{name}: the tolerance is {TOLERANCE}")


def main():
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(1)
    for name, (config, dtype) in CASES.items():
        check(name, config, dtype)


if __name__ == "__main__":
    main()
