// What every optimizer must do, whatever its equation. One call a class and set of options.
import type { Optimizer, OptimizerState, ParameterGroup, Trainable } from '@ostinato/optim'
import { Parameter, tensor, type Tensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'

/** One optimizer under test. */
export interface Candidate {
  /** Makes it over `parameters`; `options` override those of the candidate. */
  readonly make: (parameters: Trainable, options?: object) => Optimizer
  /** A rate at which it learns the problems below. */
  readonly learningRate: number
  /** The size of its first step, in learning rates, for a gradient of size `g`. */
  readonly firstStep: (g: number) => number
  /** The moments it keeps. */
  readonly moments: readonly string[]
}

type Problem = (x: Tensor['data']) => { value: number; gradient: number[] }

/** An ill-conditioned quadratic with its minimum 0 at (3, -1). */
const quadratic: Problem = ([x, y]) => ({
  value: (x - 3) ** 2 + 10 * (y + 1) ** 2,
  gradient: [2 * (x - 3), 20 * (y + 1)],
})

/** A bent valley, Rosenbrock's with a softer wall: minimum 0 at (1, 1). */
const valley: Problem = ([x, y]) => ({
  value: (1 - x) ** 2 + 5 * (y - x * x) ** 2,
  gradient: [-2 * (1 - x) - 20 * x * (y - x * x), 10 * (y - x * x)],
})

const parameterOf = (values: readonly number[], dtype: 'float32' | 'float64' = 'float64') =>
  new Parameter(tensor(values, { dtype }))

const gradientsAt = (problem: Problem, parameters: readonly Parameter[]) =>
  new Map<Tensor, Tensor>(parameters.map(p => [p, tensor(problem(p.data).gradient, { dtype: p.dtype })]))

const train = (optimizer: Optimizer, parameters: readonly Parameter[], problem: Problem, steps: number) => {
  for (let i = 0; i < steps; i++) optimizer.step(gradientsAt(problem, parameters))
}

/** A state as it comes back from a file. */
const throughJson = ({ tensors, counters }: OptimizerState): OptimizerState => ({
  tensors: new Map([...tensors].map(([name, { data, shape, dtype }]) => {
    const values = JSON.parse(JSON.stringify(Array.from(data))) as number[]
    return [name, tensor(values, { shape, dtype })] as const
  })),
  counters: JSON.parse(JSON.stringify(counters)) as Record<string, number>,
})

/** The bits, so that -0 and NaN count. */
const bytesOf = ({ data }: Tensor) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]

