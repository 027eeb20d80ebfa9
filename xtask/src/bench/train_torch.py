"""The training step of `cargo xtask bench engine` in PyTorch, eager, one thread: same model, optimizer and sizes.

    train_torch.py LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE

Speaks the protocol of crates/corex-models/examples/train_speed.rs: a line when ready, then a line with a number of
steps comes in, a line with CPU seconds and the last loss goes out. Attention, layer norm and the optimizer are
PyTorch's own fused functions.
"""

import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS, WIDTH, HEADS, CONTEXT, BATCH = map(int, sys.argv[1:6])
VOCAB = 256
PEAK_LR, FINAL_LR, WARMUP, TOTAL = 3e-3, 3e-4, 20, 1000

torch.set_num_threads(1)
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        heads = lambda t: t.view(BATCH, CONTEXT, HEADS, WIDTH // HEADS).transpose(1, 2)
        q, k, v = map(heads, self.qkv(self.norm1(x)).split(WIDTH, dim=2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(BATCH, CONTEXT, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(VOCAB, WIDTH), nn.Parameter(0.02 * torch.randn(CONTEXT, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embed.weight, std=WIDTH**-0.5)

    def forward(self, tokens, targets):
        x = self.norm(self.blocks(self.embed(tokens) + self.place))
        return F.cross_entropy((x @ self.embed.weight.T).flatten(0, 1), targets.flatten())


def learning_rate(step):
    progress = min(max((step - WARMUP) / (TOTAL - WARMUP), 0), 1)
    return (FINAL_LR + (PEAK_LR - FINAL_LR) * 0.5 * (1 + np.cos(np.pi * progress))) * min(1, (step + 1) / WARMUP)


def main():
    data = torch.from_numpy(np.fromfile(sys.argv[6], np.uint8))
    model = Gpt()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, fused=True)
    step = 0
    print(0, flush=True)
    for line in sys.stdin:
        start = time.process_time()
        for _ in range(int(line)):
            starts = torch.randint(0, len(data) - CONTEXT - 1, (BATCH, 1))
            windows = data[starts + torch.arange(CONTEXT + 1)].long()
            optimizer.zero_grad()
            loss = model(windows[:, :-1], windows[:, 1:])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step)
            optimizer.step()
            step += 1
        print(time.process_time() - start, float(loss.detach()), flush=True)


main()
