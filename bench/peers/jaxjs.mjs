// @jax-js/jax on its wasm device (single thread in Node 20: no global Worker, so no pool).
// No RNN layers, no lax.scan: the time loop is unrolled in the trace, inside or outside jit.
// usage: node jaxjs.mjs [--jit=step|none] [--embed=gather|onehot|split] W1 W2:train W5 W6 W7
//   --jit=step: jit(one whole optimiser step)   none: eager valueAndGrad
//   --embed=gather: np.take inside the jitted loss; in 0.1.25 its gradient does not compile under jit
//           ('jit: routine primitive scatter input is not imm').  onehot: one-hot @ table.
//           split: gather and its vjp run eagerly outside jit, the rest is jitted.
import {
  parseArgs,
  peerRequire,
  peerVersion,
  bench,
  emit,
  emitError,
  makeBatch,
  W,
  randomFloats,
  GEMM_SIZES,
  gflops,
  ENV_ROOT,
} from './common.mjs'
import path from 'node:path'
const { opts, jobs } = parseArgs()
const mode_jit = opts.jit ?? 'step',
  embed = opts.embed ?? 'gather'
const t0 = performance.now()
const jax = await import(path.join(ENV_ROOT, 'jaxjs/node_modules/@jax-js/jax/dist/index.js'))
const { numpy: np, nn, jit, valueAndGrad, vjp, tree, random, init, defaultDevice } = jax
await init(opts.device ?? 'wasm') // plain init() throws 'navigator is not defined' on Node 20
defaultDevice(opts.device ?? 'wasm')
const import_ms = performance.now() - t0
const base = {
  peer: `jaxjs-${opts.device ?? 'wasm'}${mode_jit === 'step' ? '' : '-' + mode_jit}${embed === 'gather' ? '' : '-' + embed}`,
  version: peerVersion('jaxjs', '@jax-js/jax'),
  import_ms,
}

let seed = 10
const rnd = (shape, s) =>
  np
    .array(
      randomFloats(
        shape.reduce((a, b) => a * b, 1),
        seed++,
      ).map((v) => v * s),
    )
    .reshape(shape)
