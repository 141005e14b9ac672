// Changes of parameters by Adam and SGD on every backend, against float64: values, moments, tails, errors.
import { describe, expect, it } from 'vitest'
import { adam, availableBackends, sgd, useBackend } from '../src/index.ts'
import type { AdamChange, FloatArray, SgdChange } from '../src/index.ts'
import { difference, fill, numbers, to32 } from './support.ts'

/** Lengths of no whole group of four, and of more than one piece. */
const lengths = [0, 1, 3, 4, 7, 2047, 8197]

const adamForms: readonly (readonly [string, AdamChange & { readonly amsgrad?: boolean }])[] = [
  ['plain', { learningRate: 0.01, betas: [0.9, 0.999], epsilon: 1e-8, step: 3 }],
  ['penalised', { learningRate: 0.1, betas: [0.8, 0.99], epsilon: 1e-3, step: 1, penalty: 0.3 }],
  ['shrunk', { learningRate: 0.1, betas: [0, 0.9], epsilon: 1e-8, step: 2, shrink: 0.05 }],
  ['AMSGrad', { learningRate: 0.01, betas: [0.9, 0.999], epsilon: 1e-8, step: 9, amsgrad: true }],
]

const sgdForms: readonly (readonly [string, SgdChange & { readonly moves?: boolean }])[] = [
  ['plain', { learningRate: 0.1 }],
  ['penalised', { learningRate: 0.1, penalty: 0.3 }],
  ['momentum, the first time', { learningRate: 0.1, momentum: 0.9, moves: true }],
  ['momentum', { learningRate: 0.1, momentum: 0.9, dampening: 0.1, step: 2, moves: true }],
  ['Nesterov, the first time', { learningRate: 0.1, momentum: 0.9, nesterov: true, moves: true }],
  ['Nesterov', { learningRate: 0.1, momentum: 0.9, nesterov: true, penalty: 0.2, step: 5, moves: true }],
]

/** Arrays as Adam changes them: some rows have never had a gradient. */
function adamCase(length: number, amsgrad: boolean) {
  const next = numbers(length + 1)
  const still = (i: number) => i % 5 === 0
  const some = (of: () => number) => Float64Array.from({ length }, (_, i) => (still(i) ? 0 : of()))
  return {
    values: fill(length, next),
    gradient: some(next),
    firstMoment: some(next),
    secondMoment: some(() => next() ** 2),
    ...(amsgrad && { largestSecondMoment: some(() => next() ** 2) }),
  }
}

function sgdCase(length: number, moves: boolean) {
  const next = numbers(length + 1)
  return { values: fill(length, next), gradient: fill(length, next), ...(moves && { velocity: fill(length, next) }) }
}

const single = <T extends Readonly<Record<string, Float64Array>>>(arrays: T) => {
  const pairs = Object.entries(arrays).map(([name, values]) => [name, to32(values)])
  return Object.fromEntries(pairs) as Record<keyof T, Float32Array>
}

type Arrays = Readonly<Record<string, FloatArray>>

function expectAlike(got: Arrays, expected: Arrays, tolerance = 1e-6): void {
  for (const [name, values] of Object.entries(expected)) {
    expect(difference(got[name], values), name).toBeLessThan(tolerance)
  }
}

/** The equations of Kingma & Ba, written with the corrected moments. */
function adamByTheBook(c: ReturnType<typeof adamCase>, o: AdamChange): void {
  const [beta1, beta2] = o.betas
  for (let i = 0; i < c.values.length; i += 1) {
    const g = c.gradient[i] + (o.penalty ?? 0) * c.values[i]
    c.firstMoment[i] = beta1 * c.firstMoment[i] + (1 - beta1) * g
    c.secondMoment[i] = beta2 * c.secondMoment[i] + (1 - beta2) * g ** 2
    let v = c.secondMoment[i]
    if (c.largestSecondMoment) v = c.largestSecondMoment[i] = Math.max(c.largestSecondMoment[i], v)
    c.values[i] *= 1 - (o.shrink ?? 0)
    c.values[i] -=
      (o.learningRate * (c.firstMoment[i] / (1 - beta1 ** o.step))) / (Math.sqrt(v / (1 - beta2 ** o.step)) + o.epsilon)
  }
}

