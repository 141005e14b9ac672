// What all reductions share: which axes, how to walk them, what shape is left. Knows no reduction.
import type { DataOf, DType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { formatShape, type Shape } from '../shape.ts'
import type { AnyTensor, Tensor } from '../tensor.ts'
import { forEachRun, type InnerLoop } from './broadcast.ts'
import { reshape } from './layout.ts'

/** Which axes a reduction runs over, and whether they stay with size 1. */
export interface ReductionOptions {
  /** One axis or several, negative from the end; absent: all. */
  readonly axis?: number | readonly number[] | undefined
  /** Keep reduced axes with size 1. Default false. */
  readonly keepAxes?: boolean | undefined
}

/** The axes of an operation that keeps them with size 1; sorted. */
export interface ReducedAxes {
  readonly axes: readonly number[]
}

/**
 * The innermost loop of a reduction. `out` is what is read, `count` elements from `at`; `a` (and `b`) hold the result
 * so far, in float64: one place, `aAt`, when `aStep` is 0, and as many as `count` when it is 1.
 */
export type ReductionLoop = InnerLoop<DataOf<DType>, Float64Array>

/** `shape` with the reduced axes of size 1. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((n, i) => (axes.includes(i) ? 1 : n))
}

/** What a reduction adds to: values of `shape`, and others `beside` them if the loop reads such. */
export interface Totals {
  readonly shape: Shape
  readonly totals: Float64Array
  readonly beside?: Float64Array
}

/** Walks `x` and folds it into `totals`. */
export function fold(loop: ReductionLoop, x: AnyTensor, { shape, totals, beside = totals }: Totals): void {
  const shapes = { out: x.shape, a: shape, b: shape }
  forEachRun<DataOf<DType>, Float64Array>(loop, { out: x.data, a: totals, b: beside }, shapes)
}

/** Adds up. */
export const addUp: ReductionLoop = ({ out: x, a: totals, count, at, aAt, aStep }) => {
  let i = 0
  if (aStep === 0) {
    let total = 0
    for (; i < count; i++) total += x[at + i]
    totals[aAt] += total
    return
  }
  // Four at a time: a turn of a loop costs as much as an addition.
  for (; i + 4 <= count; i += 4) {
    totals[aAt + i] += x[at + i]
    totals[aAt + i + 1] += x[at + i + 1]
    totals[aAt + i + 2] += x[at + i + 2]
    totals[aAt + i + 3] += x[at + i + 3]
  }
  for (; i < count; i++) totals[aAt + i] += x[at + i]
}

/** `total`, whose reduced axes have size 1, with or without them. */
export function finish<D extends DType>(total: Tensor<D>, axes: readonly number[], keepAxes: boolean): Tensor<D> {
  return keepAxes ? total : reshape(total, total.shape.filter((_, i) => !axes.includes(i)))
}

/** The number of elements that fall on one result. Throws when there is a result without any. */
export function countReduced(where: string, x: AnyTensor, axes: readonly number[]): number {
  let count = 1
  for (const axis of axes) count *= x.shape[axis]
  if (count === 0 && x.shape.every((n, i) => n > 0 || axes.includes(i))) {
    const empty = axes.find((axis) => x.shape[axis] === 0)
    fail(where, `expected at least one element to reduce, got shape ${formatShape(x.shape)}: axis ${empty} is 0`)
  }
  return count
}
