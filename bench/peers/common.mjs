// Shared by every JS peer: workload shapes, deterministic data, timing loop, JSON-line output.
// common.py mirrors this file exactly (same PRNG, same shapes, same fields).
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createRequire } from 'node:module'
import fs from 'node:fs'

const HERE = path.dirname(fileURLToPath(import.meta.url))
/** Folder holding one npm project per peer (env/<peer>/node_modules). */
export const ENV_ROOT = process.env.PEER_ENV ?? path.resolve(HERE, '../runs/peers')

/** `require` that resolves inside env/<peer>. */
export function peerRequire(peer) {
  return createRequire(path.join(ENV_ROOT, peer, 'package.json'))
}
export function peerVersion(peer, pkg) {
  return JSON.parse(fs.readFileSync(path.join(ENV_ROOT, peer, 'node_modules', pkg, 'package.json'), 'utf8'))
    .version
}
export function peerImport(file) {
  return import(pathToFileURL(file).href)
}

// ---------------------------------------------------------------- workloads
export const W = {
  W1: {
    kind: 'lstm',
    task: 'classify',
    vocab: 10000,
    emb: 64,
    hidden: 64,
    layers: 1,
    T: 100,
    B: 32,
    out: 2,
    opt: 'adam',
    lr: 1e-3,
  },
  W2: {
    kind: 'lstm',
    task: 'lm',
    vocab: 64,
    emb: 64,
    hidden: 128,
    layers: 1,
    T: 64,
    B: 32,
    out: 64,
    opt: 'adam',
    lr: 1e-3,
  },
  W3: {
    kind: 'lstm',
    task: 'lm',
    vocab: 1000,
    emb: 256,
    hidden: 512,
    layers: 2,
    T: 32,
    B: 32,
    out: 1000,
    opt: 'sgd',
    lr: 1.0,
  },
  W4: {
    kind: 'gru',
    task: 'regress',
    features: 8,
    hidden: 32,
    layers: 1,
    T: 60,
    B: 64,
    out: 1,
    opt: 'adam',
    lr: 1e-3,
  },
  W5: {
    kind: 'lstm',
    task: 'generate',
    vocab: 64,
    emb: 64,
    hidden: 128,
    layers: 1,
    T: 1,
    B: 1,
    out: 64,
    steps: 500,
  },
}

