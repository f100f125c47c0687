#!/usr/bin/env python3
"""Reference vectors for the operators of com.microsoft.

Runs single nodes on random inputs with ONNX Runtime's CPU kernels and writes
one JSON file an operator to runtime/ops/contrib/testdata: a list of cases
{name, op, domain, opset, attrs, inputs, outputs}, where an input left out is
null and a tensor {dtype, shape, data}.

    python testdata/gen/contrib.py [OPERATOR...]

Needs the packages numpy, onnx and onnxruntime; the files in the repository were
made with ONNX Runtime 1.32.0. The seed of a case is its place in the list.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

OUT = pathlib.Path(__file__).parents[2] / "runtime/ops/contrib/testdata"
CASES = []  # (operator, name, domain, attributes, function rng -> inputs, output count)


def case(op, name, attrs, make, outputs=1, domain="com.microsoft"):
    CASES.append((op, name, domain, attrs, make, outputs))


def floats(rng, *shape):
    """Values with few digits, so that the files stay small."""
    return (rng.integers(-64, 65, shape) / 32).astype(np.float32)


def run(op, domain, attrs, inputs, outputs):
    names = ["" if x is None else f"x{i}" for i, x in enumerate(inputs)]
    while names and names[-1] == "":
        names.pop()
    outs = [f"y{i}" if i in outputs else "" for i in range(max(outputs) + 1)]
    node = helper.make_node(op, names, outs, domain=domain, **attrs)
    vis = [
        helper.make_tensor_value_info(f"x{i}", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
        for i, x in enumerate(inputs)
        if x is not None
    ]
    graph = helper.make_graph([node], "g", vis, [helper.make_empty_tensor_value_info(o) for o in outs if o])
    imports = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    feeds = {f"x{i}": x for i, x in enumerate(inputs) if x is not None}
    results = iter(session.run(None, feeds))
    return [next(results) if o else None for o in outs]


def encode(x):
    if x is None:
        return None
    if x.dtype == np.float32:
        data = [float(f"{v:.7g}") for v in x.ravel()]
    elif x.dtype == np.float16:
        data = [float(v) for v in x.ravel()]
    elif x.dtype == np.bool_:
        data = [int(v) for v in x.ravel()]
    else:
        data = [int(v) for v in x.ravel()]
    data = [v if v == v and abs(v) != float("inf") else str(v) for v in data]
    return {"dtype": str(x.dtype), "shape": list(x.shape), "data": data}


def main(only):
    OUT.mkdir(parents=True, exist_ok=True)
    files = {}
    for seed, (op, name, domain, attrs, make, outputs) in enumerate(CASES):
        if only and op not in only:
            continue
        inputs = make(np.random.default_rng(seed))
        outputs = list(range(outputs)) if isinstance(outputs, int) else outputs
        try:
            results = run(op, domain, attrs, inputs, outputs)
        except Exception as e:
            sys.exit(f"{op}, {name}: {e}")
        files.setdefault(op, []).append({
            "name": name, "op": op, "domain": domain, "opset": 1, "attrs": attrs,
            "inputs": [encode(x) for x in inputs], "outputs": [encode(x) for x in results],
        })
    for op, cases in files.items():
        lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
        (OUT / f"{op.lower()}.json").write_text(f"[\n{lines}\n]\n")
        print(op, len(cases))


# SimplifiedLayerNormalization, SkipLayerNormalization, SkipSimplifiedLayerNormalization

case("SimplifiedLayerNormalization", "last axis", {"epsilon": 1e-3}, lambda r: [floats(r, 2, 3, 5), floats(r, 5)], domain="")
case("SimplifiedLayerNormalization", "axis 1", {"axis": 1, "epsilon": 0.1}, lambda r: [floats(r, 2, 2, 3), floats(r, 2, 3)], domain="")
for op in ["SkipLayerNormalization", "SkipSimplifiedLayerNormalization"]:
    beta = [None] if op == "SkipLayerNormalization" else []
    case(op, "plain", {"epsilon": 1e-3}, lambda r: [floats(r, 1, 3, 6), floats(r, 1, 3, 6), floats(r, 6)])
    case(op, "bias and sum", {"epsilon": 1e-2}, lambda r, b=beta: [floats(r, 2, 2, 4), floats(r, 2, 2, 4), floats(r, 4)] + b + [floats(r, 4)], [0, 3])
    case(op, "broadcast skip", {}, lambda r: [floats(r, 2, 2, 4), floats(r, 1, 2, 4), floats(r, 4)])
case("SkipLayerNormalization", "beta", {}, lambda r: [floats(r, 2, 4), floats(r, 2, 4), floats(r, 4), floats(r, 4), floats(r, 4)], [0, 3])

# MatMulNBits


def nbits(r, k, n, bits, block, zeros="", bias=False, rows=(2,)):
    blocks = -(-k // block)
    inputs = [
        floats(r, *rows, k),
        r.integers(0, 256, (n, blocks, block * bits // 8)).astype(np.uint8),
        floats(r, n, blocks),
    ]
    if zeros == "packed":
        inputs.append(r.integers(0, 256, (n, -(-blocks * bits // 8))).astype(np.uint8))
    elif zeros == "float":
        inputs.append(floats(r, n, blocks) * 4)
    if bias:
        inputs += [None] * (5 - len(inputs)) + [floats(r, n)]
    return inputs


for bits, block, k, zeros in [
    (4, 16, 32, ""), (4, 32, 32, "packed"), (4, 16, 43, "packed"), (4, 16, 40, ""), (4, 16, 48, "float"),
    (8, 16, 32, ""), (8, 16, 32, "packed"), (8, 32, 45, "packed"), (2, 16, 32, ""), (2, 32, 80, "packed"),
]:
    case("MatMulNBits", f"{bits} bits, blocks of {block}, K {k}, zeros {zeros or 'none'}",
         {"K": k, "N": 3, "bits": bits, "block_size": block},
         lambda r, k=k, bits=bits, block=block, zeros=zeros: nbits(r, k, 3, bits, block, zeros))
case("MatMulNBits", "bias, three dimensions", {"K": 16, "N": 5, "bits": 4, "block_size": 16},
     lambda r: nbits(r, 16, 5, 4, 16, "packed", True, (2, 1)))

# GroupQueryAttention


def tables(size, rows=16):
    angles = np.arange(rows)[:, None] / 100 ** (np.arange(size // 2) / (size // 2))
    return [np.round(np.cos(angles), 4).astype(np.float32), np.round(np.sin(angles), 4).astype(np.float32)]


def gqa(r, heads=4, kv=2, size=16, rows=3, past=0, room=0, lengths=None, packed=False, rotary=False, bias=False, sink=False, batch=1, positions=None):
    total = past + rows
    cols = (heads + 2 * kv if packed else heads) * size
    lengths = lengths or [total] * batch
    inputs = [floats(r, batch, rows, cols)]
    inputs += [None, None] if packed else [floats(r, batch, rows, kv * size), floats(r, batch, rows, kv * size)]
    inputs += [floats(r, batch, kv, past + room, size), floats(r, batch, kv, past + room, size)]
    inputs += [np.array(lengths, np.int32) - 1, np.array(total, np.int32)]
    inputs += tables(size) if rotary else [None, None]
    inputs += [np.array(positions, np.int64) if positions else None]
    inputs += [floats(r, batch, 1, rows, total) if bias else None]
    inputs += [floats(r, heads) if sink else None]
    return inputs


def gqa_case(name, attrs=None, **kw):
    heads, kv = kw.get("heads", 4), kw.get("kv", 2)
    a = {"num_heads": heads, "kv_num_heads": kv, **(attrs or {})}
    case("GroupQueryAttention", name, a, lambda r: gqa(r, **kw), 3)


gqa_case("prompt")
gqa_case("step", rows=1, past=4)
gqa_case("several new after a past", rows=2, past=3)
gqa_case("packed with rotary, prompt", {"do_rotary": 1}, packed=True, rotary=True, heads=2, kv=1)
gqa_case("packed with rotary, step", {"do_rotary": 1, "scale": 0.5}, packed=True, rotary=True, heads=2, kv=1, rows=1, past=3)
gqa_case("interleaved rotary", {"do_rotary": 1, "rotary_interleaved": 1}, rotary=True, heads=2, kv=1, rows=1, past=3)
gqa_case("window", {"local_window_size": 2}, heads=1, kv=1, rows=5)
gqa_case("window in a step", {"local_window_size": 2}, heads=1, kv=1, rows=1, past=4)
gqa_case("softcap", {"softcap": 1.5}, heads=1, kv=1)
gqa_case("softcap and bias", {"softcap": 1.5}, heads=1, kv=1, bias=True)
gqa_case("smooth softmax", {"smooth_softmax": 1}, heads=2, kv=1)
gqa_case("sinks", {}, heads=2, kv=1, sink=True)
gqa_case("room in the past", {}, heads=1, kv=1, rows=1, past=2, room=2)
gqa_case("batch entries of several lengths", {"do_rotary": 1}, heads=1, kv=1, rows=1, past=3, batch=2, lengths=[4, 2], rotary=True)
gqa_case("positions", {"do_rotary": 1}, heads=1, kv=1, rows=1, past=3, rotary=True, positions=[[7]])
gqa_case("not causal", {"causal": 0}, heads=1, kv=1)

# Gelu, QuickGelu, FastGelu, BiasGelu

case("Gelu", "plain", {}, lambda r: [floats(r, 2, 5) * 2])
case("QuickGelu", "plain", {}, lambda r: [floats(r, 2, 5) * 2])
case("QuickGelu", "alpha", {"alpha": 1.0}, lambda r: [floats(r, 7)])
case("FastGelu", "plain", {}, lambda r: [floats(r, 2, 5) * 2])
case("FastGelu", "bias", {}, lambda r: [floats(r, 2, 3, 5), floats(r, 5)])
case("BiasGelu", "plain", {}, lambda r: [floats(r, 2, 3, 5), floats(r, 5)])

# FusedMatMul

case("FusedMatMul", "transposed A", {"transA": 1, "alpha": 0.5}, lambda r: [floats(r, 2, 4, 3), floats(r, 4, 5)])
case("FusedMatMul", "transposed B", {"transB": 1}, lambda r: [floats(r, 2, 3, 4), floats(r, 2, 5, 4)])
case("TransposeMatMul", "transposed both", {"transA": 1, "transB": 1}, lambda r: [floats(r, 4, 3), floats(r, 5, 4)])

# RotaryEmbedding

case("RotaryEmbedding", "positions", {}, lambda r: [floats(r, 2, 3, 16), np.array([[0, 2, 1], [5, 6, 15]])] + tables(8))
case("RotaryEmbedding", "first position, interleaved", {"interleaved": 1}, lambda r: [floats(r, 2, 3, 16), np.array([4])] + tables(8))
case("RotaryEmbedding", "heads first", {}, lambda r: [floats(r, 1, 2, 3, 8), np.array([1])] + tables(8))
case("RotaryEmbedding", "a part of each vector", {"num_heads": 2, "rotary_embedding_dim": 4},
     lambda r: [floats(r, 1, 3, 16), np.array([1])] + tables(4))

# EmbedLayerNormalization


def embed(r, segments=True, mask=False, positions=False):
    ids = lambda n: r.integers(0, n, (2, 3)).astype(np.int32)
    return [
        ids(7), ids(2) if segments else None, floats(r, 7, 4), floats(r, 5, 4), floats(r, 2, 4) if segments else None,
        floats(r, 4), floats(r, 4), np.array([[1, 1, 0], [1, 1, 1]], np.int32) if mask else None,
        np.array([[4, 0, 2]], np.int32) if positions else None,
    ]


case("EmbedLayerNormalization", "segments and mask", {"epsilon": 1e-3}, lambda r: embed(r, mask=True), 3)
case("EmbedLayerNormalization", "words alone", {"epsilon": 1e-3}, lambda r: embed(r, segments=False), 2)
case("EmbedLayerNormalization", "positions", {"epsilon": 1e-3}, lambda r: embed(r, positions=True), 3)

# MatMulIntegerToFloat, DynamicQuantizeMatMul, QGemm


def ints(r, dtype, *shape):
    lo, hi = (-100, 101) if dtype == np.int8 else (0, 256)
    return r.integers(lo, hi, shape).astype(dtype)


def scale(*values):
    return np.array(values[0] if len(values) == 1 else values, np.float32)


case("MatMulIntegerToFloat", "plain", {},
     lambda r: [ints(r, np.uint8, 2, 3, 4), ints(r, np.int8, 4, 3), scale(0.25), scale(0.5)])
case("MatMulIntegerToFloat", "columns", {},
     lambda r: [ints(r, np.uint8, 3, 4), ints(r, np.uint8, 4, 2), scale(0.25), scale(0.5, 2), np.array(3, np.uint8), np.array([5, 130], np.uint8), floats(r, 2)])
case("DynamicQuantizeMatMul", "plain", {}, lambda r: [floats(r, 2, 3, 4), ints(r, np.int8, 4, 3), scale(0.5)])
case("DynamicQuantizeMatMul", "columns", {},
     lambda r: [floats(r, 3, 4), ints(r, np.uint8, 4, 2), scale(0.5, 2), np.array([5, 130], np.uint8), floats(r, 2)])
case("QGemm", "float out", {"alpha": 2.0},
     lambda r: [ints(r, np.uint8, 3, 4), scale(0.25), np.array(3, np.uint8), ints(r, np.int8, 4, 2), scale(0.5), np.array(-2, np.int8), ints(r, np.int8, 2).astype(np.int32)])
case("QGemm", "transposed, quantised", {"transA": 1, "transB": 1},
     lambda r: [ints(r, np.uint8, 4, 3), scale(0.01), np.array(128, np.uint8), ints(r, np.uint8, 2, 4), scale(0.5, 0.25), np.array([100, 130], np.uint8), None, scale(2.0), np.array(100, np.uint8)])

# MultiHeadAttention, Attention, QAttention


def mha(r, heads=2, size=3, vsize=4, rows=3, keys=4, past=0, bias=False, mask=None, scores=False, batch=2, cross=False):
    inputs = [floats(r, batch, rows, heads * size)]
    if cross:
        inputs += [floats(r, batch, heads, keys, size), floats(r, batch, heads, keys, vsize)]
    else:
        inputs += [floats(r, batch, keys, heads * size), floats(r, batch, keys, heads * vsize)]
    inputs += [floats(r, heads * (2 * size + vsize)) if bias else None]
    inputs += [None if mask is None else np.array(mask, np.int32)]
    inputs += [floats(r, 1, heads, rows, past + keys) if scores else None]
    inputs += [floats(r, batch, heads, past, size), floats(r, batch, heads, past, vsize)] if past else [None, None]
    return inputs


case("MultiHeadAttention", "plain", {"num_heads": 2}, lambda r: mha(r))
case("MultiHeadAttention", "bias and scale", {"num_heads": 2, "scale": 0.25}, lambda r: mha(r, bias=True))
case("MultiHeadAttention", "where sequences end", {"num_heads": 2}, lambda r: mha(r, mask=[2, 4]))
case("MultiHeadAttention", "mask of keys", {"num_heads": 2}, lambda r: mha(r, mask=[[1, 0, 1, 1], [1, 1, 0, 0]]))
case("MultiHeadAttention", "added scores", {"num_heads": 2}, lambda r: mha(r, scores=True))
case("MultiHeadAttention", "added scores and mask", {"num_heads": 2}, lambda r: mha(r, scores=True, mask=[[1, 0, 1, 1], [1, 1, 0, 0]]))
case("MultiHeadAttention", "past", {"num_heads": 2}, lambda r: mha(r, vsize=3, rows=2, keys=2, past=3), 3)
case("MultiHeadAttention", "past, each sees what came before", {"num_heads": 2, "unidirectional": 1}, lambda r: mha(r, vsize=3, rows=2, keys=2, past=3), 3)
case("MultiHeadAttention", "keys of another sequence", {"num_heads": 2}, lambda r: mha(r, cross=True, vsize=3))


def projected(r, heads=2, size=2, columns=5, rows=3, mask=None, past=0, scores=False, vsize=None, batch=2):
    inputs = [floats(r, batch, rows, columns), floats(r, columns, heads * (2 * size + (vsize or size))), floats(r, heads * (2 * size + (vsize or size)))]
    inputs += [None if mask is None else np.array(mask, np.int32)]
    inputs += [floats(r, 2, batch, heads, past, size) if past else None]
    inputs += [floats(r, batch, heads, rows, past + rows) if scores else None]
    return inputs


case("Attention", "plain", {"num_heads": 2}, lambda r: projected(r))
case("Attention", "mask of keys", {"num_heads": 2}, lambda r: projected(r, mask=[[1, 0, 1], [1, 1, 0]]))
case("Attention", "where sequences begin and end", {"num_heads": 2}, lambda r: projected(r, mask=[2, 3, 0, 1]))
case("Attention", "each sees what came before, past", {"num_heads": 2, "unidirectional": 1}, lambda r: projected(r, past=2), 2)
case("Attention", "a mask for each query", {"num_heads": 2}, lambda r: projected(r, mask=np.arange(18).reshape(2, 3, 3) % 4 > 0))
case("Attention", "added scores, sizes", {"num_heads": 2, "qkv_hidden_sizes": [4, 4, 6]}, lambda r: projected(r, vsize=3, scores=True))
case("QAttention", "plain", {"num_heads": 2},
     lambda r: [ints(r, np.uint8, 2, 3, 5), ints(r, np.int8, 5, 12), floats(r, 12), scale(0.02), scale(0.01), None, np.array(100, np.uint8), np.array(3, np.int8)])
case("QAttention", "columns, mask", {"num_heads": 2, "unidirectional": 1},
     lambda r: [ints(r, np.uint8, 2, 3, 5), ints(r, np.int8, 5, 12), floats(r, 12), scale(0.02), np.linspace(0.01, 0.02, 12, dtype=np.float32), np.array([[1, 0, 1], [1, 1, 0]], np.int32), np.array(100, np.uint8)])

# GatherBlockQuantized


def gather(r, bits, zeros, rows=4, columns=48, block=16):
    per = 8 // bits
    blocks = columns // block
    inputs = [ints(r, np.uint8, rows, columns // per), np.array([[3, 0], [-1, 1]]), floats(r, rows, blocks)]
    return inputs + ([ints(r, np.uint8, rows, -(-blocks // per))] if zeros else [])


case("GatherBlockQuantized", "4 bits", {"block_size": 16, "bits": 4}, lambda r: gather(r, 4, False))
case("GatherBlockQuantized", "4 bits, zero points", {"block_size": 16, "bits": 4}, lambda r: gather(r, 4, True))
case("GatherBlockQuantized", "8 bits, zero points", {"block_size": 16, "bits": 8}, lambda r: gather(r, 8, True))
if __name__ == "__main__":
    main(sys.argv[1:])
