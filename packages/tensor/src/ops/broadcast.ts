// Walks two operands of different shapes as one: axes that can be run through together are merged, and an operation
// only has to write its innermost loop. Knows no operation.
import type { DataOf, DType } from '../dtype.ts'
import { sameShape, sizeOf, type Shape } from '../shape.ts'

/**
 * The innermost loop of a binary operation: `out[at + i] = f(a[aAt + i * aStep], b[bAt + i * bStep])` for `i < count`.
 * Steps are 1, or 0 where the operand is stretched.
 */
export type InnerLoop<Out, A, B = A> = (run: {
  readonly out: Out
  readonly a: A
  readonly b: B
  count: number
  at: number
  aAt: number
  bAt: number
  aStep: number
  bStep: number
}) => void

/** Calls `loop` over the whole of `out`, whose shape `a` and `b` broadcast to. */
export function forEachRun<Out, A, B = A>(
  loop: InnerLoop<Out, A, B>,
  { out, a, b }: { readonly out: Out; readonly a: A; readonly b: B },
  shapes: { readonly out: Shape; readonly a: Shape; readonly b: Shape },
): void {
  if (sameShape(shapes.out, shapes.a) && sameShape(shapes.out, shapes.b)) {
    const count = sizeOf(shapes.out)
    if (count > 0) loop({ out, a, b, count, at: 0, aAt: 0, bAt: 0, aStep: 1, bStep: 1 })
    return
  }
  const { sizes, aSteps, bSteps } = mergeAxes(shapes.out, shapes.a, shapes.b)
  const inner = sizes.length - 1
  const run = { out, a, b, count: sizes[inner], at: 0, aAt: 0, bAt: 0, aStep: aSteps[inner], bStep: bSteps[inner] }
  if (run.count === 0 || sizes.includes(0)) return
  const index = new Array<number>(inner).fill(0)
  for (;;) {
    loop(run)
    run.at += run.count
    let axis = inner - 1
    for (; axis >= 0; axis--) {
      run.aAt += aSteps[axis]
      run.bAt += bSteps[axis]
      if (++index[axis] < sizes[axis]) break
      run.aAt -= aSteps[axis] * sizes[axis]
      run.bAt -= bSteps[axis] * sizes[axis]
      index[axis] = 0
    }
    if (axis < 0) return
  }
}

/** The fewest axes that describe how both operands lie under `out`; a step of 0 stretches. At least one axis. */
function mergeAxes(out: Shape, a: Shape, b: Shape): { sizes: number[]; aSteps: number[]; bSteps: number[] } {
  const sizes: number[] = []
  const aSteps: number[] = []
  const bSteps: number[] = []
  let aStride = 1
  let bStride = 1
  for (let i = 1; i <= out.length; i++) {
    const size = out[out.length - i]
    const aSize = i <= a.length ? a[a.length - i] : 1
    const bSize = i <= b.length ? b[b.length - i] : 1
    if (size === 1) continue
    const aStep = aSize === 1 ? 0 : aStride
    const bStep = bSize === 1 ? 0 : bStride
    aStride *= aSize
    bStride *= bSize
    const last = sizes.length - 1
    // The axis outside continues the one inside when a whole inner run takes each operand exactly to the next outer
    // place.
    if (last >= 0 && aStep === aSteps[last] * sizes[last] && bStep === bSteps[last] * sizes[last]) sizes[last] *= size
    else {
      sizes.push(size)
      aSteps.push(aStep)
      bSteps.push(bStep)
    }
  }
  if (sizes.length === 0) return { sizes: [1], aSteps: [0], bSteps: [0] }
  return { sizes: sizes.reverse(), aSteps: aSteps.reverse(), bSteps: bSteps.reverse() }
}

/** The innermost loop that copies `a` to `out`. */
export function copyRun(run: {
  readonly out: DataOf<DType>
  readonly a: DataOf<DType>
  readonly count: number
  readonly at: number
  readonly aAt: number
  readonly aStep: number
}): void {
  const { out, a, count, at, aAt, aStep } = run
  for (let i = 0; i < count; i++) out[at + i] = a[aAt + i * aStep]
}
