"""Small random models of Hugging Face's `transformers`, saved as that package saves them, with what they compute.

    pip install torch transformers && python vectors/gen/hf_models.py vectors/hf

Every folder holds a checkpoint (config.json, model.safetensors) and expected.safetensors: `ids`, the `logits` after each
of them but the last, the mean `loss` of predicting each from those before it, and the loss's derivatives, `grad.NAME`.
They are computed in double precision from the weights as they are stored.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

VOCAB, CONTEXT = 40, 12
COMMON = {"vocab_size": VOCAB, "bos_token_id": None, "eos_token_id": None, "attn_implementation": "eager"}
LLAMA = COMMON | {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
}
CASES = {
    "gpt2": (
        GPT2LMHeadModel,
        GPT2Config(n_embd=16, n_layer=2, n_head=2, n_positions=CONTEXT, **COMMON),
        torch.float32,
    ),
    "llama": (LlamaForCausalLM, LlamaConfig(rms_norm_eps=1e-5, tie_word_embeddings=False, **LLAMA), torch.float32),
    "mistral": (
        MistralForCausalLM,
        MistralConfig(
            sliding_window=4,
            head_dim=6,
            tie_word_embeddings=True,
            rope_parameters={"rope_theta": 50000.0, "rope_type": "default"},
            **LLAMA,
        ),
        torch.bfloat16,
    ),
}


def randomise(model):
    """Weights large enough that every part of the model matters."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape)
            is_gain = p.ndim == 1 and "weight" in name
            p.copy_(1 + 0.2 * noise if is_gain else 0.4 * noise)


def expected(family, folder):
    model = family.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager")
    ids = torch.randint(0, VOCAB, (CONTEXT + 1,))
    logits = model(ids[None, :-1]).logits[0]
    loss = torch.nn.functional.cross_entropy(logits, ids[1:])
    loss.backward()
    found = {"ids": ids.int(), "logits": logits.detach(), "loss": loss.detach()}
    return found | {f"grad.{name}": p.grad for name, p in model.named_parameters()}


def main():
    torch.manual_seed(0)
    for name, (family, config, dtype) in CASES.items():
        folder = pathlib.Path(sys.argv[1]) / name
        model = family(config).eval()
        randomise(model)
        model = model.to(dtype)
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        # A file of text ends with a newline.
        text = json.dumps(json.loads((folder / "config.json").read_text()), indent=2)
        (folder / "config.json").write_text(text + "\n")
        results = expected(family, folder)
        floats = {k: v if k == "ids" else v.float().contiguous() for k, v in results.items()}
        save_file(floats, folder / "expected.safetensors")


if __name__ == "__main__":
    main()
