// A choice between two tensors, element by element.
import { allocate, type DataOf, type DType } from '../dtype.ts'
import { fail } from '../errors.ts'
import { none, type None } from '../operations.ts'
import { record } from '../record.ts'
import { broadcastShapes, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { copyRun, forEachRun, type InnerLoop } from './broadcast.ts'
import { pair, type Operand } from './operand.ts'

export interface WhereOperations {
  where: None
}

type Data = DataOf<DType>

/**
 * `a` where `condition` is true and `b` elsewhere, all three broadcast. The gradient goes to the side that was taken; a
 * NaN or an infinity on the other side does not come through.
 * @throws ShapeError when the shapes do not broadcast, `condition` is not of type bool or the element types differ
 * @example
 * ```ts
 * import { greater, tensor, where } from '@ostinato/tensor'
 * const x = tensor([-1, 2])
 * console.assert(String(where(greater(x, 0), x, 0).toArray()) === '0,2')
 * ```
 */
export function where<D extends DType>(condition: Tensor<'bool'>, a: Tensor<D>, b: Operand<NoInfer<D>>): Tensor<D>
export function where<D extends DType>(condition: Tensor<'bool'>, a: Operand<NoInfer<D>>, b: Tensor<D>): Tensor<D>
export function where(condition: Tensor<'bool'>, a: Operand<DType>, b: Operand<DType>): Tensor<DType> {
  const [yes, no] = pair('where', a, b)
  if (condition.dtype !== 'bool') fail('where', `expected a condition of type bool, got ${String(condition.dtype)}: compare it with a value`)
  const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', yes.shape, no.shape))
  const out = new Tensor(allocate(yes.dtype, sizeOf(shape)), shape, yes.dtype)
  if (no.size === 1) {
    if (!Object.is(no.data[0], 0)) out.data.fill(no.data[0])
  } else {
    const shapes = { out: shape, a: no.shape, b: no.shape }
    forEachRun<Data, Data>(copyRun, { out: out.data, a: no.data, b: no.data }, shapes)
  }
  choose(out, condition, yes)
  return record('where', [condition, yes, no], out, none)
}

/** Puts `yes` into `out` where `condition` is true. */
function choose(out: Tensor<DType>, condition: Tensor<'bool'>, yes: Tensor<DType>): void {
  const shapes = { out: out.shape, a: condition.shape, b: yes.shape }
  const [to, from] = [words(out.data), words(yes.data)]
  if (to !== undefined && from !== undefined) {
    forEachRun<Int32Array, Uint8Array, Int32Array>(chooseWords, { out: to, a: condition.data, b: from }, shapes)
  } else forEachRun<Data, Uint8Array, Data>(chooseValues, { out: out.data, a: condition.data, b: yes.data }, shapes)
}

/** The elements as they lie in memory, when each is 32 bits. */
const words = (data: Data) =>
  data.BYTES_PER_ELEMENT === 4 ? new Int32Array(data.buffer, data.byteOffset, data.length) : undefined

// Without a jump, which random conditions would make slow: all bits of one side, or of the other.
const chooseWords: InnerLoop<Int32Array, Uint8Array, Int32Array> = (run) => {
  const { out, a, b, count, at, aAt, bAt, aStep, bStep } = run
  for (let i = 0; i < count; i++) {
    const no = out[at + i]
    out[at + i] = no ^ ((no ^ b[bAt + i * bStep]) & -a[aAt + i * aStep])
  }
}

const chooseValues: InnerLoop<Data, Uint8Array, Data> = ({ out, a, b, count, at, aAt, bAt, aStep, bStep }) => {
  for (let i = 0; i < count; i++) if (a[aAt + i * aStep] !== 0) out[at + i] = b[bAt + i * bStep]
}
