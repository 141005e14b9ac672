// ONNX Runtime, inference only (no training API in either npm package), one thread.
// usage: node ort.mjs --pkg=onnxruntime|ortweb W1:infer W2:infer W5 W6 W7     (after make_onnx.py)
import {
  parseArgs,
  bench,
  emit,
  emitError,
  makeBatch,
  W,
  randomFloats,
  GEMM_SIZES,
  gflops,
  ENV_ROOT,
  peerVersion,
  peerRequire,
} from './common.mjs'
import path from 'node:path'
import fs from 'node:fs'
const { opts, jobs } = parseArgs()
const pkg = opts.pkg ?? 'onnxruntime'
const t0 = performance.now()
let ort
if (pkg === 'onnxruntime') ort = peerRequire(pkg)('onnxruntime-node')
else {
  ort = await import(path.join(ENV_ROOT, 'ortweb/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs'))
  ort.env.wasm.numThreads = 1
}
const import_ms = performance.now() - t0
const base = {
  peer: pkg === 'onnxruntime' ? 'onnxruntime-node' : 'onnxruntime-web-wasm',
  version: peerVersion(pkg, pkg === 'onnxruntime' ? 'onnxruntime-node' : 'onnxruntime-web'),
  import_ms,
}
const so = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  executionProviders: [pkg === 'onnxruntime' ? 'cpu' : 'wasm'],
}
const load = (n) =>
  ort.InferenceSession.create(fs.readFileSync(path.join(ENV_ROOT, 'onnx_models', `${n}.onnx`)), so)
const T = (type, data, dims) => new ort.Tensor(type, data, dims)
for (const [name, mode] of jobs) {
  const w = W[name]
  try {
    if (mode === 'train') {
      emitError({ ...base, workload: name, mode }, 'no training API')
      continue
    }
    if (/^W[1-4]$/.test(name)) {
      const s = await load(name),
        d = makeBatch(name)
      let x
      if (w.vocab) {
        const a = new BigInt64Array(w.T * w.B)
        for (let b = 0; b < w.B; b++)
          for (let t = 0; t < w.T; t++) a[t * w.B + b] = BigInt(d.ids[b * w.T + t])
        x = T('int64', a, [w.T, w.B])
      } else {
        const a = new Float32Array(d.x.length),
          F = w.features
        for (let b = 0; b < w.B; b++)
          for (let t = 0; t < w.T; t++)
            for (let f = 0; f < F; f++) a[(t * w.B + b) * F + f] = d.x[(b * w.T + t) * F + f]
        x = T('float32', a, [w.T, w.B, F])
      }
      emit({ ...base, workload: name, mode },
        await bench(async () => {
          await s.run({ x })
        }),
      )
    } else if (name === 'W5') {
      const s = await load('W5'),
        steps = 300
      const r = await bench(async () => {
        let h0 = T('float32', new Float32Array(w.hidden), [1, 1, w.hidden]),
          c0 = h0,
          x = T('int64', new BigInt64Array([0n]), [1, 1])
        for (let i = 0; i < steps; i++) {
          const o = await s.run({ x, h0, c0 })
          h0 = o.h1
          c0 = o.c1
          x = o.y
          void x.data[0]
        }
      })
      for (const q of ['ms', 'ms_min', 'ms_max', 'first_ms', 'cpu_ms']) r[q] /= steps
      emit({ ...base, workload: name, mode }, r)
    } else if (name === 'W6') {
      for (const n of GEMM_SIZES) {
        const s = await load(`gemm${n}`),
          a = T('float32', randomFloats(n * n, 1), [n, n]),
          b = T('float32', randomFloats(n * n, 2), [n, n])
        const r = await bench(async () => {
          await s.run({ a, b })
        })
        emit({ ...base, workload: name, mode }, r, { n, gflops: gflops(n, r.ms) })
      }
    } else if (name === 'W7') {
      const a = T('float32', randomFloats(1e6, 1), [1e6]),
        b = T('float32', randomFloats(1e6, 2), [1e6])
      for (const op of ['tanh', 'add']) {
        const s = await load(op)
        emit({ ...base, workload: name, mode },
          await bench(async () => {
            await s.run(op === 'add' ? { a, b } : { a })
          }),
          { op },
        )
      }
    }
  } catch (e) {
    emitError({ ...base, workload: name, mode }, e)
  }
}
