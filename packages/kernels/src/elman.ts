// The public Elman sequence: checks its arguments and hands them to a backend.
import { machineFor, nativeFor } from './backend.ts'
import { elmanBackwardJs, elmanForwardJs } from './javascript/elman.ts'
import { lastStates, unpackRows } from './javascript/packing.ts'
import { planOf } from './plan.ts'
import { heldOn, open, seal } from './saved.ts'
import { checkGradients, checkProblem } from './sequence-check.ts'
import type {
  BackwardOptions, ElmanProblem, ElmanResult, ElmanSaved, FloatArray, OutputGradients, PartialInput, SequenceGradients,
} from './types.ts'
import { elmanBackwardWasm, elmanForwardWasm } from './wasm/elman.ts'

/**
 * Runs an Elman layer over a whole padded batch (Elman 1990, "Finding structure in time").
 *
 * h_t = f(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), where f is tanh or relu.
 *
 * @returns `output` `[batch, time, hidden]`, `hidden` `[batch, hidden]` and, with `keep`, what the backward pass needs.
 * @throws RangeError naming every array or size that does not fit.
 *
 * @example
 * ```ts
 * import { elmanForward } from '@ostinato/kernels'
 *
 * const { hidden } = elmanForward({
 *   layout: { batch: 1, time: 2 }, inputSize: 1, hiddenSize: 1, nonlinearity: 'relu',
 *   input: Float32Array.of(1, 2), initialHidden: new Float32Array(1),
 *   weightIh: Float32Array.of(1), weightHh: Float32Array.of(0.5),
 * })
 * hidden // 2.5
 * ```
 */
export function elmanForward<A extends FloatArray>(
  problem: ElmanProblem<A> & { readonly keep: true },
): ElmanResult<A> & { readonly saved: ElmanSaved<A> }
export function elmanForward<A extends FloatArray>(problem: ElmanProblem<A>): ElmanResult<A>
export function elmanForward<A extends FloatArray>(problem: ElmanProblem<A>): ElmanResult<A> {
  checkProblem('elmanForward', 1, problem)
  const { nonlinearity, hiddenSize } = problem
  if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') {
    throw new RangeError(`elmanForward: expected nonlinearity to be 'tanh' or 'relu', got ${String(nonlinearity)}`)
  }
  const plan = planOf(problem.layout)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as ElmanProblem<FloatArray> as ElmanProblem<Float32Array>
    const { kept: nativeKept, ...result } = native.forward({ kind: 'elman', ...single }, plan)
    const saved = problem.keep === true ? { saved: seal({ kind: 'elman', problem, plan, nativeKept }) } : {}
    return { ...result, ...saved } as ElmanResult<FloatArray> as ElmanResult<A>
  }
  const machine = machineFor(problem.input)
  if (machine !== undefined) {
    const single = problem as ElmanProblem<FloatArray> as ElmanProblem<Float32Array>
    const { output, hidden, held } = elmanForwardWasm(machine, single, plan)
    const result = { output, hidden } as ElmanResult<FloatArray> as ElmanResult<A>
    return problem.keep === true ? { ...result, saved: seal({ kind: 'elman', problem, plan, held }) } : result
  }
  const kept = elmanForwardJs(problem, plan)
  return {
    output: unpackRows(plan, kept.states, plan.batch * hiddenSize, hiddenSize),
    hidden: lastStates(plan, kept.states, hiddenSize),
    ...(problem.keep === true ? { saved: seal({ kind: 'elman', problem, plan, kept }) } : {}),
  }
}

/**
 * The gradients of {@link elmanForward} by back-propagation through time (Werbos 1990).
 *
 * With ds_t = (dL/dh_t) f'(s_t): dL/dh_(t-1) = W_hh^T ds_t, dW_ih = sum ds_t x_t^T, dW_hh = sum ds_t h_(t-1)^T.
 *
 * @returns gradients of the shapes of their namesakes; `input` is left out when `inputGradient` is false,
 * `stateNorms` is there when asked for.
 * @throws RangeError when a gradient does not fit or `saved` is not from `elmanForward`.
 *
 * @example
 * ```ts
 * import { elmanBackward, elmanForward } from '@ostinato/kernels'
 *
 * const { saved } = elmanForward({
 *   layout: { batch: 1, time: 1 }, inputSize: 1, hiddenSize: 1, nonlinearity: 'relu', keep: true,
 *   input: Float32Array.of(3), initialHidden: new Float32Array(1),
 *   weightIh: Float32Array.of(2), weightHh: Float32Array.of(1),
 * })
 * elmanBackward(saved, { hidden: Float32Array.of(1) }).weightIh // 3
 * ```
 */
export function elmanBackward<A extends FloatArray>(
  saved: ElmanSaved<A>, gradients: OutputGradients<A>,
  options?: BackwardOptions & { readonly inputGradient?: true | undefined },
): SequenceGradients<A>
export function elmanBackward<A extends FloatArray>(
  saved: ElmanSaved<A>, gradients: OutputGradients<A>, options?: BackwardOptions,
): PartialInput<SequenceGradients<A>>
export function elmanBackward<A extends FloatArray>(
  saved: ElmanSaved<A>, gradients: OutputGradients<A>, options: BackwardOptions = {},
): PartialInput<SequenceGradients<A>> {
  const { problem, plan, kept, held, nativeKept } = open('elmanBackward', 'elman', saved)
  checkGradients('elmanBackward', problem, gradients)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as ElmanProblem<FloatArray> as ElmanProblem<Float32Array>
    const outer = gradients as OutputGradients<Float32Array>
    const result = native.backward({ kind: 'elman', ...single }, plan, { kept: nativeKept, gradients: outer, options })
    return result as SequenceGradients<FloatArray> as SequenceGradients<A>
  }
  const machine = machineFor(problem.input)
  if (machine === undefined) return elmanBackwardJs(kept ?? elmanForwardJs(problem, plan), gradients, options)
  const single = problem as ElmanProblem<FloatArray> as ElmanProblem<Float32Array>
  const outer = gradients as OutputGradients<Float32Array>
  const from = heldOn(machine, held) ?? elmanForwardWasm(machine, { ...single, keep: true }, plan).held
  const result = elmanBackwardWasm(from, single, plan, { gradients: outer, options })
  from.machine.release(from.slot)
  return result as SequenceGradients<FloatArray> as SequenceGradients<A>
}
