// TensorFlow.js (layers API) on the cpu or wasm backend.
// usage: node tfjs.mjs --backend=cpu|wasm [--embed=gather|onehot|polyfill] W1 W2:train W5 W6 W7
//   recurrentInitializer is glorotUniform: the default, 'orthogonal' (a QR in JS), takes 6 s for 64x256 and minutes for
//   more (--orthogonal shows it).
//   gather: tf.layers.embedding (idiomatic).  onehot: tf.oneHot + dense kernel (where gather's gradient has no kernel).
//   polyfill: the missing kernel of that gradient is added.
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
} from './common.mjs'
const { opts, jobs } = parseArgs()
const backend = opts.backend ?? 'cpu'
const embed = opts.embed ?? 'gather'
const env = 'tfjs',
  peer = `tfjs-${backend}`
const t0 = performance.now()
const require = peerRequire(env)
const tf = require('@tensorflow/tfjs') // umbrella: core + layers + cpu backend (the modular packages lack the chained ops layers needs)
const L = tf
if (embed === 'polyfill')
  // the one kernel tfjs-wasm lacks for the gradient of gather / tf.layers.embedding
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs: { x, segmentIds }, backend: be, attrs: { numSegments } }) => {
      const inner = x.shape.slice(segmentIds.shape.length),
        d = inner.reduce((p, q) => p * q, 1)
      const xs = be.typedArrayFromHeap(x),
        ids = be.typedArrayFromHeap(segmentIds)
      const out = new Float32Array(numSegments * d)
      for (let i = 0; i < ids.length; i++)
        for (let j = 0, o = ids[i] * d, p = i * d; j < d; j++) out[o + j] += xs[p + j]
      return be.makeOutput([numSegments, ...inner], 'float32', undefined, out)
    },
  })
if (backend === 'wasm') {
  const wasm = require('@tensorflow/tfjs-backend-wasm')
  wasm.setThreadsCount(1)
}
await tf.setBackend(backend)
await tf.ready()
const import_ms = performance.now() - t0
const base = {
  peer: embed === 'gather' ? peer : `${peer}-${embed}`,
  version: peerVersion(env, '@tensorflow/tfjs'),
  import_ms,
}
if (backend === 'wasm')
  base.wasm_flags = `simd=${await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')} threads=${await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')}`

function build(name) {
  const w = W[name]
  const m = L.sequential()
  const seq = w.task === 'lm'
  if (w.vocab) {
    if (embed !== 'onehot')
      m.add(L.layers.embedding({ inputDim: w.vocab, outputDim: w.emb, inputLength: w.T }))
    else m.add(L.layers.dense({ units: w.emb, useBias: false, inputShape: [w.T, w.vocab] }))
  }
  const R = w.kind === 'gru' ? L.layers.gru : L.layers.lstm
  for (let i = 0; i < w.layers; i++)
    m.add(
      R({
        units: w.hidden,
        returnSequences: seq || i < w.layers - 1,
        recurrentActivation: 'sigmoid',
        recurrentInitializer: opts.orthogonal ? 'orthogonal' : 'glorotUniform',
        ...(w.features ? { inputShape: [w.T, w.features] } : {}),
      }),
    )
  const cls = w.task !== 'regress'
  const out = L.layers.dense({ units: w.out, activation: cls ? 'softmax' : undefined })
  m.add(seq ? L.layers.timeDistributed({ layer: out }) : out)
  return m
}
function tensors(name) {
  const w = W[name],
    d = makeBatch(name)
  if (w.task === 'regress')
    return { x: tf.tensor3d(d.x, [w.B, w.T, w.features]), y: tf.tensor2d(d.y, [w.B, 1]) }
  let x = tf.tensor2d(d.ids, [w.B, w.T], 'int32')
  if (embed === 'onehot') x = tf.tidy(() => tf.cast(tf.oneHot(x, w.vocab), 'float32'))
  else x = tf.cast(x, 'float32') // layers.embedding wants float or int; fit() passes float
  const y =
    w.task === 'lm'
      ? tf.tensor3d(Float32Array.from(d.y), [w.B, w.T, 1])
      : tf.tensor2d(Float32Array.from(d.y), [w.B, 1])
  return { x, y }
}

