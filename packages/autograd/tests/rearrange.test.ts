// Gradients of operations that reorder, cut, join, index, order and sum up: first and second order, by central
// differences.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  concat,
  cumulativeSum,
  expandAxis,
  flip,
  gather,
  multiply,
  pad,
  place,
  Rng,
  scatterAdd,
  scatterAddAlongAxis,
  slice,
  sort,
  split,
  squeeze,
  stack,
  sum,
  swapAxes,
  takeAlongAxis,
  tensor,
  tile,
  topK,
  transpose,
  unstack,
  withRecorder,
  type Tensor,
} from '@ostinato/tensor'
import { indexing } from '../src/derivatives/indexing.ts'
import { rearrange } from '../src/derivatives/rearrange.ts'
import { checkGradients, grad, valueAndGrad } from '@ostinato/autograd'

const rng = new Rng(1)
const random = (...shape: number[]) => rng.normal(shape, { dtype: 'float64' })
const ids = (values: number[], ...shape: number[]) => tensor(Int32Array.from(values), { shape })

/**
 * Checks `f` and its third power: then what flows back through `f` depends on the inputs, and so does what is checked.
 */
const check = (f: (...inputs: Tensor<'float64'>[]) => Tensor, inputs: Tensor<'float64'>[]) => {
  const cube = (...xs: Tensor<'float64'>[]) => {
    const y = f(...xs)
    return multiply(y, multiply(y, y))
  }
  checkGradients(f, inputs)
  checkGradients(cube, inputs, { secondOrder: true, relative: 1e-5 })
}

describe('gradients', () => {
  const matrix = random(3, 4)
  const cube = random(2, 3, 4)
  const cases: Record<string, [(...inputs: Tensor<'float64'>[]) => Tensor, Tensor<'float64'>[]]> = {
    'transpose of a matrix': [(x) => transpose(x), [matrix]],
    'transpose to a cycle of axes': [(x) => transpose(x, [1, 2, 0]), [cube]],
    swapAxes: [(x) => swapAxes(x, 0, -1), [cube]],
    'expandAxis and squeeze': [(x) => squeeze(expandAxis(x, 1)), [matrix]],
    'slice by ranges': [(x) => slice(x, [[0, 1], undefined, [-3, undefined, 2]]), [cube]],
    'slice by indices': [(x) => slice(x, [-1, 1]), [cube]],
    'slice of nothing': [(x) => slice(x, [[1, 1]]), [matrix]],
    place: [(x) => place(x, [[1, 6, 2], 0, undefined], [7, 2, 4], { value: 3 }), [random(3, 1, 4)]],
    pad: [
      (x) =>
        pad(
          x,
          [
            [1, 0],
            [2, 3],
          ],
          { value: 2 },
        ),
      [matrix],
    ],
    flip: [(x) => flip(x, [0, 2]), [cube]],
    concat: [(a, b, c) => concat([a, b, c, a], { axis: 1 }), [random(2, 1, 2), random(2, 3, 2), random(2, 0, 2)]],
    stack: [(a, b) => stack([a, b, a], { axis: -1 }), [random(2, 3), random(2, 3)]],
    'split, all parts': [(x) => concat(split(x, [1, 0, 3], { axis: 1 }).reverse(), { axis: 1 }), [matrix]],
    'split, one part of several': [(x) => split(x, 2, { axis: -1 })[1], [matrix]],
    unstack: [(x) => unstack(x, { axis: 1 }).reduce((a, b) => multiply(a, b)), [matrix]],
    tile: [(x) => tile(x, [2, 1, 3]), [random(1, 2, 2)]],
    'gather of rows, some twice': [(x) => gather(x, ids([2, 0, 2, 2], 2, 2)), [matrix]],
    'gather along an inner axis': [(x) => gather(x, ids([1, 1], 2), { axis: 1 }), [cube]],
    'gather of nothing': [(x) => gather(x, ids([], 0)), [matrix]],
    scatterAdd: [(x) => scatterAdd([5, 4], ids([1, 4, 1], 3), x), [matrix]],
    'scatterAdd along the last axis': [
      (x) => scatterAdd([2, 3, 6], ids([5, 0, 0, 2], 2, 2), x, { axis: -1 }),
      [random(2, 3, 2, 2)],
    ],
    takeAlongAxis: [(x) => takeAlongAxis(x, ids([0, 3, 3, 1, 0, 2], 3, 2)), [matrix]],
    scatterAddAlongAxis: [(x) => scatterAddAlongAxis([3, 4], ids([0, 3, 3, 3, 0, 2], 3, 2), x), [random(3, 2)]],
    sort: [(x) => sort(x, { axis: 0, descending: true }).values, [matrix]],
    topK: [(x) => topK(x, 2).values, [matrix]],
    cumulativeSum: [(x) => cumulativeSum(x, { axis: 1 }), [cube]],
    'cumulativeSum, reversed': [(x) => cumulativeSum(x, { axis: 0, reverse: true }), [cube]],
  }
  it.each(Object.entries(cases))('%s', (_, [f, inputs]) => {
    check(f, inputs)
  })

  it('leave out no derivative of these families', () => {
    const heard = new Set<string>()
    const record = ({ name }: { name: string }) => {
      heard.add(name)
    }
    withRecorder({ record, tracks: () => true }, () => {
      for (const [f, inputs] of Object.values(cases))
        grad((x: Tensor) => sum(f(x as Tensor<'float64'>, ...inputs.slice(1))))(inputs[0])
    })
    expect(Object.keys({ ...indexing, ...rearrange }).filter((name) => !heard.has(name))).toEqual([])
  })
})

it('gathering and scattering are adjoint: <gather(x), u> = <x, scatterAdd(u)>', () => {
  const index = fc.array(fc.nat(4), { maxLength: 8 })
  fc.assert(
    fc.property(index, fc.nat(1), (list, axis) => {
      const indices = ids(list, list.length)
      const x = random(5, 5)
      const u = axis === 0 ? random(list.length, 5) : random(5, list.length)
      const left = sum(multiply(gather(x, indices, { axis }), u)).item()
      const right = sum(multiply(x, scatterAdd([5, 5], indices, u, { axis }))).item()
      expect(left).toBeCloseTo(right, 10)
    }),
  )
})

it('cutting a long sequence into steps costs one gradient, not one a step', () => {
  // As T slices the gradient would be T zero-padded copies: 4000 x 4000 x 8 elements.
  const x = random(4000, 8)
  const { grads } = valueAndGrad(x, () => sum(unstack(x).reduce((state, step) => add(multiply(state, 0), step))))
  const gradient = grads.get(x)
  expect(gradient?.data.subarray(-8).every((v) => v === 1)).toBe(true)
  expect(gradient?.data.subarray(0, -8).every((v) => v === 0)).toBe(true)
})