// ---------------------------------------------------------------- data
export function mulberry32(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
/** One fixed batch per workload. ids are row-major [B,T]; W4 x is [B,T,8]. */
export function makeBatch(name) {
  const w = W[name]
  const rnd = mulberry32(1234)
  if (w.task === 'classify') {
    const ids = new Int32Array(w.B * w.T),
      y = new Int32Array(w.B)
    for (let b = 0; b < w.B; b++) {
      y[b] = b & 1 // class = which half of the vocabulary most words come from
      for (let t = 0; t < w.T; t++) {
        const half = rnd() < 0.8 ? y[b] : 1 - y[b]
        ids[b * w.T + t] = half * (w.vocab / 2) + Math.floor(rnd() * (w.vocab / 2))
      }
    }
    return { ids, y }
  }
  if (w.task === 'lm') {
    const ids = new Int32Array(w.B * w.T),
      y = new Int32Array(w.B * w.T)
    for (let b = 0; b < w.B; b++) {
      let c = Math.floor(rnd() * w.vocab)
      for (let t = 0; t < w.T; t++) {
        ids[b * w.T + t] = c
        c = rnd() < 0.9 ? (5 * c + 3) % w.vocab : Math.floor(rnd() * w.vocab)
        y[b * w.T + t] = c
      }
    }
    return { ids, y }
  }
  if (w.task === 'regress') {
    const F = w.features,
      x = new Float32Array(w.B * w.T * F),
      y = new Float32Array(w.B)
    for (let b = 0; b < w.B; b++) {
      const ph = rnd() * 6.283185307179586
      for (let t = 0; t < w.T; t++)
        for (let f = 0; f < F; f++)
          x[(b * w.T + t) * F + f] = Math.sin(0.1 * (f + 1) * t + ph) + 0.1 * (rnd() - 0.5)
      y[b] = Math.sin(0.1 * w.T + ph)
    }
    return { x, y }
  }
  throw new Error(name)
}
export function randomFloats(n, seed) {
  const r = mulberry32(seed),
    a = new Float32Array(n)
  for (let i = 0; i < n; i++) a[i] = r() * 2 - 1
  return a
}

// ---------------------------------------------------------------- timing
export const median = (a) => {
  const s = [...a].sort((x, y) => x - y),
    m = s.length >> 1
  return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2
}
const BUDGET = Number(process.env.BENCH_BUDGET_MS ?? 5000)
const MIN_ITERS = Number(process.env.BENCH_MIN_ITERS ?? 7)

/** fn may be async and may return a loss. Runs >=2 warm-ups (and >= 1 s of them), then >=7 timed (and >= 5 s). */
export async function bench(
  fn,
  {
    minIters = MIN_ITERS,
    maxIters = 2000,
    budgetMs = BUDGET,
    warmupMs = Number(process.env.BENCH_WARMUP_MS ?? 1000),
    minWarm = 2,
    async: isAsync = true,
  } = {},
) {
  const losses = [],
    times = []
  const t00 = performance.now()
  let v = isAsync ? await fn() : fn()
  const first = performance.now() - t00
  losses.push(v)
  // One step only, for what takes minutes.
  if (process.env.BENCH_ONE) return { ms: first, ms_min: first, ms_max: first, iters: 1, first_ms: first }
  let n = 1
  while (n < minWarm || performance.now() - t00 < warmupMs) {
    v = isAsync ? await fn() : fn()
    losses.push(v)
    n++
  }
  const cpu0 = process.cpuUsage(),
    w0 = performance.now()
  while (times.length < minIters || (times.length < maxIters && performance.now() - w0 < budgetMs)) {
    const t = performance.now()
    v = isAsync ? await fn() : fn()
    times.push(performance.now() - t)
    losses.push(v)
  }
  const wall = performance.now() - w0,
    cpu = process.cpuUsage(cpu0)
  return {
    ms: median(times),
    ms_min: Math.min(...times),
    ms_max: Math.max(...times),
    iters: times.length,
    warmup: n,
    first_ms: first,
    cpu_ms: (cpu.user + cpu.system) / 1000 / times.length,
    cpu_over_wall: (cpu.user + cpu.system) / 1000 / wall,
    ...(typeof losses[0] === 'number'
      ? { loss_first: losses[0], loss_last: losses[losses.length - 1], loss_steps: losses.length }
      : {}),
  }
}

const round = (x) => (typeof x === 'number' && !Number.isInteger(x) ? Number(x.toPrecision(5)) : x)
/** One JSON line per measurement; the only thing on stdout. */
export function emit(base, r, extra = {}) {
  const w = W[base.workload]
  const o = { ...base, ...r, ...extra }
  if (w && o.ms) {
    const tokens = base.workload === 'W5' ? 1 : w.B * w.T
    o.tokens_per_s = (tokens * 1000) / o.ms
  }
  o.rss_mb = process.resourceUsage().maxRSS / 1024
  o.runtime = `node ${process.version}`
  for (const k of Object.keys(o)) o[k] = round(o[k])
  process.stdout.write(`${JSON.stringify(o)}\n`)
}
export function emitError(base, e) {
  const error = String(e?.message ?? e).split('\n')[0].slice(0, 300)
  process.stdout.write(`${JSON.stringify({ ...base, error, runtime: `node ${process.version}` })}\n`)
}
/** argv: node peer.mjs [variant] W1,W2:train,W6 ... -> [{name, modes}] */
export function parseArgs(argv = process.argv.slice(2)) {
  const opts = {},
    jobs = []
  for (const a of argv) {
    if (a.startsWith('--')) {
      const [k, v] = a.slice(2).split('=')
      opts[k] = v ?? true
      continue
    }
    for (const j of a.split(',')) {
      const [name, m] = j.split(':')
      if (m) jobs.push([name, m])
      else if (/^W[1-4]$/.test(name)) jobs.push([name, 'train'], [name, 'infer'])
      else jobs.push([name, 'infer'])
    }
  }
  return { opts, jobs }
}
export const GEMM_SIZES = [256, 512, 1024]
export const gflops = (n, ms) => (2 * n ** 3) / ms / 1e6
