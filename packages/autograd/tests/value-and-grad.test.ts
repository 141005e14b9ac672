// Values with their gradients: targets, auxiliary results, nesting, errors; and that long and many computations fit.
import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { expectClose } from '@ostinato/test-utils'
import {
  add, currentRecorder, exp, full, isTraining, matmul, mean, multiply, ones, Parameter, recordCustom, relu, ShapeError,
  square, stopGradient, subtract, sum,
  tensor, watchGradient, withTraining, zeros,
  type Tensor,
} from '@ostinato/tensor'
import { grad, valueAndGrad, type Gradients } from '../src/index.ts'

describe('valueAndGrad', () => {
  it('takes a tensor, several, or whatever has parameters', () => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])]
    const run = () => sum(multiply(a, square(b)))
    const expected = new Map([[a, tensor([9, 16])], [b, tensor([6, 16])]])
    expect(valueAndGrad([a, b], run)).toEqual({ value: tensor(41), grads: expected })
    expect(valueAndGrad(new Set([a]), run).grads).toEqual(new Map([[a, expected.get(a)]]))
    const model = { parameters: () => [a, b].values() }
    expect(valueAndGrad(model, run).grads).toEqual(expected)
    expect(valueAndGrad(b, run).grads).toEqual(new Map([[b, expected.get(b)]]))
    expectTypeOf(valueAndGrad(a, run).grads).toEqualTypeOf<Gradients>()
  })

  it('adds up what comes by several ways', () => {
    const x = tensor([2])
    const { grads } = valueAndGrad(x, () => {
      const y = multiply(x, x)
      return sum(add(multiply(y, x), add(y, y)))
    })
    expect(grads.get(x)?.item()).toBe(3 * 4 + 4 * 2)
  })

  it('tells whoever watches an intermediate result its whole gradient, once, and changes nothing by it', () => {
    const [x, frozen] = [tensor([2, 3]), tensor([1, 1])]
    const heard: [string, number[]][] = []
    const run = (watch: boolean) => valueAndGrad(x, () => {
      const y = multiply(x, x)
      const beside = multiply(frozen, 2)
      const unused = multiply(y, 5)
      const once = add(multiply(y, x), add(y, y))
      const named = { x, y, beside, unused, once }
      if (watch) {
        for (const [name, of] of Object.entries(named)) {
          watchGradient(of, ({ data }) => { heard.push([name, [...data]]) })
        }
      }
      return sum(multiply(once, beside))
    })
    const { grads } = run(true)
    expect(heard).toEqual([['once', [2, 2]], ['y', [8, 10]], ['x', [...grads.get(x)?.data ?? []]]])
    expect(grads).toEqual(run(false).grads)
  })

  it('tells watchers of the innermost value that depends on what they watch', () => {
    const [x, z] = [tensor([2]), tensor([3])]
    const heard: number[] = []
    valueAndGrad(x, () => {
      const y = multiply(x, x)
      const { grads } = valueAndGrad(z, () => {
        watchGradient(y, ({ data }) => { heard.push(data[0]) })
        const w = multiply(z, z)
        watchGradient(w, ({ data }) => { heard.push(data[0]) })
        return sum(multiply(w, y))
      })
      return sum(grads.get(z) ?? y)
    })
    // d(z^2 y)/dw = y, then d(2 z y)/dy = 2 z.
    expect(heard).toEqual([4, 6])
    watchGradient(x, () => { heard.push(NaN) })
    expect(heard).toHaveLength(2)
  })

  it('gives the auxiliary result of the same run', () => {
    const x = tensor([1, 2])
    let runs = 0
    const result = valueAndGrad(x, () => {
      runs++
      return { value: sum(x), auxiliary: { logits: exp(x), note: 'kept' } }
    })
    expect(runs).toBe(1)
    expect(result.auxiliary.note).toBe('kept')
    expectTypeOf(result.auxiliary).toEqualTypeOf<{ logits: Tensor<'float32'>; note: string }>()
    expect(result.value.item()).toBe(3)
  })

  it('leaves frozen parameters out', () => {
    const weight = new Parameter(tensor([2]))
    const frozen = new Parameter(tensor([3]), { trainable: false })
    const { grads } = valueAndGrad([weight, frozen], () => sum(multiply(weight, frozen)))
    expect([...grads.keys()]).toEqual([weight])
    expect(grads.get(weight)?.item()).toBe(3)
    weight.trainable = false
    expect(valueAndGrad([weight, frozen], () => sum(multiply(weight, frozen))).grads.size).toBe(0)
  })

  it('a target that the value does not depend on has no entry', () => {
    const [x, y] = [tensor([1]), tensor([2])]
    expect([...valueAndGrad([x, y], () => sum(square(x))).grads.keys()]).toEqual([x])
    expect(valueAndGrad(x, () => tensor(7))).toEqual({ value: tensor(7), grads: new Map() })
  })

  it('the value may be the target itself', () => {
    const x = tensor([5])
    expect(valueAndGrad(x, () => x).grads.get(x)).toEqual(tensor([1]))
  })

  it('records only inside, and trains only inside', () => {
    const x = tensor([1])
    expect([currentRecorder(), isTraining()]).toEqual([null, false])
    valueAndGrad(x, () => {
      expect(currentRecorder()).not.toBeNull()
      expect(isTraining()).toBe(true)
      expect(withTraining(false, isTraining)).toBe(false)
      return sum(x)
    })
    expect([currentRecorder(), isTraining()]).toEqual([null, false])
  })

  it('puts the recorder back when the function throws', () => {
    const x = tensor([1])
    expect(() => valueAndGrad(x, () => { throw new RangeError('mine') })).toThrow(RangeError)
    expect(currentRecorder()).toBeNull()
    valueAndGrad(x, () => {
      const outer = currentRecorder()
      expect(() => valueAndGrad(x, () => { throw new RangeError('mine') })).toThrow('mine')
      expect(currentRecorder()).toBe(outer)
      return sum(x)
    })
  })

  it('nests: each level has its own targets', () => {
    const [x, y] = [tensor([3], { dtype: 'float64' }), tensor([2], { dtype: 'float64' })]
    // d/dx d/dy x² y³ = 2x 3y² = 72
    const { value, grads } = valueAndGrad(x, () => {
      const inner = valueAndGrad(y, () => sum(multiply(square(x), multiply(y, square(y)))))
      return sum(inner.grads.get(y) as Tensor)
    })
    expect([value.item(), grads.get(x)?.item()]).toEqual([9 * 12, 72])
  })

  it.each<[string, () => unknown, string]>([
    ['several elements', () => zeros([2]), 'expected a floating-point value of one element, got float32[2]: reduce it with sum() or mean()'],
    ['integers', () => zeros([1], { dtype: 'int32' }), 'expected a floating-point value of one element, got int32[1]: reduce it with sum() or mean()'],
    ['a number', () => ({ value: 3 }), 'expected the function to return a tensor or { value, auxiliary }, got number'],
    ['nothing', () => undefined, 'expected the function to return a tensor or { value, auxiliary }, got undefined'],
    ['a promise', async () => zeros([1]), 'expected the function to return a tensor or { value, auxiliary }, got a promise: the function must be synchronous'],
  ])('refuses %s as the value', (_, run, fault) => {
    expect(() => valueAndGrad(zeros([1]), run as () => Tensor)).toThrow(new ShapeError('valueAndGrad', [fault]))
  })
})

