// brain.js. No mini-batches: one "step" here = trainPattern() on each of the B sequences in turn (B RMSprop updates).
// W1 does not exist in brain.js (a recurrent net has no classify-the-last-state head).
// W4 is GRUTimeStep 8 -> GRU(32) -> 8, next-step prediction at every step (a 1-wide target with an 8-wide input is
// refused).
// usage: node brain.mjs [--pkg=brainjs|brainjs2] [--seqs=N: train N sequences and scale to B] W2 W4 W5
import { parseArgs, peerRequire, peerVersion, bench, emit, emitError, makeBatch, W } from './common.mjs'
const { opts, jobs } = parseArgs()
const pkg = opts.pkg ?? 'brainjs'
const t0 = performance.now()
const brain = peerRequire(pkg)('brain.js')
const import_ms = performance.now() - t0
const base = {
  peer: pkg === 'brainjs' ? 'brain.js-1' : 'brain.js-2beta',
  version: peerVersion(pkg, 'brain.js'),
  import_ms,
}

function net(name) {
  const w = W[name],
    hiddenLayers = Array(w.layers).fill(w.hidden)
  const o = w.vocab
    ? { inputSize: w.emb, inputRange: w.vocab, outputSize: w.out, hiddenLayers }
    : { inputSize: w.features, outputSize: w.features, hiddenLayers }
  const n = w.vocab ? new brain.recurrent.LSTM(o) : new brain.recurrent.GRUTimeStep(o)
  n.initialize?.()
  n.trainOpts = {
    ...(n.constructor.trainDefaults ?? {}),
    ...n.trainOpts,
    learningRate: name === 'W3' ? 0.001 : 0.01,
  }
  return n
}
function sequences(name) {
  const w = W[name],
    d = makeBatch(name),
    out = []
  for (let b = 0; b < w.B; b++) {
    if (w.vocab) out.push(Array.from(d.ids.subarray(b * w.T, (b + 1) * w.T)))
    else
      out.push(
        Array.from({ length: w.T }, (_, t) =>
          d.x.slice((b * w.T + t) * w.features, (b * w.T + t + 1) * w.features),
        ),
      )
  }
  return out
}
for (const [name, mode] of jobs) {
  const w = W[name]
  try {
    if (name === 'W2' || name === 'W3' || name === 'W4') {
      const n = net(name),
        all = sequences(name),
        seqs = all.slice(0, Number(opts.seqs ?? w.B)),
        k = w.B / seqs.length
      let run = (s) => n.trainPattern(s, true)
      if (mode === 'infer') {
        if (name === 'W4')
          n.train(
            seqs.slice(0, 2).map((q) => q.map((v) => Array.from(v))),
            { iterations: 1, errorThresh: 0 },
          )
        else n.trainPattern(seqs[0], true)
        if (name === 'W4')
          run = (s) => {
            n.run(s)
          }
        else
          run = (s) => {
            for (let i = -1; i < s.length; i++) n.model.equations[i + 1].runIndex(i < 0 ? 0 : s[i] + 1)
          }
      }
      const arrays = name === 'W4' && seqs.map((q) => q.map((v) => Array.from(v)))
      const r = await bench(
        arrays && mode === 'train'
          ? () => n.train(arrays, { iterations: 1, errorThresh: 0 }).error
          : () => {
              let e = 0
              for (const s of seqs) e += run(s)
              return mode === 'train' ? e / seqs.length : undefined
            },
        { async: false },
      )
      for (const q of ['ms', 'ms_min', 'ms_max', 'first_ms', 'cpu_ms']) r[q] *= k
      emit({ ...base, workload: name, mode }, r, {
        scaled_from_seqs: seqs.length,
        note: 'sequential per-sequence RMSprop, no batching',
      })
    } else if (name === 'W5') {
      const n = net(name),
        steps = 100 // net.run() by hand: one unrolled equation per position, argmax feed-back
      n.trainPattern(sequences('W2')[0].concat(sequences('W2')[1]), true)
      const gen = () => {
        let c = 0
        for (let i = 0; i < steps; i++) {
          const o = n.model.equations[i].runIndex(c).weights
          c = 1
          for (let j = 1; j < o.length; j++) if (o[j] > o[c]) c = j
        }
      }
      const r = await bench(gen, { async: false })
      for (const q of ['ms', 'ms_min', 'ms_max', 'first_ms', 'cpu_ms']) r[q] /= steps
      emit({ ...base, workload: name, mode }, r, { how: 'equation.runIndex loop' })
    } else emitError({ ...base, workload: name, mode }, 'not expressible in brain.js')
  } catch (e) {
    emitError({ ...base, workload: name, mode }, e)
  }
}
