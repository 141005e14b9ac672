// Helpers of the tests: seeded values, comparisons, and naive float64 implementations written row by row and step by
// step, without packing, so that they share nothing with the kernels.
import { expect } from 'vitest'
import type { FloatArray, LstmGradients, Nonlinearity, SequenceGradients } from '../src/index.ts'

/** A small generator of numbers in [-1, 1); mulberry32. */
export function numbers(seed: number): () => number {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), s | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}

export const fill = (length: number, next: () => number): Float64Array => Float64Array.from({ length }, next)

export const to32 = (values: Float64Array): Float32Array => Float32Array.from(values)

/** The largest |a - b| over max(1, |b|); Infinity where one is NaN and the other not. */
export function difference(got: FloatArray, expected: ArrayLike<number>): number {
  expect(got.length).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < got.length; i += 1) {
    const e = expected[i]
    if (Object.is(got[i], e) || (Number.isNaN(got[i]) && Number.isNaN(e))) continue
    const d = Math.abs(got[i] - e) / Math.max(1, Math.abs(e))
    worst = Math.max(worst, Number.isNaN(d) ? Infinity : d)
  }
  return worst
}

export interface Case {
  readonly kind: 'elman' | 'gru' | 'lstm'
  readonly nonlinearity: Nonlinearity
  readonly batch: number
  readonly time: number
  readonly inputSize: number
  readonly hiddenSize: number
  readonly lengths?: Int32Array | undefined
  readonly reverse: boolean
  readonly input: Float64Array
  readonly initialHidden: Float64Array
  readonly initialCell: Float64Array
  readonly weightIh: Float64Array
  readonly weightHh: Float64Array
  readonly biasIh?: Float64Array | undefined
  readonly biasHh?: Float64Array | undefined
}

const gatesOf = { elman: 1, gru: 3, lstm: 4 }

export interface Shape extends Pick<Case, 'kind' | 'batch' | 'time' | 'inputSize' | 'hiddenSize'> {
  readonly nonlinearity?: Nonlinearity
  readonly lengths?: readonly number[] | undefined
  readonly reverse?: boolean
  readonly biases?: 'both' | 'input' | 'hidden' | 'none'
  readonly seed?: number
}

export function makeCase(shape: Shape): Case {
  const { kind, batch, time, inputSize, hiddenSize, lengths, biases = 'both', seed = 1 } = shape
  const next = numbers(seed)
  const width = gatesOf[kind] * hiddenSize
  return {
    kind, batch, time, inputSize, hiddenSize,
    nonlinearity: shape.nonlinearity ?? 'tanh',
    reverse: shape.reverse ?? false,
    lengths: lengths === undefined ? undefined : Int32Array.from(lengths),
    input: fill(batch * time * inputSize, next),
    initialHidden: fill(batch * hiddenSize, next),
    initialCell: fill(batch * hiddenSize, next),
    weightIh: fill(width * inputSize, next),
    weightHh: fill(width * hiddenSize, () => next() / Math.sqrt(hiddenSize)),
    biasIh: biases === 'both' || biases === 'input' ? fill(width, next) : undefined,
    biasHh: biases === 'both' || biases === 'hidden' ? fill(width, next) : undefined,
  }
}

/** Something added to one element of the state that step `t` of row `row` leaves, before it is used. */
export interface Push {
  readonly row: number
  readonly t: number
  readonly state: 'hidden' | 'cell'
  readonly unit: number
  readonly delta: number
}

/** The outputs of a case, one row and one step at a time. */
export function naiveForward(c: Case, push?: Push): { output: Float64Array; hidden: Float64Array; cell: Float64Array } {
  const { batch, time, inputSize, hiddenSize: n } = c
  const output = new Float64Array(batch * time * n)
  const hidden = new Float64Array(batch * n)
  const cell = new Float64Array(batch * n)
  for (let b = 0; b < batch; b += 1) {
    let h: Float64Array = c.initialHidden.slice(b * n, b * n + n)
    let s: Float64Array = c.initialCell.slice(b * n, b * n + n)
    const length = c.lengths === undefined ? time : c.lengths[b]
    for (let step = 0; step < length; step += 1) {
      const t = c.reverse ? length - 1 - step : step
      const x = c.input.subarray((b * time + t) * inputSize, (b * time + t + 1) * inputSize)
      ;({ h, s } = naiveStep(c, x, h, s, push?.row === b && push.t === t ? push : undefined))
      output.set(h, (b * time + t) * n)
    }
    hidden.set(h, b * n)
    cell.set(s, b * n)
  }
  return { output, hidden, cell }
}

function naiveStep(
  c: Case, x: Float64Array, h: Float64Array, s: Float64Array, push?: Push,
): { h: Float64Array; s: Float64Array } {
  const pushed = (state: 'hidden' | 'cell', j: number): number =>
    push?.state === state && push.unit === j ? push.delta : 0
  const n = c.hiddenSize
  const dot = (weights: Float64Array, row: number, v: Float64Array): number => {
    let sum = 0
    for (let i = 0; i < v.length; i += 1) sum += weights[row * v.length + i] * v[i]
    return sum
  }
  const fromInput = (row: number): number => dot(c.weightIh, row, x) + (c.biasIh === undefined ? 0 : c.biasIh[row])
  const fromHidden = (row: number): number => dot(c.weightHh, row, h) + (c.biasHh === undefined ? 0 : c.biasHh[row])
  const logistic = (v: number): number => 1 / (1 + Math.exp(-v))
  const nextH = new Float64Array(n)
  const nextS = s.slice()
  for (let j = 0; j < n; j += 1) {
    if (c.kind === 'elman') {
      const v = fromInput(j) + fromHidden(j)
      nextH[j] = c.nonlinearity === 'tanh' ? Math.tanh(v) : Math.max(v, 0)
    } else if (c.kind === 'gru') {
      const r = logistic(fromInput(j) + fromHidden(j))
      const z = logistic(fromInput(n + j) + fromHidden(n + j))
      const candidate = Math.tanh(fromInput(2 * n + j) + r * fromHidden(2 * n + j))
      nextH[j] = (1 - z) * candidate + z * h[j]
    } else {
      const i = logistic(fromInput(j) + fromHidden(j))
      const f = logistic(fromInput(n + j) + fromHidden(n + j))
      const g = Math.tanh(fromInput(2 * n + j) + fromHidden(2 * n + j))
      const o = logistic(fromInput(3 * n + j) + fromHidden(3 * n + j))
      nextS[j] = f * s[j] + i * g + pushed('cell', j)
      nextH[j] = o * Math.tanh(nextS[j])
    }
    nextH[j] += pushed('hidden', j)
  }
  return { h: nextH, s: nextS }
}

/** The parameters of a case that have gradients. */
export const differentiable = [
  'input', 'initialHidden', 'initialCell', 'weightIh', 'weightHh', 'biasIh', 'biasHh',
] as const

export type AnyGradients<A extends FloatArray> = SequenceGradients<A> & Partial<Pick<LstmGradients<A>, 'initialCell'>>
