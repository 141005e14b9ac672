// The product of matrices, and of stacks of them. The arithmetic is done by `@ostinato/kernels`.
import { matrixMultiply, type MatrixProduct } from '@ostinato/kernels'
import { allocate, type DataOf, type FloatDType } from '../dtype.ts'
import { fail, ShapeError } from '../errors.ts'
import { isParameter } from '../parameter.ts'
import { currentRecorder, record } from '../record.ts'
import { broadcastShapes, formatShape, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { forEachRun } from './broadcast.ts'
import { reshape } from './layout.ts'
import { checkFloat, checkSame } from './operand.ts'

export interface MatmulOperations {
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean }
}

/** Which operand is stored transposed. */
export interface MatmulOptions {
  /** `a` is `[…, k, m]`. Default false. */
  readonly transposeA?: boolean | undefined
  /** `b` is `[…, n, k]`. Default false. */
  readonly transposeB?: boolean | undefined
}

type Floats = DataOf<FloatDType>
type Attributes = MatmulOperations['matmul']

/**
 * The product of the matrices on the last two axes, `[…, m, k]` times `[…, k, n]` to `[…, m, n]`; the axes before them
 * broadcast. An operand with one axis is a row (`a`) or a column (`b`), and that axis is left out of the result, as in
 * NumPy.
 *
 * `out_ij = Σ_l a_il b_lj`
 *
 * @throws ShapeError when the inner sizes differ, the other axes do not broadcast, an operand has no axis, or the
 * element types differ or are not floating-point
 * @example
 * ```ts
 * import { matmul, tensor } from '@ostinato/tensor'
 * const a = tensor([[1, 2], [3, 4]])
 * console.assert(String(matmul(a, tensor([[5], [6]])).toArray()) === '17,39')
 * console.assert(String(matmul(a, a, { transposeB: true }).toArray()) === '5,11,11,25')
 * ```
 */
export function matmul<D extends FloatDType>(a: Tensor<D>, b: Tensor<NoInfer<D>>, options?: MatmulOptions): Tensor<D>
export function matmul<D extends FloatDType>(a: Tensor<NoInfer<D>>, b: Tensor<D>, options?: MatmulOptions): Tensor<D>
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const attributes = { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false }
  check(a, b, attributes)
  if (a.rank > 1 && b.rank > 1) return folded(a, b, attributes)
  const left = a.rank === 1 ? reshape(a, [1, a.size]) : a
  const right = b.rank === 1 ? reshape(b, [b.size, 1]) : b
  const out = folded(left, right, attributes)
  const shape = out.shape.slice(0, -2)
  if (a.rank > 1) shape.push(out.shape[out.rank - 2])
  if (b.rank > 1) shape.push(out.shape[out.rank - 1])
  return reshape(out, shape)
}

function check(a: Tensor, b: Tensor, { transposeA, transposeB }: Attributes): void {
  const where = 'matmul'
  checkFloat(where, a)
  checkFloat(where, b)
  checkSame(where, a, b)
  const aAxis = a.rank === 1 || !transposeA ? -1 : -2
  const bAxis = b.rank === 1 || transposeB ? -1 : -2
  const [aSize, bSize] = [a.shape[a.rank + aAxis], b.shape[b.rank + bAxis]]
  if (a.rank > 1 && b.rank > 1 && aSize === bSize) return
  const faults: string[] = []
  for (const [name, x, transposed] of [['a', a, transposeA], ['b', b, transposeB]] as const) {
    if (x.rank === 0) faults.push(`expected ${name} with at least one axis, got a scalar: use multiply()`)
    if (x.rank === 1 && transposed) faults.push(`expected ${name} with at least two axes to transpose, got ${formatShape(x.shape)}`)
  }
  if (faults.length > 0) throw new ShapeError(where, faults)
  if (aSize !== bSize) {
    const form = (x: Tensor, transposed: boolean) => `${formatShape(x.shape)}${transposed ? ' transposed' : ''}`
    fail(where, `expected inner sizes that agree, got ${form(a, transposeA)} and ${form(b, transposeB)}: axis ${aAxis} of a is ${aSize}, axis ${bAxis} of b is ${bSize}`)
  }
}

/** A stack of matrices times one matrix is one tall matrix times it. */
function folded(a: Tensor, b: Tensor, attributes: Attributes): Tensor {
  if (a.rank === 2 || b.rank > 2 || attributes.transposeA) return product(a, b, attributes)
  const columns = a.shape[a.rank - 1]
  const stack = a.shape.slice(0, -1)
  const out = product(reshape(a, [sizeOf(stack), columns]), b, attributes)
  return reshape(out, [...stack, out.shape[1]])
}

function product(a: Tensor, b: Tensor, attributes: Attributes): Tensor {
  const { transposeA, transposeB } = attributes
  const m = a.shape[a.rank - (transposeA ? 1 : 2)]
  const k = a.shape[a.rank - (transposeA ? 2 : 1)]
  const n = b.shape[b.rank - (transposeB ? 2 : 1)]
  if (a.rank > 2 || b.rank > 2) {
    return record('matmul', [a, b], stackProduct(a, b, { m, n, k, transposeA, transposeB }), attributes)
  }
  const out = new Tensor(allocate(a.dtype, m * n), [m, n], a.dtype)
  matrixMultiply<Floats>(out.data, a.data, b.data, { m, n, k, transposeA, transposeB, versionB: keptVersion(b) })
  return record('matmul', [a, b], out, attributes)
}

/** The version under which a right operand stays packed. In training, a parameter would be packed for one product. */
export function keptVersion(b: Tensor): number | undefined {
  return currentRecorder() === null && isParameter(b) ? b.version : undefined
}

/** One product for each pair of matrices of two stacks. */
function stackProduct(a: Tensor, b: Tensor, sizes: Required<Omit<MatrixProduct, 'accumulate' | 'versionB'>>): Tensor {
  const { m, n, k } = sizes
  const stacks = { a: a.shape.slice(0, -2), b: b.shape.slice(0, -2) }
  const stack = broadcastShapes('matmul', stacks.a, stacks.b)
  const shape = [...stack, m, n]
  const out = new Tensor(allocate(a.dtype, sizeOf(shape)), shape, a.dtype)
  // Here an "element" of the walk is a matrix.
  forEachRun<Floats, Floats>((run) => {
    for (let i = 0; i < run.count; i++) {
      const outAt = (run.at + i) * m * n
      const aAt = (run.aAt + i * run.aStep) * m * k
      const bAt = (run.bAt + i * run.bStep) * k * n
      const left = run.a.subarray(aAt, aAt + m * k)
      matrixMultiply(run.out.subarray(outAt, outAt + m * n), left, run.b.subarray(bAt, bAt + k * n), sizes)
    }
  }, { out: out.data, a: a.data, b: b.data }, { out: stack, ...stacks })
  return out
}
