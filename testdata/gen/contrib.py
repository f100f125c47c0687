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
        results = run(op, domain, attrs, inputs, outputs)
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

if __name__ == "__main__":
    main(sys.argv[1:])
