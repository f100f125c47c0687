"""Gradients by PyTorch, for finetune/grad.

    python testdata/gen/gradients.py > finetune/grad/testdata/pytorch.json

Each case has a graph in the text syntax and the same in PyTorch, in float64.
Element i of input number k is sin(1.7 i + k) (from 0.2 to 1.8 where a case asks
for positive numbers); the loss is the sum of the output's elements, element j
times cos(0.9 j).
"""

import json

import torch
import torch.nn.functional as F

CASES = []


def case(name, opset, graph, shapes, function, positive=False):
    inputs = []
    for k, shape in enumerate(shapes):
        n = 1
        for s in shape:
            n *= s
        x = torch.sin(1.7 * torch.arange(n, dtype=torch.float64) + k)
        if positive:
            x = 1 + 0.8 * x
        inputs.append(x.reshape(shape).requires_grad_())
    y = function(*inputs)
    weights = torch.cos(0.9 * torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    loss = (y * weights).sum()
    loss.backward()
    CASES.append({
        "name": name, "opset": opset, "graph": graph, "positive": positive, "loss": float(f"{loss.item():.9g}"),
        "gradients": [[float(f"{v:.7g}") for v in x.grad.flatten().tolist()] for x in inputs],
    })


def unary(op, function, positive=False, opset=22):
    case(op, opset, f"(float[2,3] x) => (y) {{ y = {op}(x) }}", [(2, 3)], function, positive)


unary("Exp", torch.exp)
unary("Log", torch.log, True)
unary("Sqrt", torch.sqrt, True)
unary("Tanh", torch.tanh)
unary("Sigmoid", torch.sigmoid)
unary("Relu", torch.relu)
unary("LeakyRelu", F.leaky_relu)
unary("Elu", F.elu)
unary("Selu", F.selu)
unary("Softplus", F.softplus)
unary("Softsign", F.softsign)
unary("HardSwish", F.hardswish)
unary("Mish", F.mish)
unary("Erf", torch.erf)
unary("Gelu", F.gelu)
unary('Gelu<approximate = "tanh">', lambda x: F.gelu(x, approximate="tanh"))
unary("Cos", torch.cos)
unary("Abs", torch.abs)
unary("Softmax", lambda x: F.softmax(x, -1))
unary("LogSoftmax", lambda x: F.log_softmax(x, -1))
unary("ReduceMean<keepdims = 0>", torch.mean)
unary("ReduceLogSumExp<keepdims = 0>", lambda x: torch.logsumexp(x, (0, 1)))

case("Mul", 21, "(float[2,3] x, float[3] z) => (y) { y = Mul(x, z) }", [(2, 3), (3,)], torch.mul)
case("Div", 21, "(float[2,3] x, float[3] z) => (y) { y = Div(x, z) }", [(2, 3), (3,)], torch.div, True)
case("Pow", 21, "(float[2,3] x, float[3] z) => (y) { y = Pow(x, z) }", [(2, 3), (3,)], torch.pow, True)
case("MatMul", 21, "(float[2,2,3] x, float[3,4] z) => (y) { y = MatMul(x, z) }", [(2, 2, 3), (3, 4)], torch.matmul)
case("Gemm", 21, "(float[2,3] x, float[4,3] w, float[4] b) => (y) { y = Gemm<transB = 1>(x, w, b) }",
     [(2, 3), (4, 3), (4,)], F.linear)
case("Conv", 21, "(float[1,2,5,5] x, float[3,2,3,3] w, float[3] b) => (y) { y = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b) }",
     [(1, 2, 5, 5), (3, 2, 3, 3), (3,)], lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1))
case("Conv, groups and dilations", 21, "(float[1,4,6,6] x, float[4,2,2,2] w) => (y) { y = Conv<group = 2, dilations = [2, 2]>(x, w) }",
     [(1, 4, 6, 6), (4, 2, 2, 2)], lambda x, w: F.conv2d(x, w, groups=2, dilation=2))
case("ConvTranspose", 21, "(float[1,2,3,3] x, float[2,2,3,3] w) => (y) { y = ConvTranspose<strides = [2, 2], pads = [1, 1, 1, 1], output_padding = [1, 1]>(x, w) }",
     [(1, 2, 3, 3), (2, 2, 3, 3)], lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1))
case("MaxPool", 21, "(float[1,2,5,5] x) => (y) { y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x) }",
     [(1, 2, 5, 5)], lambda x: F.max_pool2d(x, 3, 2, 1))
case("AveragePool", 21, "(float[1,2,4,4] x) => (y) { y = AveragePool<kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]>(x) }",
     [(1, 2, 4, 4)], lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))
case("LayerNormalization", 21, "(float[2,3,4] x, float[4] s, float[4] b) => (y) { y = LayerNormalization(x, s, b) }",
     [(2, 3, 4), (4,), (4,)], lambda x, s, b: F.layer_norm(x, (4,), s, b))
case("GroupNormalization", 21, "(float[2,4,3] x, float[4] s, float[4] b) => (y) { y = GroupNormalization<num_groups = 2>(x, s, b) }",
     [(2, 4, 3), (4,), (4,)], lambda x, s, b: F.group_norm(x, 2, s, b))
case("InstanceNormalization", 21, "(float[2,3,4] x, float[3] s, float[3] b) => (y) { y = InstanceNormalization(x, s, b) }",
     [(2, 3, 4), (3,), (3,)], lambda x, s, b: F.instance_norm(x, weight=s, bias=b))
case("Resize", 21, '(float[1,1,3,4] x, float[4] s = {1, 1, 2, 2}) => (y) { y = Resize<mode = "linear">(x, "", s) }',
     [(1, 1, 3, 4)], lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"))
case("Attention", 23, "(float[1,2,3,4] q, float[1,2,3,4] k, float[1,2,3,4] v) => (y) { y = Attention<is_causal = 1>(q, k, v) }",
     [(1, 2, 3, 4)] * 3, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True))
case("Einsum", 21, '(float[2,3] x, float[3,4] z) => (y) { y = Einsum<equation = "ij,jk->ki">(x, z) }',
     [(2, 3), (3, 4)], lambda x, z: torch.einsum("ij,jk->ki", x, z))


def lstm(x, w, r):
    # ONNX has the gates in the order i, o, f, c; PyTorch in i, f, g, o.
    h = c = torch.zeros(x.shape[1], r.shape[2], dtype=x.dtype)
    steps = []
    for t in range(x.shape[0]):
        i, o, f, g = (x[t] @ w[0].T + h @ r[0].T).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        steps.append(h)
    return torch.stack(steps).unsqueeze(1)


case("LSTM", 21, "(float[3,2,3] x, float[1,8,3] w, float[1,8,2] r) => (y) { y = LSTM<hidden_size = 2>(x, w, r) }",
     [(3, 2, 3), (1, 8, 3), (1, 8, 2)], lstm)

print(json.dumps({"torch": torch.__version__.split("+")[0], "cases": CASES}, separators=(",", ":")))
