"""Losses of 100 training steps by PyTorch, for finetune/step.

    python testdata/gen/parity.py ../shared/data/text/irish.abc > finetune/step/testdata/parity.json

Each net is trained in float32 and in float64: what float32 alone changes is the
difference of the two. Both sides start from weights that a formula gives: element i of the k-th tensor is
(2u − 1)/√(values that an output sums), where u is hash(i, k)/2³². The convolutional
net of 640,889 parameters gets new noise in each step, the recurrent one windows of
the file whose starts are hashes too.
"""

import json
import math
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

STEPS = 100
REAL = torch.float64


def hashes(n, k):
    x = (np.arange(n, dtype=np.uint64) * 2654435761 + np.uint64(k * 40503 + 12345)) & 0xFFFFFFFF
    x ^= x >> np.uint64(15)
    x = (x * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(13)
    return x


def uniform(n, k):
    return hashes(n, k).astype(np.float64) / 2.0**32


def weight(k, fan, *shape):
    n = int(np.prod(shape))
    return torch.tensor(((2 * uniform(n, k) - 1) / math.sqrt(fan)).astype(np.float32).reshape(shape)).to(REAL)


def cnn():
    channels, kernels = [3, 12, 24, 48, 72], [5, 5, 3, 3]
    params, k = [], 0

    def new(value):
        params.append(value.requires_grad_())
        return value

    layers = []
    for i in range(4):
        fan = channels[i] * kernels[i] ** 2
        w = new(weight(4 * i, fan, channels[i + 1], channels[i], kernels[i], kernels[i]))
        b = new(weight(4 * i + 1, fan, channels[i + 1]))
        s = new(torch.ones(channels[i + 1], dtype=REAL))
        o = new(torch.zeros(channels[i + 1], dtype=REAL))
        layers.append((w, b, s, o, kernels[i] // 2))
    w1, b1 = new(weight(16, 1152, 512, 1152)), new(weight(17, 1152, 512))
    w2, b2 = new(weight(18, 512, 1, 512)), new(weight(19, 512, 1))
    optimizer = torch.optim.Adam(params, lr=2**-13)
    losses = []
    for step in range(STEPS):
        x = torch.tensor(uniform(32 * 3 * 64 * 64, 100 + step).astype(np.float32).reshape(32, 3, 64, 64)).to(REAL)
        y = torch.tensor((uniform(32, 1000 + step) > 0.5).reshape(32, 1)).to(REAL)
        told = torch.tensor((uniform(32, 2000 + step) > 0.2).reshape(32, 1)).to(REAL) * y
        x = x + 0.125 * told.reshape(32, 1, 1, 1) * (torch.arange(64) % 2).to(REAL)
        for w, b, s, o, pad in layers:
            x = F.batch_norm(F.relu(F.conv2d(x, w, b, 2, pad)), None, None, s, o, True, 0.1, float(np.float32(1e-5)))
        out = F.linear(F.relu(F.linear(x.flatten(1), w1, b1)), w2, b2)
        loss = F.binary_cross_entropy_with_logits(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"name": "cnn", "parameters": sum(p.numel() for p in params), "losses": losses}


def lstm(path, length=100, batch=8, size=256, hidden=1024):
    text = open(path, encoding="utf-8").read()
    chars = sorted(set(text))
    ids = np.array([chars.index(c) for c in text])
    order = [0, 2, 3, 1]  # gates of ONNX (i, o, f, c) that PyTorch has as i, f, c, o

    def turned(w):
        return torch.cat([w[g * hidden : (g + 1) * hidden] for g in order])

    n = len(chars)
    cell = nn.LSTM(size, hidden, batch_first=True, dtype=REAL)
    embedding = weight(0, 1, n, size).requires_grad_()
    with torch.no_grad():
        cell.weight_ih_l0.copy_(turned(weight(1, hidden, 4 * hidden, size)))
        cell.weight_hh_l0.copy_(turned(weight(2, hidden, 4 * hidden, hidden)))
        both = weight(3, hidden, 8 * hidden)
        cell.bias_ih_l0.copy_(turned(both[: 4 * hidden]))
        cell.bias_hh_l0.copy_(turned(both[4 * hidden :]))
    w, b = weight(4, hidden, n, hidden).requires_grad_(), weight(5, hidden, n).requires_grad_()
    params = [embedding, *cell.parameters(), w, b]
    optimizer = torch.optim.Adam(params, lr=float(np.float32(5e-3)))
    losses = []
    for step in range(STEPS):
        starts = [int(v) % (len(ids) - length - 1) for v in hashes(batch, 100 + step)]
        x = torch.tensor(np.stack([ids[s : s + length] for s in starts]))
        y = torch.tensor(np.stack([ids[s + 1 : s + length + 1] for s in starts]))
        out, _ = cell(F.embedding(x, embedding))
        loss = F.cross_entropy(F.linear(out, w, b).reshape(-1, n), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    name = f"lstm {size}-{hidden}, length {length}"
    return {"name": name, "parameters": sum(p.numel() for p in params), "losses": losses,
            "length": length, "batch": batch, "size": size, "hidden": hidden}




def both(f, *args):
    global REAL
    REAL = torch.float64
    case = f(*args)
    REAL = torch.float32
    case["float32"] = f(*args)["losses"]
    return case


print(json.dumps({
    "about": f"PyTorch {torch.__version__.split('+')[0]}, {STEPS} steps: testdata/gen/parity.py",
    "cases": [both(cnn), both(lstm, sys.argv[1], 100, 8, 256, 1024), both(lstm, sys.argv[1], 20, 8, 64, 128)],
}, indent=1))