function params(name) {
  const w = W[name],
    p = { rnn: [] }
  if (w.vocab) p.emb = rnd([w.vocab, w.emb], 1)
  for (let i = 0, d = w.emb ?? w.features; i < w.layers; i++, d = w.hidden) {
    const g = w.kind === 'gru' ? 3 : 4,
      k = 1 / Math.sqrt(w.hidden)
    p.rnn.push({
      wx: rnd([d, g * w.hidden], k),
      wh: rnd([w.hidden, g * w.hidden], k),
      b: np.zeros([g * w.hidden]),
    })
  }
  p.wo = rnd([w.hidden, w.out], 1 / Math.sqrt(w.hidden))
  p.bo = np.zeros([w.out])
  return p
}
const gate = (z, i, H, last) => (last ? z : z.ref).slice([], [i * H, (i + 1) * H])
function lstmCell(zx, h, c, wh, H) {
  // zx = x@wx + b for this step; consumes zx,h,c; wh borrowed
  const z = zx.add(np.matmul(h, wh.ref))
  const i = nn.sigmoid(gate(z, 0, H)),
    f = nn.sigmoid(gate(z, 1, H)),
    g = np.tanh(gate(z, 2, H)),
    o = nn.sigmoid(gate(z, 3, H, true))
  c = f.mul(c).add(i.mul(g))
  return [o.mul(np.tanh(c.ref)), c]
}
function gruCell(zx, h, wh, H) {
  const hh = np.matmul(h.ref, wh.ref)
  const r = nn.sigmoid(gate(zx, 0, H).add(gate(hh, 0, H))),
    u = nn.sigmoid(gate(zx, 1, H).add(gate(hh, 1, H)))
  const n = np.tanh(gate(zx, 2, H, true).add(r.mul(gate(hh, 2, H, true))))
  return u.ref.mul(h).add(np.subtract(1, u).mul(n))
}
function forward(p, x, w) {
  // consumes p, x
  const { B, T, hidden: H } = w,
    seq = w.task === 'lm'
  let xs // rows are [t,b]
  if (!w.vocab || !p.emb) xs = x.reshape([B * T, -1])
  else if (embed === 'onehot') xs = np.matmul(nn.oneHot(x.reshape([-1]), w.vocab), p.emb)
  else xs = np.take(p.emb, x.reshape([-1]), 0)
  let last
  p.rnn.forEach((l, li) => {
    const g = w.kind === 'gru' ? 3 : 4
    const zx = np
      .matmul(xs, l.wx)
      .add(l.b)
      .reshape([T, B, g * H])
    let h = np.zeros([B, H]),
      c = np.zeros([B, H])
    const hs = [],
      keep = seq || li < w.layers - 1
    for (let t = 0; t < T; t++) {
      const z = zx.ref.slice(t)
      if (w.kind === 'gru') h = gruCell(z, h, l.wh, H)
      else [h, c] = lstmCell(z, h, c, l.wh, H)
      if (keep) hs.push(h.ref)
    }
    zx.dispose()
    l.wh.dispose()
    c.dispose()
    if (keep) {
      h.dispose()
      xs = np.concatenate(hs, 0)
    } else last = h
  })
  return np.matmul(seq ? xs : last, p.wo).add(p.bo)
}
function lossFn(w) {
  return (p, x, y) => {
    const o = forward(p, x, w)
    if (w.task === 'regress') return np.square(o.reshape([-1]).sub(y)).mean()
    return nn.logSoftmax(o, -1).mul(nn.oneHot(y, w.out)).sum(-1).mean().neg()
  }
}
function data(name) {
  // time-major, so that a step's slice is contiguous
  const w = W[name],
    d = makeBatch(name),
    { B, T } = w
  if (w.task === 'regress')
    return [np.array(d.x).reshape([B, T, w.features]).transpose([1, 0, 2]), np.array(d.y)]
  const tm = (a) => {
    const r = new Int32Array(a.length)
    for (let b = 0; b < B; b++) for (let t = 0; t < T; t++) r[t * B + b] = a[b * T + t]
    return r
  }
  const x = np.array(tm(d.ids), { dtype: np.int32 })
  return [x, np.array(w.task === 'lm' ? tm(d.y) : d.y, { dtype: np.int32 })]
}
function makeUpdate(w) {
  // (p, m, v, g, k1, k2) -> [p, m, v], consumes all; m and v are [] for SGD
  const b1 = 0.9,
    b2 = 0.999,
    eps = 1e-8
  return (p, m, v, g, k1, k2) => {
    if (w.opt === 'sgd') {
      k1.dispose()
      k2.dispose()
      return [tree.map((a, d) => a.sub(d.mul(w.lr)), p, g), m, v]
    }
    m = tree.map((a, d) => a.mul(b1).add(d.mul(1 - b1)), m, tree.ref(g))
    v = tree.map((a, d) => a.mul(b2).add(np.square(d).mul(1 - b2)), v, g)
    p = tree.map(
      (a, mm, vv) =>
        a.sub(
          mm
            .mul(k1.ref)
            .div(np.sqrt(vv.mul(k2.ref)).add(eps))
            .mul(w.lr),
        ),
      p,
      tree.ref(m),
      tree.ref(v),
    )
    k1.dispose()
    k2.dispose()
    return [p, m, v]
  }
}
function makeStep(w) {
  const J = mode_jit === 'step' ? jit : (f) => f
  const update = makeUpdate(w)
  if (embed !== 'split' || !w.vocab) {
    const vg = valueAndGrad(lossFn(w))
    return J((p, m, v, k1, k2, x, y) => {
      const [loss, g] = vg(tree.ref(p), x, y)
      return [...update(p, m, v, g, k1, k2), loss]
    })
  }
  const vg = J(valueAndGrad(lossFn(w), { argnums: [0, 1] })),
    upd = J(update)
  return (p, m, v, k1, k2, x, y) => {
    const { emb, ...rest } = p
    const [xs, back] = vjp((e) => np.take(e, x.reshape([-1]), 0), [emb.ref])
    const [loss, [g, gx]] = vg(tree.ref(rest), xs, y)
    const [ge] = back(gx)
    back.dispose()
    const gg = Object.fromEntries(Object.keys(p).map((k) => [k, k === 'emb' ? ge : g[k]])) // tree.map pairs leaves by key ORDER, not by name
    return [...upd(p, m, v, gg, k1, k2), loss]
  }
}
for (const [name, mode] of jobs) {
  const w = W[name]
  try {
    if (/^W[1-4]$/.test(name)) {
      const [x, y] = data(name)
      let p = params(name)
      if (mode === 'train') {
        const z = () => (w.opt === 'sgd' ? [] : tree.map((a) => np.zeros(a.shape), p))
        let m = z(),
          v = z(),
          k = 0
        const step = makeStep(w)
        const r = await bench(async () => {
          k++
          let loss
          ;[p, m, v, loss] = step(
            p,
            m,
            v,
            np.array(1 / (1 - 0.9 ** k)),
            np.array(1 / (1 - 0.999 ** k)),
            x.ref,
            y.ref,
          )
          await jax.blockUntilReady(p)
          return (await loss.data())[0]
        })
        emit({ ...base, workload: name, mode }, r, { jit: mode_jit })
      } else {
        const f0 = (p, x) => forward(p, x, w),
          f = mode_jit === 'none' ? f0 : jit(f0)
        emit({ ...base, workload: name, mode },
          await bench(async () => {
            await f(tree.ref(p), x.ref).data()
          }),
          { jit: mode_jit },
        )
      }
    } else if (name === 'W5') {
      const p = params('W5'),
        l = p.rnn[0],
        H = w.hidden
      const f0 = (id, h, c) => {
        const zx = np.matmul(np.take(p.emb.ref, id, 0), l.wx.ref).add(l.b.ref)
        const [h2, c2] = lstmCell(zx, h, c, l.wh, H)
        return [np.argmax(np.matmul(h2.ref, p.wo.ref).add(p.bo.ref), 1), h2, c2]
      }
      const f = mode_jit === 'none' ? f0 : jit(f0)
      const steps = 200
      const gen = async () => {
        let id = np.array(new Int32Array([0]), { dtype: np.int32 }),
          h = np.zeros([1, H]),
          c = np.zeros([1, H])
        for (let i = 0; i < steps; i++) {
          let o
          ;[o, h, c] = f(id, h, c)
          const k = o.dataSync()[0] // what a generation loop needs on the host
          id = np.array(new Int32Array([k]), { dtype: np.int32 })
        }
        id.dispose()
        h.dispose()
        c.dispose()
      }
      const r = await bench(gen)
      for (const q of ['ms', 'ms_min', 'ms_max', 'first_ms', 'cpu_ms']) r[q] /= steps
      emit({ ...base, workload: name, mode }, r, { jit: mode_jit })
    } else if (name === 'W6') {
      for (const n of GEMM_SIZES) {
        const a = np.array(randomFloats(n * n, 1)).reshape([n, n]),
          b = np.array(randomFloats(n * n, 2)).reshape([n, n])
        const r = await bench(async () => {
          const c = np.matmul(a.ref, b.ref)
          await c.blockUntilReady()
          c.dispose()
        })
        emit({ ...base, workload: name, mode }, r, { n, gflops: gflops(n, r.ms) })
        const r2 = await bench(async () => {
          const c = np.matmul(a.ref, b.ref.transpose())
          await c.blockUntilReady()
          c.dispose()
        })
        emit({ ...base, workload: name, mode: 'infer_bT' }, r2, { n, gflops: gflops(n, r2.ms) })
      }
    } else if (name === 'W7') {
      const a = np.array(randomFloats(1e6, 1)),
        b = np.array(randomFloats(1e6, 2))
      for (const [op, f] of [
        ['tanh', () => np.tanh(a.ref)],
        ['add', () => np.add(a.ref, b.ref)],
      ])
        emit({ ...base, workload: name, mode },
          await bench(async () => {
            const c = f()
            await c.blockUntilReady()
            c.dispose()
          }),
          { op },
        )
    }
  } catch (e) {
    emitError({ ...base, workload: name, mode }, e)
  }
}