describe('operations from elsewhere', () => {
  const doubled = (x: Tensor, gradient: (g: Tensor) => Tensor | undefined) => {
    const out = stopGradient(multiply(stopGradient(x), 2))
    recordCustom({ name: 'doubled', inputs: [x], outputs: [out], derivative: ([g]) => [g && gradient(g)] })
    return out
  }

  it('bring their own derivative', () => {
    const x = tensor([1, 2])
    expect(valueAndGrad(x, () => sum(square(doubled(x, (g) => multiply(g, 2))))).grads.get(x)).toEqual(tensor([8, 16]))
    expect(valueAndGrad(x, () => sum(doubled(x, () => undefined))).grads.size).toBe(0)
  })

  it('may have several outputs, of which not all matter', () => {
    const x = tensor([3])
    const seen: unknown[] = []
    const { grads } = valueAndGrad(x, () => {
      const [a, b] = [tensor([3]), tensor([30])]
      recordCustom({
        name: 'both', inputs: [x], outputs: [a, b],
        derivative: (gradients) => {
          seen.push(gradients)
          return [multiply(gradients[1] as Tensor, 10)]
        },
      })
      return sum(b)
    })
    expect(seen).toEqual([[undefined, tensor([1])]])
    expect(grads.get(x)?.item()).toBe(10)
  })

  it('must give gradients of the shape of their inputs', () => {
    const x = tensor([1, 2])
    expect(() => valueAndGrad(x, () => sum(doubled(x, () => zeros([3]))))).toThrow(
      'doubled: expected a derivative that gives input 0 a gradient float32[2], got float32[3]',
    )
  })

  it('have second derivatives when theirs is made of operations, and say so when it is not', () => {
    const x = tensor([3])
    const cube = (derivative: (g: Tensor) => Tensor) => (y: Tensor) => {
      const out = tensor([y.item() ** 3])
      recordCustom({ name: 'cube', inputs: [y], outputs: [out], derivative: ([g]) => [g && derivative(multiply(g, 1))] })
      return sum(out)
    }
    const second = (y: Tensor, derivative: (y: Tensor) => Tensor) => sum(grad(cube(() => derivative(y)))(y))
    const composed = (y: Tensor) => {
      const inner = valueAndGrad(y, () => cube((g) => multiply(g, multiply(square(y), 3)))(y))
      return sum(inner.grads.get(y) as Tensor)
    }
    expect(valueAndGrad(x, () => composed(x)).grads.get(x)?.item()).toBe(18)
    expect(second(x, (y) => tensor([3 * y.item() ** 2])).item()).toBe(27)
    expect(() => valueAndGrad(x, () => second(x, (y) => tensor([3 * y.item() ** 2])))).toThrow('cube: expected one derivative at most')
  })
})