function sgdByTheBook(c: ReturnType<typeof sgdCase>, o: SgdChange): void {
  const { momentum = 0, dampening = 0, step = 1 } = o
  for (let i = 0; i < c.values.length; i += 1) {
    const g = c.gradient[i] + (o.penalty ?? 0) * c.values[i]
    const v = step === 1 || !c.velocity ? g : momentum * c.velocity[i] + (1 - dampening) * g
    if (c.velocity) c.velocity[i] = v
    c.values[i] -= o.learningRate * (o.nesterov === true ? g + momentum * v : v)
  }
}

describe.each(adamForms)('adam, %s', (_, { amsgrad = false, ...options }) => {
  it.each(lengths)('in float64 follows the equations, %i elements', (length) => {
    const [got, expected] = [adamCase(length, amsgrad), adamCase(length, amsgrad)]
    adam(got, options)
    adamByTheBook(expected, options)
    expectAlike(got, expected, 1e-14)
  })

  it.each(availableBackends())('in float32 on %s comes close', (name) => {
    for (const length of lengths) {
      const [got, expected] = [single(adamCase(length, amsgrad)), adamCase(length, amsgrad)]
      useBackend(name, () => { adam(got, options) })
      adamByTheBook(expected, options)
      expectAlike(got, expected)
    }
  })
})

describe.each(sgdForms)('sgd, %s', (_, { moves = false, ...options }) => {
  it.each(availableBackends())('in float64, and in float32 on %s, follows the equations', (name) => {
    for (const length of lengths) {
      const [double, got, expected] = [sgdCase(length, moves), single(sgdCase(length, moves)), sgdCase(length, moves)]
      sgd(double, options)
      useBackend(name, () => { sgd(got, options) })
      sgdByTheBook(expected, options)
      expectAlike(double, expected)
      expectAlike(got, expected)
    }
  })
})

describe.each(availableBackends())('on %s', (name) => {
  const options = { learningRate: 0.1, betas: [0.9, 0.999], epsilon: 1e-8, step: 1 } as const

  it('an element changes alike whatever stands beside it', () => {
    const [whole, parts] = [single(adamCase(4101, false)), single(adamCase(4101, false))]
    useBackend(name, () => {
      adam(whole, options)
      for (const [begin, end] of [[0, 5], [5, 2050], [2050, 4101]] as const) {
        const part = (array: Float32Array) => array.subarray(begin, end)
        const { values, gradient, firstMoment, secondMoment } = parts
        adam(
          {
            values: part(values), gradient: part(gradient), firstMoment: part(firstMoment),
            secondMoment: part(secondMoment),
          },
          options,
        )
      }
    })
    expect(parts).toEqual(whole)
  })

  it('leaves an element without gradient and moments where it is, however small epsilon', () => {
    const arrays = {
      values: Float32Array.of(1, -2), gradient: new Float32Array(2), firstMoment: new Float32Array(2),
      secondMoment: new Float32Array(2),
    }
    useBackend(name, () => { adam(arrays, { ...options, epsilon: 1e-300 }) })
    expect(arrays.values).toEqual(Float32Array.of(1, -2))
  })

  it('a gradient that is not a number stays to be seen', () => {
    const arrays = {
      values: Float32Array.of(1, 1), gradient: Float32Array.of(NaN, 0), firstMoment: new Float32Array(2),
      secondMoment: new Float32Array(2), largestSecondMoment: new Float32Array(2),
    }
    useBackend(name, () => { adam(arrays, options) })
    expect(arrays.values).toEqual(Float32Array.of(NaN, 1))
    expect(arrays.largestSecondMoment).toEqual(Float32Array.of(NaN, 0))
  })
})

describe('arrays that do not fit', () => {
  const values = new Float32Array(2)

  it('are all named', () => {
    const options = { learningRate: 1, betas: [0, 0], epsilon: 1, step: 1 } as const
    const arrays = { values, gradient: new Float32Array(3), firstMoment: values, secondMoment: new Float64Array(2) }
    // @ts-expect-error: mixed types, as a caller without types may give them
    expect(() => { adam(arrays, options) }).toThrow(
      'adam: expected gradient [as values: 2] of 2 elements, got 3; ' +
      'expected secondMoment to be a Float32Array as the other arrays, got Float64Array',
    )
    expect(() => { sgd({ values, gradient: values, velocity: new Float32Array(1) }, options) }).toThrow(
      'sgd: expected velocity [as values: 2] of 2 elements, got 1',
    )
  })
})
