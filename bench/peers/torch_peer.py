"""PyTorch CPU, one thread. Run with /usr/bin/python3 (Debian torch 1.13) or the torch 2.x venv.
usage: torch_peer.py [--peer=name] W1 W2:train W5 W6 W7"""
import time
_t0 = time.perf_counter()
import torch
IMPORT_MS = (time.perf_counter() - _t0) * 1e3
import torch.nn as nn, torch.nn.functional as F
from common import *

torch.set_num_threads(1)
torch.manual_seed(0)
opts, jobs = parse_args()
base = dict(peer=opts.get("peer", "torch-" + torch.__version__), version=torch.__version__, import_ms=IMPORT_MS)


class Net(nn.Module):
    def __init__(s, w):
        super().__init__()
        s.w = w
        if "vocab" in w:
            s.emb = nn.Embedding(w["vocab"], w["emb"])
        R = nn.GRU if w["kind"] == "gru" else nn.LSTM
        s.rnn = R(w.get("emb", w.get("features")), w["hidden"], num_layers=w["layers"], batch_first=True)
        s.out = nn.Linear(w["hidden"], w["out"])

    def forward(s, x, st=None):
        if "vocab" in s.w:
            x = s.emb(x)
        h, st = s.rnn(x, st)
        if s.w["task"] in ("classify", "regress"):
            h = h[:, -1]
        return s.out(h), st


def data(name):
    w = W[name]
    a, y = make_batch(name)
    if w["task"] == "regress":
        return torch.tensor(a, dtype=torch.float32).view(w["B"], w["T"], -1), torch.tensor(y, dtype=torch.float32)
    return torch.tensor(a).view(w["B"], w["T"]), torch.tensor(y)


for name, mode in jobs:
    w = W.get(name)
    if name in ("W1", "W2", "W3", "W4"):
        net = Net(w)
        x, y = data(name)
        if mode == "train":
            opt = torch.optim.Adam(net.parameters(), w["lr"]) if w["opt"] == "adam" else torch.optim.SGD(net.parameters(), w["lr"])

            def step():
                opt.zero_grad(set_to_none=True)
                o, _ = net(x)
                loss = F.mse_loss(o[:, 0], y) if w["task"] == "regress" else F.cross_entropy(o.reshape(-1, w["out"]), y.reshape(-1))
                loss.backward()
                opt.step()
                return loss.item()

            emit(base, name, mode, bench(step))
        else:
            net.eval()

            def fwd():
                with torch.inference_mode():
                    return net(x)[0].sum().item() * 0 or None

            emit(base, name, mode, bench(fwd))
    elif name == "W5":
        net = Net(w).eval()
        # two ways: nn.LSTM with T=1, and nn.LSTMCell (less overhead)
        cell = nn.LSTMCell(w["emb"], w["hidden"])
        for how in ("nn.LSTM", "nn.LSTMCell"):
            def gen():
                with torch.inference_mode():
                    c = 0
                    st = None
                    h = torch.zeros(1, w["hidden"]); cc = torch.zeros(1, w["hidden"])
                    for _ in range(w["steps"]):
                        if how == "nn.LSTM":
                            o, st = net(torch.tensor([[c]]), st)
                            lg = o[0, 0]
                        else:
                            h, cc = cell(net.emb(torch.tensor([c])), (h, cc))
                            lg = net.out(h)[0]
                        c = int(torch.argmax(lg))
            r = bench(gen)
            for k in ("ms", "ms_min", "ms_max", "first_ms", "cpu_ms"):
                r[k] /= w["steps"]
            emit(base, name, mode, r, how=how)
    elif name == "W6":
        for n in (256, 512, 1024):
            a, b = torch.rand(n, n) - .5, torch.rand(n, n) - .5
            c = torch.empty(n, n)
            r = bench(lambda: (torch.mm(a, b, out=c), None)[1])
            emit(base, name, mode, r, n=n, gflops=2 * n**3 / r["ms"] / 1e6)
    elif name == "W7":
        a, b, c = torch.rand(10**6) * 2 - 1, torch.rand(10**6) * 2 - 1, torch.empty(10**6)
        for op, f in (("tanh", lambda: (torch.tanh(a, out=c), None)[1]), ("add", lambda: (torch.add(a, b, out=c), None)[1]),
                      ("tanh_alloc", lambda: (torch.tanh(a), None)[1]), ("add_alloc", lambda: (a + b, None)[1])):
            emit(base, name, mode, bench(f), op=op)
    elif name == "cold":
        pass
