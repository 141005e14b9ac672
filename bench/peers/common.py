"""Python mirror of common.mjs: same shapes, PRNG, timing rule and JSON fields."""
import json, os, resource, sys, time, platform, math

W = {
    "W1": dict(kind="lstm", task="classify", vocab=10000, emb=64, hidden=64, layers=1, T=100, B=32, out=2, opt="adam", lr=1e-3),
    "W2": dict(kind="lstm", task="lm", vocab=64, emb=64, hidden=128, layers=1, T=64, B=32, out=64, opt="adam", lr=1e-3),
    "W3": dict(kind="lstm", task="lm", vocab=1000, emb=256, hidden=512, layers=2, T=32, B=32, out=1000, opt="sgd", lr=1.0),
    "W4": dict(kind="gru", task="regress", features=8, hidden=32, layers=1, T=60, B=64, out=1, opt="adam", lr=1e-3),
    "W5": dict(kind="lstm", task="generate", vocab=64, emb=64, hidden=128, layers=1, T=1, B=1, out=64, steps=500),
}
M32 = 0xFFFFFFFF


def mulberry32(seed):
    a = seed & M32

    def rnd():
        nonlocal a
        a = (a + 0x6D2B79F5) & M32
        t = a
        t = ((t ^ (t >> 15)) * (t | 1)) & M32
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & M32)) & M32
        return ((t ^ (t >> 14)) & M32) / 4294967296

    return rnd


def make_batch(name):
    w = W[name]
    rnd = mulberry32(1234)
    if w["task"] == "classify":
        ids, y = [], []
        for b in range(w["B"]):
            y.append(b & 1)
            for _ in range(w["T"]):
                half = y[b] if rnd() < 0.8 else 1 - y[b]
                ids.append(half * (w["vocab"] // 2) + int(rnd() * (w["vocab"] // 2)))
        return ids, y
    if w["task"] == "lm":
        ids, y = [], []
        for _ in range(w["B"]):
            c = int(rnd() * w["vocab"])
            for _ in range(w["T"]):
                ids.append(c)
                c = (5 * c + 3) % w["vocab"] if rnd() < 0.9 else int(rnd() * w["vocab"])
                y.append(c)
        return ids, y
    if w["task"] == "regress":
        x, y = [], []
        for _ in range(w["B"]):
            ph = rnd() * 6.283185307179586
            for t in range(w["T"]):
                for f in range(w["features"]):
                    x.append(math.sin(0.1 * (f + 1) * t + ph) + 0.1 * (rnd() - 0.5))
            y.append(math.sin(0.1 * w["T"] + ph))
        return x, y
    raise ValueError(name)


def median(a):
    s = sorted(a)
    m = len(s) // 2
    return s[m] if len(s) % 2 else (s[m - 1] + s[m]) / 2


BUDGET = float(os.environ.get("BENCH_BUDGET_MS", 5000)) / 1000
WARMUP = float(os.environ.get("BENCH_WARMUP_MS", 1000)) / 1000
MIN_ITERS = int(os.environ.get("BENCH_MIN_ITERS", 7))


def bench(fn, max_iters=2000):
    pc = time.perf_counter
    losses, times = [], []
    t00 = pc()
    losses.append(fn())
    first = pc() - t00
    if os.environ.get("BENCH_ONE"):  # cold-start runs
        return dict(ms=first * 1e3, ms_min=first * 1e3, ms_max=first * 1e3, iters=1, first_ms=first * 1e3)
    n = 1
    while n < 2 or pc() - t00 < WARMUP:
        losses.append(fn())
        n += 1
    c0, w0 = time.process_time(), pc()
    while len(times) < MIN_ITERS or (len(times) < max_iters and pc() - w0 < BUDGET):
        t = pc()
        v = fn()
        times.append(pc() - t)
        losses.append(v)
    wall, cpu = pc() - w0, time.process_time() - c0
    r = dict(ms=median(times) * 1e3, ms_min=min(times) * 1e3, ms_max=max(times) * 1e3, iters=len(times), warmup=n,
             first_ms=first * 1e3, cpu_ms=cpu * 1e3 / len(times), cpu_over_wall=cpu / wall)
    if isinstance(losses[0], float):
        r.update(loss_first=losses[0], loss_last=losses[-1], loss_steps=len(losses))
    return r


def emit(base, name, mode, r, **extra):
    o = {**base, "workload": name, "mode": mode, **r, **extra}
    w = W.get(name)
    if w and o.get("ms"):
        tokens = 1 if name == "W5" else w["B"] * w["T"]
        o["B"], o["T"] = w["B"], w["T"]
        o["tokens_per_s"] = tokens * 1000 / o["ms"]
    o["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    o["runtime"] = "python " + platform.python_version()
    for k, v in o.items():
        if isinstance(v, float):
            o[k] = float("%.5g" % v)
    print(json.dumps(o), flush=True)


def parse_args():
    opts, jobs = {}, []
    for a in sys.argv[1:]:
        if a.startswith("--"):
            k, _, v = a[2:].partition("=")
            opts[k] = v or True
            continue
        for j in a.split(","):
            name, _, m = j.partition(":")
            if m:
                jobs.append((name, m))
            elif name in ("W1", "W2", "W3", "W4"):
                jobs += [(name, "train"), (name, "infer")]
            else:
                jobs.append((name, "infer"))
    return opts, jobs