/** Runs the suite. */
export function describeOptimizer(title: string, { make, learningRate, firstStep, moments }: Candidate): void {
  const start = () => parameterOf([-0.5, 0.8])

  describe(title, () => {
    test('goes to the minimum of a quadratic', () => {
      const x = start()
      train(make([x], { learningRate }), [x], quadratic, 3000)
      expect(quadratic(x.data).value).toBeLessThan(0.01)
    })

    test('follows a bent valley down', () => {
      const x = start()
      const { value } = valley(x.data)
      train(make([x], { learningRate: learningRate / 4 }), [x], valley, 4000)
      expect(valley(x.data).value).toBeLessThan(0.05 * value)
    })

    test.each([1e-3, 1, 50])('takes a first step of the expected size against a gradient of %d', (g) => {
      const x = parameterOf([0, 0])
      make([x], { learningRate: 0.01, weightDecay: 0 }).step(new Map([[x, tensor(Float64Array.of(g, -g))]]))
      const expected = 0.01 * firstStep(g)
      expect(x.data[0]).toBeLessThan(0)
      expect(Math.abs(x.data[0] + expected)).toBeLessThan(1e-4 * expected)
      expect(x.data[1]).toBe(-x.data[0])
    })

    test('leaves parameters without a gradient, and frozen ones, untouched', () => {
      const [used, unused, frozen] = [start(), start(), start()]
      frozen.trainable = false
      const optimizer = make([used, unused, frozen])
      optimizer.step(gradientsAt(quadratic, [used, frozen]))
      expect([used.version, unused.version, frozen.version]).toEqual([1, 0, 0])
      expect([unused, frozen].map(p => [...p.data])).toEqual([[-0.5, 0.8], [-0.5, 0.8]])
      expect(Object.keys(optimizer.state().counters).sort()).not.toContain('1.steps')
      expect([...optimizer.state().tensors.keys()]).toEqual(moments.map(moment => `0.${moment}`))
    })

    test('treats a parameter that joins late like one that starts', () => {
      const [early, late] = [start(), start()]
      const optimizer = make([early, late])
      train(optimizer, [early], quadratic, 3)
      const alone = start()
      train(optimizer, [late], quadratic, 4)
      train(make([alone]), [alone], quadratic, 4)
      expect(bytesOf(late)).toEqual(bytesOf(alone))
      expect(optimizer.steps).toBe(7)
    })

    test('passes over gradients of other tensors', () => {
      const [x, other] = [start(), start()]
      make([x]).step(gradientsAt(quadratic, [x, other]))
      expect([x.version, other.version]).toEqual([1, 0])
    })

    test('changes every element independently of its neighbours and of the order of parameters', () => {
      const together = parameterOf([-0.5, 0.8])
      const swapped = parameterOf([0.8, -0.5])
      const optimizer = make([swapped, together])
      for (let i = 0; i < 5; i++) {
        const gradient = quadratic(together.data).gradient
        optimizer.step(new Map<Tensor, Tensor>([
          [together, tensor(Float64Array.from(gradient))],
          [swapped, tensor(Float64Array.from([...gradient].reverse()))],
        ]))
      }
      expect([...swapped.data].reverse()).toEqual([...together.data])
    })

    test.each(['float32', 'float64'] as const)('N + M steps equal N, save, load, M, bit for bit, in %s', (dtype) => {
      const [a, b] = [parameterOf([-0.5, 0.8], dtype), parameterOf([2, 0.3], dtype)]
      const whole = make([['a', a], ['b', b]])
      train(whole, [a], quadratic, 3)
      train(whole, [a, b], quadratic, 4)
      const state = throughJson(whole.state())
      const copies = [a, b].map(p => new Parameter(tensor([...p.data], { dtype })))
      const resumed = make([['a', copies[0]], ['b', copies[1]]])
      resumed.loadState(state)
      expect(resumed.steps).toBe(7)
      expect(resumed.state()).toEqual(whole.state())
      train(whole, [a, b], quadratic, 5)
      train(resumed, copies, quadratic, 5)
      expect(copies.map(bytesOf)).toEqual([a, b].map(bytesOf))
      const [ours, theirs] = [resumed, whole].map(optimizer => [...optimizer.state().tensors.values()].map(bytesOf))
      expect(ours).toEqual(theirs)
    })

    test('gives a state that later steps do not touch, and copies the one it loads', () => {
      const x = start()
      const optimizer = make([x])
      train(optimizer, [x], quadratic, 2)
      const state = optimizer.state()
      const before = [...state.tensors.values()].map(bytesOf)
      optimizer.loadState(state)
      train(optimizer, [x], quadratic, 2)
      expect([...state.tensors.values()].map(bytesOf)).toEqual(before)
      expect(state.counters['steps']).toBe(2)
    })

    test('takes parameters of several types at once', () => {
      const [single, double] = [parameterOf([-0.5, 0.8], 'float32'), start()]
      train(make([single, double]), [single, double], quadratic, 3)
      expect(single.data).toBeInstanceOf(Float32Array)
      expect(Math.abs(single.data[0] - double.data[0])).toBeLessThan(1e-5)
    })

    test('lets a group have its own learning rate and weight decay', () => {
      const [still, moving] = [start(), start()]
      const groups: ParameterGroup[] = [{ parameters: [still], learningRate: 0 }, { parameters: [['m', moving]] }]
      train(make(groups), [still, moving], quadratic, 2)
      expect([...still.data]).toEqual([-0.5, 0.8])
      const alone = start()
      train(make([alone]), [alone], quadratic, 2)
      expect([...moving.data]).toEqual([...alone.data])
      const [kept, decayed] = [start(), start()]
      train(make([kept, { parameters: [decayed], weightDecay: 0.5 }]), [kept, decayed], quadratic, 20)
      expect([...kept.data]).not.toEqual([...decayed.data])
    })

    test('shrinks weights towards zero by weight decay', () => {
      const x = parameterOf([1, -1])
      const optimizer = make([x], { learningRate, weightDecay: 0.1 })
      for (let i = 0; i < 10; i++) optimizer.step(new Map([[x, tensor(new Float64Array(2))]]))
      expect(x.data[0]).toBeLessThan(1)
      expect(x.data[1]).toBe(-x.data[0])
    })

    test('follows a schedule, asked for each step from 0', () => {
      const asked: number[] = []
      const x = start()
      const schedule = (step: number) => {
        asked.push(step)
        return step === 1 ? 0 : 0.01
      }
      const optimizer = make([x], { learningRate: schedule })
      train(optimizer, [x], quadratic, 1)
      const after = [...x.data]
      train(optimizer, [x], quadratic, 1)
      expect([...x.data]).toEqual(after)
      train(optimizer, [x], quadratic, 1)
      expect([...x.data]).not.toEqual(after)
      expect(asked).toEqual([0, 1, 2])
      expect(optimizer.learningRate).toBe(0.01)
      expect(asked).toEqual([0, 1, 2, 3])
    })

    test('changes nothing when a gradient or a rate is wrong', () => {
      const [x, y] = [start(), start()]
      const optimizer = make([['x', x], ['y', y]], { learningRate: (step: number) => (step === 0 ? 0.01 : NaN) })
      const good = tensor(Float64Array.of(1, 1))
      const bad = new Map<Tensor, Tensor>([[x, tensor(Float64Array.of(1, 1, 1))], [y, tensor([1, 1])]])
      expect(() => optimizer.step(bad)).toThrow(/step: 2 faults.*'x'.*\[2\], got float64\[3\].*'y'.*got float32\[2\]/s)
      expect(() => optimizer.step(new Map([[good, good]]))).toThrow(/expected gradients of parameters of this optimizer/)
      optimizer.step(new Map([[x, good]]))
      expect(() => optimizer.step(new Map([[x, good]]))).toThrow(/at step 1, got NaN: check the schedule/)
      expect([optimizer.steps, x.version, y.version]).toEqual([1, 1, 0])
    })

    test('refuses parameters and options that make no sense', () => {
      const x = start()
      expect(() => make([])).toThrow(/at least one parameter/)
      expect(() => make([['a', x], ['b', x]])).toThrow(/expected each parameter once, got 'a' again as entry 1 \('b'\)/)
      expect(() => make([['a', x], ['a', start()]])).toThrow(/got 'a' again/)
      expect(() => make([tensor([1]) as Parameter])).toThrow(/expected a Parameter/)
      expect(() => make([x], { learningRate: NaN })).toThrow(/expected learningRate to be .*, got NaN/)
      expect(() => make([x], { learningRate: -1, weightDecay: Infinity })).toThrow(/2 faults.*-1.*weightDecay.*Infinity/s)
      expect(() => make([x], { lr: 0.1 })).toThrow(/expected options among learningRate, .*got 'lr'/)
      expect(() => make([{ parameters: [x], learningRate: NaN }])).toThrow(/learningRate of group 0/)
      expect(() => make([{ parameters: [x], betas: 1 } as ParameterGroup])).toThrow(/got 'betas' in group 0/)
    })

    test('refuses a state that is not its own and keeps its own', () => {
      const [x, y] = [start(), start()]
      const optimizer = make([['x', x], ['y', y]])
      train(optimizer, [x], quadratic, 2)
      const own = optimizer.state()
      const other = make([['z', x]])
      train(other, [x], quadratic, 1)
      expect(() => optimizer.loadState(other.state())).toThrow(/loadState: expected nothing else, got .*'z\./)
      const { steps: _, ...withoutSteps } = own.counters
      expect(() => optimizer.loadState({ ...own, counters: withoutSteps })).toThrow(/'steps' to be a whole number/)
      expect(() => optimizer.loadState({ ...own, counters: { ...own.counters, 'y.steps': 0.5 } })).toThrow(/'y\.steps'/)
      expect(() => optimizer.loadState(own.tensors as unknown as OptimizerState)).toThrow(/expected a state/)
      for (const moment of moments) {
        const shapes = new Map(own.tensors).set(`x.${moment}`, tensor(new Float64Array(3)))
        const types = new Map(own.tensors).set(`x.${moment}`, tensor([1, 2]))
        const missing = new Map(own.tensors)
        missing.delete(`x.${moment}`)
        expect(() => optimizer.loadState({ ...own, tensors: shapes })).toThrow(/to be float64\[2\], got float64\[3\]/)
        expect(() => optimizer.loadState({ ...own, tensors: types })).toThrow(/to be float64\[2\], got float32\[2\]/)
        expect(() => optimizer.loadState({ ...own, tensors: missing })).toThrow(/to be float64\[2\], got none/)
      }
      expect(optimizer.state()).toEqual(own)
    })

    test('goes back to the beginning with the state of a new one', () => {
      const x = start()
      const optimizer = make([x])
      const fresh = optimizer.state()
      expect(fresh).toEqual({ tensors: new Map(), counters: { steps: 0 } })
      train(optimizer, [x], quadratic, 3)
      optimizer.loadState(fresh)
      expect(optimizer.state()).toEqual(fresh)
    })

    test('takes parameters without elements and scalars', () => {
      const nothing = () => tensor(new Float64Array(0), { shape: [0, 3] })
      const [empty, scalar] = [new Parameter(nothing()), new Parameter(tensor(2))]
      make([empty, scalar]).step(new Map<Tensor, Tensor>([[empty, nothing()], [scalar, tensor(1)]]))
      expect(scalar.data[0]).toBeLessThan(2)
    })
  })
}
