// Finds where a computation turned NaN or infinite. It runs the computation again and looks at every result, so it is
// for the moment when something has gone wrong, not for every step.
import {
  currentRecorder,
  isFloat,
  withRecorder,
  type AnyTensor,
  type OperationRecord,
  type Recorder,
} from '@ostinato/tensor'
import { placeOf } from './check-gradients.ts'
import { listTargets, type Targets } from './targets.ts'

/** Where the first NaN or infinity is. */
export interface NonFinite {
  /** Whether a target was bad from the start, or an operation made it so. */
  readonly kind: 'target' | 'operation'
  /** The operation's name, such as `log` or `lstm`; for a target `target`. */
  readonly name: string
  /** Which target, or how many operations ran before; from 0. */
  readonly position: number
  /** The target, or the output of the operation. */
  readonly tensor: AnyTensor
  /** The index of the element along each axis. */
  readonly element: readonly number[]
  /** NaN, Infinity or -Infinity. */
  readonly value: number
  /** What went into the operation. */
  readonly inputs: readonly AnyTensor[]
  /** The calls that led to the operation, innermost first; empty for a target. */
  readonly trace: string
  /** All this in one sentence. */
  readonly message: string
}

/**
 * Runs `run` and returns the first target or, in the order in which they ran, the first operation that turned NaN or
 * infinite; undefined when all is finite. Call `valueAndGrad` in `run` to have the backward pass searched too.
 *
 * An infinity counts only if no input of the operation had one: the -Infinity of a mask is no fault. A NaN always
 * counts.
 *
 * @example
 * ```ts
 * import { log, sum, tensor } from '@ostinato/tensor'
 * import { findNonFinite, valueAndGrad } from '@ostinato/autograd'
 * const x = tensor([1, 0])
 * const found = findNonFinite(x, () => valueAndGrad(x, () => sum(log(x))))
 * console.assert(found?.name === 'log' && found.element[0] === 1 && found.value === -Infinity)
 * ```
 */
export function findNonFinite(targets: Targets, run: () => unknown): NonFinite | undefined {
  for (const [position, tensor] of listTargets(targets).entries()) {
    const at = firstNonFinite(tensor)
    if (at >= 0) return describe('target', { name: 'target', position, inputs: [] }, tensor, at)
  }
  const detector = new Detector()
  try {
    withRecorder(detector, run)
  } catch (error) {
    // What was found comes before what was thrown because of it.
    if (detector.found === undefined) throw error
  }
  return detector.found
}

class Detector implements Recorder {
  found: NonFinite | undefined
  readonly #outer = currentRecorder()
  #position = 0

  record(operation: OperationRecord): void {
    this.#outer?.record(operation)
    const position = this.#position++
    if (this.found !== undefined) return
    const { name, inputs } = operation
    for (const output of operation.outputs) {
      const at = firstNonFinite(output)
      if (at >= 0 && (output.data[at] !== output.data[at] || !inputs.some(hasInfinity))) {
        this.found = describe('operation', { name, position, inputs }, output, at)
        return
      }
    }
  }

  tracks(tensor: AnyTensor): boolean {
    return this.#outer?.tracks(tensor) ?? false
  }
}

/** The position of the first NaN or, when there is none, of the first infinity; -1 when all is finite. */
function firstNonFinite({ data, dtype }: AnyTensor): number {
  if (!isFloat(dtype)) return -1
  let infinite = -1
  for (let i = 0; i < data.length; i++) {
    const value = data[i]
    if (value - value === 0) continue
    if (value !== value) return i
    if (infinite < 0) infinite = i
  }
  return infinite
}

function hasInfinity(x: AnyTensor): boolean {
  if (!isFloat(x.dtype)) return false
  const { data } = x
  for (let i = 0; i < data.length; i++) if (data[i] === Infinity || data[i] === -Infinity) return true
  return false
}

function describe(
  kind: NonFinite['kind'],
  { name, position, inputs }: Pick<NonFinite, 'name' | 'position' | 'inputs'>,
  tensor: AnyTensor,
  at: number,
): NonFinite {
  const value = tensor.data[at]
  const element = placeOf(at, tensor)
  const outcome = `${tensor.dtype}[${tensor.shape.join(', ')}], is ${value} at [${element.join(', ')}]`
  if (kind === 'target') {
    return { kind, name, position, tensor, element, value, inputs, trace: '', message: `target ${position}, ${outcome}` }
  }
  const bad = inputs.findIndex((input) => firstNonFinite(input) >= 0)
  const cause = bad < 0 ? 'its inputs are finite' : `so is its input ${bad}`
  const message = `the output of operation ${position}, '${name}', ${outcome}; ${cause}`
  return { kind, name, position, tensor, element, value, inputs, trace: callers(), message }
}

/** The stack without the frames of this search. */
function callers(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1)
  return lines.filter((line) => !line.includes('find-non-finite')).map((line) => line.trim()).join('\n')
}
