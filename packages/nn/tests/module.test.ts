// Finding, naming, freezing, saving and loading parameters.
import { Parameter, Rng, tensor, zeros, type Tensor } from '@ostinato/tensor'
import { describe, expect, test } from 'vitest'
import { BatchNorm1d, isModule, Linear, Module, Sequential, StateError, summary } from '@ostinato/nn'

const rng = new Rng(1)

class Pair extends Module {
  readonly first = new Linear(2, 3, { rng })
  readonly second = new Linear(3, 1, { rng, bias: false })
  readonly title = 'a field that is no module'
}

describe('walking', () => {
  test('names are paths through fields, arrays and plain objects, in the order of the fields', () => {
    class Model extends Module {
      readonly blocks = [new Pair(), { gate: new Parameter(zeros([1])) }]
      readonly heads = { mean: new Linear(1, 1, { rng }) }
      readonly scale = new Parameter(zeros([2]))
    }
    expect([...new Model().namedParameters()].map(([name]) => name)).toEqual([
      'blocks.0.first.weight', 'blocks.0.first.bias', 'blocks.0.second.weight', 'blocks.1.gate',
      'heads.mean.weight', 'heads.mean.bias', 'scale',
    ])
    expect([...new Model().namedModules()].map(([name]) => name)).toEqual([
      '', 'blocks.0', 'blocks.0.first', 'blocks.0.second', 'heads.mean',
    ])
  })

  test('a tensor that is held twice counts once, under its first name', () => {
    class Tied extends Module {
      readonly embed = new Linear(2, 3, { rng, bias: false })
      readonly head = this.embed
      readonly again = this.embed.weight
    }
    const model = new Tied()
    expect([...model.state().keys()]).toEqual(['embed.weight'])
    expect([...model.modules()]).toEqual([model, model.embed])
  })

  test('a cycle ends', () => {
    class Child extends Module {
      readonly weight = new Parameter(zeros([1]))
      constructor(readonly parent: Module) { super() }
    }
    class Parent extends Module {
      readonly list: unknown[] = []
      readonly child = new Child(this)
      constructor() {
        super()
        this.list.push(this.list)
      }
    }
    expect([...new Parent().state().keys()]).toEqual(['child.weight'])
  })

  test('a #private field is not seen, as documented', () => {
    class Hidden extends Module {
      readonly #inner = new Linear(1, 1, { rng })
      forward(x: Tensor) { return this.#inner.forward(x) }
    }
    expect(new Hidden().state().size).toBe(0)
  })

  test('modules in a Map or Set are refused, other Maps are passed over', () => {
    class Mapped extends Module {
      readonly words = new Map([['a', 1]])
      readonly inner: Map<string, Module> | Set<Parameter>
      constructor(inner: Map<string, Module> | Set<Parameter>) {
        super()
        this.inner = inner
      }
    }
    expect(() => new Mapped(new Map([['a', new Pair()]])).state()).toThrow(/got a Map of them at 'inner': keep them in an array/)
    expect(() => new Mapped(new Set([new Parameter(zeros([1]))])).state()).toThrow(/got a Set/)
    expect(new Mapped(new Map()).state().size).toBe(0)
  })

  test('modules are known by their brand', () => {
    expect(isModule(new Pair())).toBe(true)
    expect(isModule({ [Symbol.for('@ostinato/nn/module')]: true })).toBe(true)
    expect(isModule({ parameters: () => [] })).toBe(false)
    expect(isModule(null)).toBe(false)
  })
})

describe('freezing', () => {
  test('freeze and unfreeze reach everything but the running statistics', () => {
    const model = new Sequential(new Linear(2, 2, { rng }), new BatchNorm1d(2))
    const trainable = () => [...model.namedParameters()].filter(([, p]) => p.trainable).map(([name]) => name)
    const all = ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']
    expect(trainable()).toEqual(all)
    expect(model.freeze()).toBe(model)
    expect(trainable()).toEqual([])
    model.unfreeze()
    expect(trainable()).toEqual(all)
    expect(model.state().size).toBe(6)
  })
})

describe('state', () => {
  test('holds the parameters themselves', () => {
    const model = new Pair()
    expect(model.state().get('first.weight')).toBe(model.first.weight)
  })

  test('goes from one model to another, across element types', () => {
    const from = new Linear(2, 3, { rng, dtype: 'float64' })
    const to = new Linear(2, 3, { rng })
    to.loadState(from.state())
    expect(Array.from(to.weight.data)).toEqual(Array.from(from.weight.data, Math.fround))
    expect(to.weight.version).toBe(1)
    expect(to.weight.data).not.toBe(from.weight.data)
  })

  test('every fault is reported at once and nothing changes', () => {
    const model = new Pair()
    const before = Array.from(model.first.weight.data)
    const state = new Map<string, Tensor>([
      ['first.weight', zeros([3, 2])],
      ['first.bais', zeros([3])],
      ['second.weight', zeros([3, 1])],
    ])
    const load = () => model.loadState(state)
    expect(load).toThrow(StateError)
    expect(load).toThrow([
      'Pair.loadState: 3 of the names do not fit, nothing was loaded',
      "  1. expected 'first.bias' [3], got nothing of that name",
      "  2. expected 'second.weight' [1, 3], got [3, 1]",
      "  3. expected no 'first.bais': the model has no such name",
    ].join('\n'))
    expect(Array.from(model.first.weight.data)).toEqual(before)
    expect(model.first.weight.version).toBe(0)
  })

  test('values that are no floating-point tensor are faults', () => {
    class Scale extends Module {
      readonly scale = new Parameter(zeros([2]))
    }
    const ids = tensor([1, 2], { dtype: 'int32' }) as unknown as Tensor
    expect(() => new Scale().loadState(new Map([['scale', ids]]))).toThrow(/of floating-point type, got int32/)
    expect(() => new Scale().loadState(new Map([['scale', [1, 2] as unknown as Tensor]]))).toThrow(/got no tensor but object/)
  })

  test("a model's own parameters can be loaded under each other's names", () => {
    class Two extends Module {
      readonly a = new Parameter(tensor([1, 2]))
      readonly b = new Parameter(tensor([3, 4]))
    }
    const model = new Two()
    model.loadState(new Map<string, Tensor>([['a', model.b], ['b', model.a]]))
    expect([...model.a.data, ...model.b.data]).toEqual([3, 4, 1, 2])
  })
})

describe('summary', () => {
  test('is a table of names, shapes and counts', () => {
    const model = new Sequential(new Linear(40, 50, { rng }), new BatchNorm1d(50))
    for (const module of model.modules()) if (module instanceof Linear) module.freeze()
    expect(summary(model)).toBe([
      'Sequential',
      '  layers.0.weight           [50, 40]  2,000  frozen',
      '  layers.0.bias             [50]         50  frozen',
      '  layers.1.weight           [50]         50',
      '  layers.1.bias             [50]         50',
      '  layers.1.runningMean      [50]         50  running statistic',
      '  layers.1.runningVariance  [50]         50  running statistic',
      '2,250 values, 100 trainable',
    ].join('\n'))
    expect(String(model)).toBe(summary(model))
  })

  test('of a model without parameters has totals only', () => {
    class Empty extends Module {}
    expect(summary(new Empty())).toBe('Empty\n0 values, 0 trainable')
  })
})
