// That the first NaN or infinity is found, in targets, forwards and backwards, and that masks are let be.
import { describe, expect, it } from 'vitest'
import {
  add, currentRecorder, divide, exp, log, multiply, Parameter, recordCustom, softmax, sqrt, square, stopGradient,
  subtract, sum, tensor, where, type Tensor,
} from '@ostinato/tensor'
import { findNonFinite, valueAndGrad } from '../src/index.ts'

describe('findNonFinite', () => {
  it('finds nothing where all is finite', () => {
    const x = tensor([1, 2])
    expect(findNonFinite(x, () => valueAndGrad(x, () => sum(log(x))))).toBeUndefined()
  })

  it('names the first operation that turned bad, and the place', () => {
    const x = tensor([[1, 2], [0, 4]])
    const found = findNonFinite(x, () => sum(multiply(log(square(x)), 0)))
    expect(found).toMatchObject({ kind: 'operation', name: 'log', position: 1, element: [1, 0], value: -Infinity })
    expect(found?.message).toBe("the output of operation 1, 'log', float32[2, 2], is -Infinity at [1, 0]; its inputs are finite")
    expect(found?.trace.split('\n').some((line) => line.includes('find-non-finite.test'))).toBe(false)
    expect(found?.inputs).toHaveLength(1)
  })

  it('finds a target that is bad before anything runs', () => {
    const weight = new Parameter(tensor([1, NaN]), { trainable: false })
    let ran = false
    const found = findNonFinite({ parameters: () => [tensor([1]), weight] }, () => { ran = true })
    expect(found).toMatchObject({ kind: 'target', name: 'target', position: 1, element: [1], value: NaN, tensor: weight })
    expect(found?.message).toBe('target 1, float32[2], is NaN at [1]')
    expect(ran).toBe(false)
  })

  it('says when the bad value came in with the data', () => {
    const data = tensor([NaN, 1])
    expect(findNonFinite([], () => add(exp(tensor([1])), multiply(tensor([2]), data)))?.message)
      .toBe("the output of operation 1, 'multiply', float32[2], is NaN at [0]; so is its input 1")
  })

  it('lets the -Infinity of a mask be, and finds the NaN behind it', () => {
    const x = tensor([1, 2])
    const masked = (keep: boolean[]) => softmax(where(tensor(keep), x, -Infinity))
    expect(findNonFinite(x, () => masked([true, false]))).toBeUndefined()
    expect(findNonFinite(x, () => masked([false, false]))).toMatchObject({ name: 'softmax', value: NaN })
    expect(findNonFinite(x, () => log(subtract(masked([true, false]), masked([true, false]))))).toMatchObject({ name: 'log', value: -Infinity })
  })

  it('searches the backward pass too', () => {
    const x = tensor([0])
    expect(findNonFinite(x, () => valueAndGrad(x, () => sum(sqrt(x))))).toMatchObject({ name: 'divide', value: Infinity })
  })

  it('searches operations from elsewhere, forwards and backwards', () => {
    const x = tensor([1])
    const fused = (value: number, slope: number) => {
      const out = tensor([value])
      recordCustom({ name: 'lstm', inputs: [x], outputs: [tensor([0]), out], derivative: () => [tensor([slope])] })
      return sum(out)
    }
    expect(findNonFinite(x, () => valueAndGrad(x, () => fused(NaN, 1)))).toMatchObject({ name: 'lstm', position: 0 })
    expect(findNonFinite(x, () => valueAndGrad(x, () => fused(1, NaN)))).toMatchObject({ name: 'lstm (backward)' })
    expect(findNonFinite(x, () => valueAndGrad(x, () => fused(1, 1)))).toBeUndefined()
  })

  it('reports what it found when the run throws after it, and passes on what else is thrown', () => {
    const x = tensor([0])
    expect(findNonFinite(x, () => {
      divide(x, 0)
      throw new Error('the loss is NaN')
    })).toMatchObject({ name: 'divide' })
    expect(() => findNonFinite(x, () => { throw new Error('mine') })).toThrow('mine')
    expect(currentRecorder()).toBeNull()
  })

  it('leaves an outer recording complete', () => {
    const x = tensor([3])
    const { grads } = valueAndGrad(x, () => {
      let y: Tensor = stopGradient(x)
      findNonFinite(x, () => { y = square(x) })
      return sum(y)
    })
    expect(grads.get(x)?.item()).toBe(6)
  })
})
