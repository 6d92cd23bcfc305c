# Copyright The Generatrix Authors
# SPDX-License-Identifier: Apache-2.0
"""The peers of generatrix_gpu_bench: PyTorch on the same GPU, eager, compiled, and as a CUDA graph.

    python3 peers.py > peers.tsv

A line per measurement: the row's name, the peer, milliseconds. Products and convolutions are cuBLAS's and cuDNN's at the
named precision, with cuDNN's own search for the fastest algorithm.
"""
import statistics
import sys
import time

import torch
import torch.nn.functional as F

torch.set_grad_enabled(False)
torch.backends.cudnn.benchmark = True
DEVICE = "cuda"
PRECISIONS = ("fp32", "tf32", "bf16")


def set_precision(name):
    torch.backends.cuda.matmul.allow_tf32 = name == "tf32"
    torch.backends.cudnn.allow_tf32 = name == "tf32"
    return torch.bfloat16 if name == "bf16" else torch.float32


def milliseconds(call):
    def batch(calls):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) / calls

    for _ in range(3):
        batch(1)
    once = batch(3)
    calls = int(max(1, min(200, 0.02 / once)))
    return statistics.median(batch(calls) for _ in range(3 if once > 0.3 else 15)) * 1e3


def graphed(call):
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        call()
    return graph.replay


def report(name, call, compile=True, graph=True):
    ways = [("PyTorch eager", lambda: call)]
    if compile:
        ways.append(("torch.compile", lambda: torch.compile(call)))
    if graph:
        ways.append(("CUDA graph", lambda: graphed(call)))
    for peer, make in ways:
        try:
            print(f"{name}\t{peer}\t{milliseconds(make()):.6f}", flush=True)
        except Exception as e:  # a peer that fails is no peer; the others go on
            print(f"{name}: {peer}: {e}", file=sys.stderr)


def randn(*shape, scale=1.0):
    return torch.randn(*shape, device=DEVICE) * scale


def gibbs():
    set_precision("fp32")
    w, b, c = randn(784, 500, scale=0.05), randn(784, scale=0.1), randn(500, scale=0.1)

    def step(v):
        h = torch.bernoulli(torch.sigmoid(torch.addmm(c, v, w)))
        return torch.bernoulli(torch.sigmoid(torch.addmm(b, h, w.t())))

    v = torch.bernoulli(torch.full((4096, 784), 0.5, device=DEVICE))
    report("gibbs sweep 784x500 b4096", lambda: step(v))
    start = torch.bernoulli(torch.full((512, 784), 0.5, device=DEVICE))

    def chain():
        v = start
        for _ in range(1000):
            v = step(v)
        return v

    report("gibbs 1000 steps 784x500 b512", chain, compile=False)
    base, u = randn(784, scale=0.1), torch.bernoulli(torch.full((100, 784), 0.5, device=DEVICE))
    betas = torch.linspace(0, 1, 14500).tolist()

    def ais():
        v, weights = u, torch.zeros(100, dtype=torch.float64, device=DEVICE)
        previous = 0.0
        for beta in betas[1:]:
            x = torch.addmm(c, v, w)
            energy = F.softplus(beta * x).sum(1) - F.softplus(previous * x).sum(1)
            weights += energy + (beta - previous) * (v @ (b - base))
            h = torch.bernoulli(torch.sigmoid(beta * x))
            v = torch.bernoulli(torch.sigmoid(beta * torch.addmm(b, h, w.t()) + (1 - beta) * base))
            previous = beta
        return weights

    report("ais 100 chains x 14500", ais, compile=False, graph=False)
    p, q = (torch.bernoulli(torch.full((512, 784), 0.5, device=DEVICE)) for _ in range(2))
    h, g = randn(512, 500), randn(512, 500)
    report(
        "rbm gradient 784x500 b512",
        lambda: ((p.t() @ h - q.t() @ g) / 512, (p - q).mean(0), (h - g).mean(0)),
    )