describe('grad', () => {
  it('gives the gradient as a function, any number of times', () => {
    const quartic = (x: Tensor) => sum(square(square(x)))
    const x = tensor([1, 2], { dtype: 'float64' })
    const derivatives = [quartic]
    for (let order = 1; order < 4; order++) {
      const previous = derivatives[order - 1]
      derivatives.push((y) => sum(grad(previous)(y)))
    }
    expect(derivatives.map((f) => f(x).item())).toEqual([1 + 16, 4 + 32, 12 + 48, 24 + 48])
  })

  it('gives zeros where the function does not depend on its argument', () => {
    expect(grad(() => tensor(1))(tensor([1, 2]))).toEqual(tensor([0, 0]))
  })

  it('does not confuse its argument with the same tensor from outside', () => {
    const x = tensor([3])
    expect(grad((y) => sum(multiply(x, y)))(x).item()).toBe(3)
    expect(valueAndGrad(x, () => sum(grad((y) => sum(multiply(x, y)))(x))).grads.get(x)?.item()).toBe(1)
  })

  it('keeps the type of its argument', () => {
    const double = zeros([2], { dtype: 'float64' })
    expectTypeOf(grad((x: Tensor<'float64'>) => sum(x))(double)).toEqualTypeOf<Tensor<'float64'>>()
    expect(grad(sum)(double).dtype).toBe('float64')
    expect(() => grad(sum)(zeros([1], { dtype: 'int32' }) as never)).toThrow('grad: expected a floating-point tensor, got int32')
  })
})

describe('size', () => {
  it('a chain of 20,000 steps overflows no stack', () => {
    const x = tensor([1, 2])
    const { value, grads } = valueAndGrad(x, () => {
      let y: Tensor = x
      for (let step = 0; step < 20_000; step++) y = add(y, multiply(x, 1e-4))
      return sum(y)
    })
    expectClose(value, [9], { relative: 1e-3 })
    expectClose(grads.get(x) as Tensor, [3, 3], { relative: 1e-3 })
  })

  it('memory stays flat over 2,000 steps', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const used = () => {
      // What one collection finds, the next one counts as free.
      for (let i = 0; i < 3; i++) collect()
      const { arrayBuffers, heapUsed } = memoryUsage()
      return arrayBuffers + heapUsed
    }
    const [x, y] = [full([64, 32], 0.1), ones([64, 8])]
    const weights = [new Parameter(full([32, 32], 0.01)), new Parameter(full([32, 8], 0.01))]
    const step = () => {
      const predict = () => matmul(relu(matmul(x, weights[0])), weights[1])
      const { grads } = valueAndGrad(weights, () => mean(square(subtract(predict(), y))))
      for (const weight of weights) {
        weight.update((data) => {
          const gradient = (grads.get(weight) as Tensor).data
          for (let i = 0; i < data.length; i++) data[i] -= 0.01 * gradient[i]
        })
      }
    }
    for (let i = 0; i < 50; i++) step()
    const before = used()
    // Each step makes about 100 kB; to keep a hundredth of them would show.
    for (let i = 0; i < 2000; i++) step()
    expect(used() - before).toBeLessThan(4e6)
  })
})
