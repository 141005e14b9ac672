// Any cell over time. Uses the cell's fused form when it has one, and otherwise steps.
import {
  concat,
  formatShape,
  sameShape,
  ShapeError,
  stack,
  tensor,
  unstack,
  where,
  zeros,
  type Tensor,
} from '@ostinato/tensor'
import { changeState, type Cell, type SequenceResult, type State } from './cell.ts'
import { beginFlowRun, type FlowRun } from './gradient-flow-run.ts'
import { checkLengths, reverseSequence } from './lengths.ts'
import { checkSequence, SequenceLayer, type SequenceOptions } from './sequence-layer.ts'

/** How an `Rnn` runs its cell. */
export interface RnnOptions {
  /** Read each row from its last valid step to its first. Outputs stay at their steps. Default false. */
  readonly reverse?: boolean
  /** Use the cell's fused form where there is one. Default true; false steps, which allows gradients of gradients. */
  readonly fused?: boolean
}

/**
 * A recurrent layer: runs `cell` over time, `h_t = step(x_t, h_{t-1})` (Elman 1990).
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@ostinato/tensor'
 * import { GruCell, Rnn } from '@ostinato/rnn'
 * const layer = new Rnn(new GruCell(8, 16, { rng: new Rng(1) }))
 * const { output, state } = layer.forward(zeros([2, 5, 8]), { lengths: [5, 3] })
 * console.assert(output.shape.join() === '2,5,16' && state.hidden.shape.join() === '2,16')
 * ```
 */
export class Rnn<S extends State> extends SequenceLayer<S> {
  readonly cell: Cell<S>
  readonly reverse: boolean
  readonly fused: boolean

  constructor(cell: Cell<S>, { reverse = false, fused = true }: RnnOptions = {}) {
    super()
    this.cell = cell
    this.reverse = reverse
    this.fused = fused
  }

  get inputSize(): number {
    return this.cell.inputSize
  }

  get outputSize(): number {
    return this.cell.outputSize
  }

  initialState(batch: number): S {
    return this.cell.initialState(batch)
  }

  forward(x: Tensor, options: SequenceOptions<S> = {}): SequenceResult<S> {
    checkSequence('Rnn.forward', x, this.inputSize)
    const lengths = checkLengths('Rnn.forward', options.lengths, x)
    const [batch] = x.shape
    const state = options.initialState ?? this.initialState(batch)
    // The state of no rows costs nothing and has the names, types and sizes that a given one must have.
    if (options.initialState) checkState(state, { expected: this.initialState(0), batch })
    const { reverse } = this
    const flow = beginFlowRun(this, { batch, time: x.shape[1], reverse, lengths, initialState: state })
    const fused = this.fused
      ? this.cell.sequence(x, {
          state,
          reverse,
          ...(lengths && { lengths }),
          ...(flow && { tellStateNorms: flow.tell }),
        })
      : undefined
    const result = fused ?? this.#step(x, { state, lengths, flow })
    flow?.end(result.state)
    return result
  }

  #step(x: Tensor, options: StepOptions<S>): SequenceResult<S> {
    if (!this.reverse) return step(this.cell, x, options)
    const { lengths } = options
    const turn = (y: Tensor) => reverseSequence(y, lengths && { lengths })
    const { output, state } = step(this.cell, turn(x), options)
    return { output: turn(output), state }
  }
}

interface StepOptions<S> {
  readonly state: S
  readonly lengths: Int32Array | undefined
  /** Observes the states. */
  readonly flow: FlowRun | undefined
}

/** Throws unless `state` has the names, sizes and types of `expected` for `batch` rows; names all that differ. */
function checkState(state: State, { expected, batch }: { readonly expected: State; readonly batch: number }): void {
  const faults = Object.entries(expected).flatMap(
    ([
      name,
      {
        shape: [, ...sizes],
        dtype,
      },
    ]) => {
      const given = state[name] as Tensor | undefined
      const shape = [batch, ...sizes]
      if (given === undefined) return [`expected a state with '${name}' ${formatShape(shape)}, got one without`]
      if (sameShape(given.shape, shape) && given.dtype === dtype) return []
      return [`expected state '${name}' ${dtype}${formatShape(shape)}, got ${given.dtype}${formatShape(given.shape)}`]
    },
  )
  if (faults.length > 0) throw new ShapeError('Rnn.forward', faults)
}

/** Runs the cell step by step, as far as the longest row goes. */
function step<S extends State>(
  cell: Cell<S>,
  x: Tensor,
  { state: first, lengths, flow }: StepOptions<S>,
): SequenceResult<S> {
  const [batch, time] = x.shape
  const steps = lengths === undefined ? time : lengths.reduce((a, b) => Math.max(a, b), 0)
  const inputs = unstack(x, { axis: 1 })
  const outputs: Tensor[] = []
  const begun = cell.begin()
  let state = first
  for (let t = 0; t < steps; t++) {
    const next = begun(inputs[t], state)
    flow?.watch(t, next.state)
    const active =
      lengths?.every((length) => t < length) === false ? lengths.map((length) => Number(t < length)) : undefined
    outputs.push(active ? keepActive(active, next.output, undefined) : next.output)
    state = active ? changeState(next.state, (value, name) => keepActive(active, value, state[name])) : next.state
  }
  if (steps === time && steps > 0) return { output: stack(outputs, { axis: 1 }), state }
  const features = outputs.length > 0 ? outputs[0].shape.slice(1) : [cell.outputSize, ...x.shape.slice(3)]
  const rest = zeros([batch, time - steps, ...features], { dtype: x.dtype })
  return { output: steps === 0 ? rest : concat([stack(outputs, { axis: 1 }), rest], { axis: 1 }), state }
}

/** Rows that are active take `value`; the others `otherwise`, or zero. */
function keepActive(active: Int32Array, value: Tensor, otherwise: Tensor | undefined): Tensor {
  const mask = tensor(active, { dtype: 'bool', shape: [active.length, ...value.shape.slice(1).map(() => 1)] })
  return where(mask, value, otherwise ?? zeros([], { dtype: value.dtype }))
}