for (const [name, mode] of jobs) {
  const w = W[name]
  const tb = performance.now()
  try {
    if (/^W[1-4]$/.test(name)) {
      const m = build(name),
        build_ms = performance.now() - tb,
        { x, y } = tensors(name)
      if (mode === 'train') {
        m.compile({
          optimizer: w.opt === 'adam' ? tf.train.adam(w.lr) : tf.train.sgd(w.lr),
          loss: w.task === 'regress' ? 'meanSquaredError' : 'sparseCategoricalCrossentropy',
        })
        const mem0 = tf.memory().numTensors
        const r = await bench(async () => await m.trainOnBatch(x, y))
        emit({ ...base, workload: name, mode }, r, {
          build_ms,
          tensors_grown: tf.memory().numTensors - mem0,
          heap_tensor_mb: tf.memory().numBytes / 2 ** 20,
        })
      } else {
        const r = await bench(async () => {
          const o = m.predict(x, { batchSize: w.B })
          await o.data()
          o.dispose()
        })
        emit({ ...base, workload: name, mode }, r)
      }
      m.dispose()
      x.dispose()
      y.dispose()
    } else if (name === 'W5') {
      // (a) idiomatic: stateful LSTM layer, predict one char at a time
      const m = L.sequential()
      if (embed !== 'onehot')
        m.add(L.layers.embedding({ inputDim: w.vocab, outputDim: w.emb, batchInputShape: [1, 1] }))
      else m.add(L.layers.dense({ units: w.emb, useBias: false, batchInputShape: [1, 1, w.vocab] }))
      m.add(
        L.layers.lstm({
          units: w.hidden,
          stateful: true,
          recurrentActivation: 'sigmoid',
          recurrentInitializer: 'glorotUniform',
        }),
      )
      m.add(L.layers.dense({ units: w.out, activation: 'softmax' }))
      const steps = 100
      const gen = async () => {
        let c = 0
        m.resetStates()
        for (let i = 0; i < steps; i++) {
          c = tf.tidy(() => {
            const x =
              embed !== 'onehot'
                ? tf.tensor2d([c], [1, 1])
                : tf.cast(tf.oneHot(tf.tensor2d([c], [1, 1], 'int32'), w.vocab), 'float32')
            return tf.argMax(m.predict(x), 1).dataSync()[0]
          })
        }
      }
      const scale = (r, k) => {
        for (const q of ['ms', 'ms_min', 'ms_max', 'first_ms', 'cpu_ms']) r[q] /= k
        return r
      }
      emit({ ...base, workload: name, mode }, scale(await bench(gen), steps), { how: 'layers stateful predict' })
      // (b) low level: tf.basicLSTMCell in a tidy
      const K = tf.randomNormal([w.emb + w.hidden, 4 * w.hidden], 0, 0.1),
        bias = tf.zeros([4 * w.hidden])
      const E = tf.randomNormal([w.vocab, w.emb]),
        O = tf.randomNormal([w.hidden, w.out]),
        fb = tf.scalar(1)
      const gen2 = () => {
        let cc = tf.zeros([1, w.hidden]),
          h = tf.zeros([1, w.hidden]),
          c = 0
        for (let i = 0; i < steps; i++) {
          const [nc, nh, id] = tf.tidy(() => {
            const x = tf.gather(E, tf.tensor1d([c], 'int32'))
            const [c2, h2] = tf.basicLSTMCell(fb, K, bias, x, cc, h)
            return [c2, h2, tf.argMax(tf.matMul(h2, O), 1)]
          })
          cc.dispose()
          h.dispose()
          cc = nc
          h = nh
          c = id.dataSync()[0]
          id.dispose()
        }
        cc.dispose()
        h.dispose()
      }
      emit({ ...base, workload: name, mode }, scale(await bench(gen2), steps), { how: 'basicLSTMCell' })
    } else if (name === 'W6') {
      for (const n of GEMM_SIZES) {
        const a = tf.tensor2d(randomFloats(n * n, 1), [n, n]),
          b = tf.tensor2d(randomFloats(n * n, 2), [n, n])
        const r = await bench(
          () => {
            const c = tf.matMul(a, b)
            c.dispose()
          },
          { async: false },
        )
        emit({ ...base, workload: name, mode }, r, { n, gflops: gflops(n, r.ms) })
        const r2 = await bench(
          () => {
            const c = tf.matMul(a, b, false, true)
            c.dispose()
          },
          { async: false },
        ) // the form backward needs
        emit({ ...base, workload: name, mode: 'infer_bT' }, r2, { n, gflops: gflops(n, r2.ms) })
      }
    } else if (name === 'W7') {
      const a = tf.tensor1d(randomFloats(1e6, 1)),
        b = tf.tensor1d(randomFloats(1e6, 2))
      for (const [op, f] of [
        ['tanh', () => tf.tanh(a)],
        ['add', () => tf.add(a, b)],
      ])
        emit({ ...base, workload: name, mode },
          await bench(
            () => {
              f().dispose()
            },
            { async: false },
          ),
          { op },
        )
    }
  } catch (e) {
    emitError({ ...base, workload: name, mode }, e)
  }
}
