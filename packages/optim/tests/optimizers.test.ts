// Every optimizer through the conformance suite, and what one alone has.
import { Adadelta, Adagrad, Adam, Adamax, AdamW, NAdam, RAdam, RMSprop, SGD, type Optimizer } from '@ostinato/optim'
import { Parameter, tensor } from '@ostinato/tensor'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { describeOptimizer, type Candidate } from './conformance.ts'

const [one, two] = ['firstMoment', 'secondMoment']
/** Any class of optimizers with fixed options that others override. */
const maker = <O extends object>(
  Class: new (parameters: ConstructorParameters<typeof Adam>[0], options: O) => Optimizer,
  fixed: O,
): Candidate['make'] => (parameters, options = {}) => new Class(parameters, { ...fixed, ...options })

describeOptimizer('SGD', { make: maker(SGD, {}), learningRate: 0.05, firstStep: g => g, moments: [] })
describeOptimizer('SGD, momentum', {
  make: maker(SGD, { momentum: 0.9, dampening: 0.1 }),
  learningRate: 0.01,
  firstStep: g => g,
  moments: ['velocity'],
})
describeOptimizer('SGD, Nesterov', {
  make: maker(SGD, { momentum: 0.9, nesterov: true }),
  learningRate: 0.01,
  firstStep: g => 1.9 * g,
  moments: ['velocity'],
})
describeOptimizer('RMSprop', {
  make: maker(RMSprop, {}),
  learningRate: 0.01,
  firstStep: () => 10,
  moments: ['meanSquare'],
})
describeOptimizer('RMSprop, centered, momentum', {
  make: maker(RMSprop, { centered: true, momentum: 0.5, alpha: 0.9 }),
  learningRate: 0.005,
  firstStep: () => 1 / 0.3,
  moments: ['meanSquare', 'mean', 'velocity'],
})
describeOptimizer('Adam', { make: maker(Adam, {}), learningRate: 0.02, firstStep: () => 1, moments: [one, two] })
describeOptimizer('Adam, AMSGrad', {
  make: maker(Adam, { amsgrad: true }),
  learningRate: 0.02,
  firstStep: () => 1,
  moments: [one, two, 'largestSecondMoment'],
})
describeOptimizer('AdamW', {
  make: maker(AdamW, { weightDecay: 1e-4 }),
  learningRate: 0.02,
  firstStep: () => 1,
  moments: [one, two],
})
describeOptimizer('Adagrad', {
  make: maker(Adagrad, {}),
  learningRate: 0.5,
  firstStep: () => 1,
  moments: ['sumOfSquares'],
})
describeOptimizer('Adadelta', {
  make: maker(Adadelta, {}),
  learningRate: 1,
  firstStep: g => g * Math.sqrt(1e-6 / (0.1 * g * g + 1e-6)),
  moments: ['meanSquare', 'meanSquareChange'],
})
describeOptimizer('NAdam', {
  make: maker(NAdam, {}),
  learningRate: 0.02,
  firstStep: () => {
    const [m1, m2] = [1, 2].map(t => 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3)))
    return 1 + (0.1 * m2) / (1 - m1 * m2)
  },
  moments: [one, two],
})
describeOptimizer('NAdam, decoupled', {
  make: maker(NAdam, { decoupled: true, momentumDecay: 0, repeatedMomentum: true }),
  learningRate: 0.02,
  firstStep: () => 1 + (0.1 * 0.45) / (1 - 0.45 ** 3),
  moments: [one, two],
})
describeOptimizer('RAdam', { make: maker(RAdam, {}), learningRate: 0.02, firstStep: g => g, moments: [one, two] })
describeOptimizer('RAdam, decoupled', {
  make: maker(RAdam, { decoupled: true, betas: [0.8, 0.99] as const }),
  learningRate: 0.02,
  firstStep: g => g,
  moments: [one, two],
})
describeOptimizer('Adamax', {
  make: maker(Adamax, {}),
  learningRate: 0.02,
  firstStep: () => 1,
  moments: [one, 'largest'],
})

const parameter = (...values: number[]) => new Parameter(tensor(Float64Array.from(values)))
const gradient = (p: Parameter, ...values: number[]) => new Map([[p, tensor(Float64Array.from(values))]])