def persistent_contrastive_divergence():
    """An epoch of PCD-1: 60,000 rows in batches of 512, 512 chains; no row of ours has its name: run.sh's models have."""
    set_precision("fp32")
    w, b, c = randn(784, 500, scale=0.01), torch.zeros(784, device=DEVICE), torch.zeros(500, device=DEVICE)
    data = torch.bernoulli(torch.full((60000, 784), 0.1, device=DEVICE))
    chains = torch.bernoulli(torch.full((512, 784), 0.5, device=DEVICE))
    x = data[:512].clone()

    def update():
        h = torch.sigmoid(torch.addmm(c, x, w))
        g = torch.bernoulli(torch.sigmoid(torch.addmm(c, chains, w)))
        chains.copy_(torch.bernoulli(torch.sigmoid(torch.addmm(b, g, w.t()))))
        k = torch.sigmoid(torch.addmm(c, chains, w))
        w.add_(x.t() @ h - chains.t() @ k, alpha=0.05 / 512)
        b.add_((x - chains).mean(0), alpha=0.05)
        c.add_((h - k).mean(0), alpha=0.05)

    def epoch(step):
        order = torch.randperm(60000, device=DEVICE)
        for i in range(0, 60000 - 511, 512):
            x.copy_(data[order[i : i + 512]])
            step()

    print(f"pcd epoch 784x500 b512\tPyTorch eager\t{milliseconds(lambda: epoch(update)):.6f}", flush=True)
    replay = graphed(update)
    print(f"pcd epoch 784x500 b512\tCUDA graph\t{milliseconds(lambda: epoch(replay)):.6f}", flush=True)


def coupling():
    for n, d in ((1024, 3072), (64, 196608)):
        x, s, t, dy = (randn(n, d) for _ in range(4))

        def forward():
            scale = torch.tanh(s)
            return x * torch.exp(scale) + t, scale.sum(1, dtype=torch.float64)

        def backward():
            tanh = torch.tanh(s)
            e = torch.exp(tanh)
            return dy * e, dy * x * e * (1 - tanh * tanh), dy.clone()

        report(f"coupling forward {n}x{d}", forward)
        report(f"coupling backward {n}x{d}", backward)


def products():
    for precision in PRECISIONS:
        dtype = set_precision(precision)
        a, b = randn(4096, 4096).to(dtype), randn(4096, 4096).to(dtype)
        report(f"matmul 4096 {precision}", lambda: a @ b, compile=False, graph=False)
        layers = [(1024, 512, 4), (512, 256, 8), (256, 128, 16), (128, 3, 32)]
        for i, (inputs, outputs, size) in enumerate(layers):
            for layout in (torch.contiguous_format, torch.channels_last):
                x = randn(128, inputs, size, size).to(dtype).to(memory_format=layout)
                w = randn(inputs, outputs, 4, 4, scale=0.05).to(dtype).to(memory_format=layout)
                report(
                    f"dcgan:deconv{i + 1} b128 {precision}",
                    lambda: F.conv_transpose2d(x, w, stride=2, padding=1),
                    compile=False,
                    graph=False,
                )
        for layout in (torch.contiguous_format, torch.channels_last):
            x = randn(128, 128, 32, 32).to(dtype).to(memory_format=layout)
            w = randn(128, 128, 3, 3, scale=0.05)
            w[:, :, 1, 2] = 0
            w[:, :, 2] = 0
            w = w.to(dtype).to(memory_format=layout)
            report(
                f"masked 3x3 128->128 32x32 b128 {precision}",
                lambda: F.conv2d(x, w, padding=1),
                compile=False,
                graph=False,
            )


def memory():
    set_precision("fp32")
    p = torch.nn.Parameter(randn(100_000_000))
    p.grad = randn(100_000_000)
    for fused in (False, True):
        adam = torch.optim.Adam([p], lr=1e-3, fused=fused, foreach=not fused)
        peer = "fused" if fused else "foreach"
        print(f"adam 100 million\tPyTorch {peer}\t{milliseconds(adam.step):.6f}", flush=True)
    x = randn(128, 128, 32, 32)
    gamma, beta, mean, var = (randn(128) for _ in range(4))
    var = var.abs()
    report(
        "batch norm forward 128x128x32x32",
        lambda: F.batch_norm(x, mean, var, gamma, beta, training=True),
        graph=False,
    )
    for rows, n in ((65536, 1024), (4096, 50000)):
        y = randn(rows, n)
        report(f"softmax {rows}x{n}", lambda: torch.softmax(y, 1), graph=False)


if __name__ == "__main__":
    for part in (gibbs, persistent_contrastive_divergence, coupling, products, memory):
        part()