describe('what one optimizer alone has', () => {
  test('SGD: Nesterov needs momentum and no dampening', () => {
    expect(() => new SGD([parameter(1)], { nesterov: true })).toThrow(/SGD: expected a momentum above 0 and no dampening/)
    expect(() => new SGD([parameter(1)], { nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(/dampening 0.1/)
  })

  test('SGD: dampening does not touch the first step', () => {
    const p = parameter(0)
    const optimizer = new SGD([p], { learningRate: 1, momentum: 0.5, dampening: 0.75 })
    optimizer.step(gradient(p, 1))
    optimizer.step(gradient(p, 1))
    // v = 1, then 0.5 * 1 + 0.25 * 1.
    expect(p.data[0]).toBe(-1.75)
  })

  test('RMSprop: a constant gradient brings the variance to zero, never below', () => {
    const p = parameter(0)
    const optimizer = new RMSprop([p], { centered: true, alpha: 0.5 })
    for (let i = 0; i < 200; i++) optimizer.step(gradient(p, 0.1 + 0.2))
    expect(p.data[0]).toBeLessThan(0)
  })

  test('Adagrad: the rate decays with each change, and the sum may start above zero', () => {
    const p = parameter(0)
    const optimizer = new Adagrad([p], { learningRate: 1, learningRateDecay: 1, initialSum: 3 })
    optimizer.step(gradient(p, 1))
    expect(p.data[0]).toBeCloseTo(-1 / 2, 9)
    optimizer.step(gradient(p, 2))
    expect(p.data[0]).toBeCloseTo(-1 / 2 - (1 / 2) * (2 / Math.sqrt(8)), 9)
  })

  test('Adam: AMSGrad remembers the largest second moment', () => {
    const [plain, amsgrad] = [parameter(0), parameter(0)]
    const options = { learningRate: 1, betas: [0, 0.5] as const }
    const optimizers = [new Adam([plain], options), new Adam([amsgrad], { ...options, amsgrad: true })]
    for (const g of [10, 1]) [plain, amsgrad].forEach((p, i) => optimizers[i].step(gradient(p, g)))
    // Second moments 50 then 25.5; corrected at step 2 by 0.75.
    expect(plain.data[0]).toBeCloseTo(-1 - 1 / Math.sqrt(25.5 / 0.75), 6)
    expect(amsgrad.data[0]).toBeCloseTo(-1 - 1 / Math.sqrt(50 / 0.75), 6)
  })

  test('AdamW: decay takes from the weight, not from the gradient', () => {
    const [adam, adamW] = [parameter(1), parameter(1)]
    new Adam([adam], { learningRate: 0.1, weightDecay: 0.5 }).step(gradient(adam, 0))
    new AdamW([adamW], { learningRate: 0.1, weightDecay: 0.5 }).step(gradient(adamW, 0))
    expect(adam.data[0]).toBeCloseTo(0.9, 6)
    expect(adamW.data[0]).toBeCloseTo(0.95, 12)
  })

  test('NAdam: the product of momenta is saved, one for each parameter', () => {
    const [p, q] = [parameter(0), parameter(0)]
    const optimizer = new NAdam([['p', p], ['q', q]])
    optimizer.step(gradient(p, 1))
    optimizer.step(new Map([...gradient(p, 1), ...gradient(q, 1)]))
    const momentum = (t: number) => 0.9 * (1 - 0.5 * 0.96 ** (t * 4e-3))
    expect(optimizer.state().counters).toEqual({
      steps: 2,
      'p.steps': 2,
      'p.momentumProduct': momentum(1) * momentum(2),
      'q.steps': 1,
      'q.momentumProduct': momentum(1),
    })
  })

  test('RAdam: rectifies from the first step at which the average is long enough', () => {
    const p = parameter(0)
    const optimizer = new RAdam([p], { learningRate: 1 })
    const moves = Array.from({ length: 8 }, () => {
      const before = p.data[0]
      optimizer.step(gradient(p, 2))
      return before - p.data[0]
    })
    // Plain momentum moves by the gradient; with β₂ = 0.999 that holds for five steps.
    moves.slice(0, 5).forEach(move => expect(move).toBeCloseTo(2, 9))
    moves.slice(5).forEach(move => expect(move).toBeLessThan(0.1))
  })

  test('Adam: a second moment below the smallest float32 does no harm', () => {
    const p = new Parameter(tensor([1, 1]))
    const optimizer = new Adam([p])
    for (let i = 0; i < 3; i++) optimizer.step(new Map([[p, tensor([1e-30, 0])]]))
    expect([...p.data].every(Number.isFinite)).toBe(true)
    expect(p.data[1]).toBe(1)
  })

  test('names of every kind are safe in a state', () => {
    const names = ['__proto__', 'constructor', '', 'a.b', 'steps']
    const parameters = names.map(name => [name, parameter(1)] as const)
    const optimizer = new Adam(parameters)
    const grads = () => new Map(parameters.map(([, p]) => [p, tensor(Float64Array.of(1))]))
    optimizer.step(grads())
    const state = optimizer.state()
    const counters = JSON.parse(JSON.stringify(state.counters)) as Record<string, number>
    const resumed = new Adam(parameters)
    resumed.loadState({ tensors: state.tensors, counters })
    expect(resumed.state()).toEqual(state)
    expect(state.tensors.size).toBe(2 * names.length)
  })

  test('the types say what is accepted', () => {
    expectTypeOf<ConstructorParameters<typeof SGD>[1]>().not.toBeAny()
    // @ts-expect-error a misspelt option
    expect(() => new SGD([parameter(1)], { learningrate: 1 })).toThrow(/learningrate/)
    // @ts-expect-error a tensor is no parameter
    expect(() => new SGD([tensor([1])])).toThrow(/expected a Parameter/)
  })
})
