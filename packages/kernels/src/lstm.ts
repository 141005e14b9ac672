// The public LSTM sequence: checks its arguments and hands them to a backend.
import { machineFor, nativeFor } from './backend.ts'
import { lstmBackwardJs, lstmForwardJs } from './javascript/lstm.ts'
import { lastStates, unpackRows } from './javascript/packing.ts'
import { planOf } from './plan.ts'
import { heldOn, open, seal } from './saved.ts'
import { checkGradients, checkProblem } from './sequence-check.ts'
import type {
  BackwardOptions, FloatArray, LstmGradients, LstmOutputGradients, LstmProblem, LstmResult, LstmSaved, PartialInput,
} from './types.ts'
import { lstmBackwardWasm, lstmForwardWasm } from './wasm/lstm.ts'

/**
 * Runs an LSTM layer over a whole padded batch (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al.
 * 2000).
 *
 * - i, f, o = sigmoid(W_i* x + b_i* + W_h* h + b_h*), g = tanh(W_ig x + b_ig + W_hg h + b_hg)
 * - c' = f * c + i * g
 * - h' = o * tanh(c')
 *
 * @returns `output` `[batch, time, hidden]`, `hidden` and `cell` `[batch, hidden]` and, with `keep`, what the backward
 * pass needs.
 * @throws RangeError naming every array or size that does not fit.
 *
 * @example
 * ```ts
 * import { lstmForward } from '@ostinato/kernels'
 *
 * const { cell } = lstmForward({
 *   layout: { batch: 1, time: 3 }, inputSize: 1, hiddenSize: 1,
 *   input: new Float32Array(3), initialHidden: new Float32Array(1), initialCell: Float32Array.of(8),
 *   weightIh: new Float32Array(4), weightHh: new Float32Array(4),
 * })
 * cell // 1: the forget gate halves it thrice
 * ```
 */
export function lstmForward<A extends FloatArray>(
  problem: LstmProblem<A> & { readonly keep: true },
): LstmResult<A> & { readonly saved: LstmSaved<A> }
export function lstmForward<A extends FloatArray>(problem: LstmProblem<A>): LstmResult<A>
export function lstmForward<A extends FloatArray>(problem: LstmProblem<A>): LstmResult<A> {
  checkProblem('lstmForward', 4, problem, { cell: problem.initialCell })
  const { hiddenSize } = problem
  const plan = planOf(problem.layout)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as LstmProblem<FloatArray> as LstmProblem<Float32Array>
    const { kept: nativeKept, ...result } = native.forward({ kind: 'lstm', ...single }, plan)
    const saved = problem.keep === true ? { saved: seal({ kind: 'lstm', problem, plan, nativeKept }) } : {}
    return { ...result, ...saved } as LstmResult<FloatArray> as LstmResult<A>
  }
  const machine = machineFor(problem.input)
  if (machine !== undefined) {
    const single = problem as LstmProblem<FloatArray> as LstmProblem<Float32Array>
    const { output, hidden, cell, held } = lstmForwardWasm(machine, single, plan)
    const result = { output, hidden, cell } as LstmResult<FloatArray> as LstmResult<A>
    return problem.keep === true ? { ...result, saved: seal({ kind: 'lstm', problem, plan, held }) } : result
  }
  const kept = lstmForwardJs(problem, plan)
  return {
    output: unpackRows(plan, kept.states, plan.batch * hiddenSize, hiddenSize),
    hidden: lastStates(plan, kept.states, hiddenSize),
    cell: lastStates(plan, kept.cells, hiddenSize),
    ...(problem.keep === true ? { saved: seal({ kind: 'lstm', problem, plan, kept }) } : {}),
  }
}

/**
 * The gradients of {@link lstmForward} by back-propagation through time.
 *
 * With dh = dL/dh_t and dc = dL/dc_t + dh o (1 - tanh^2 c_t): the gradients of the sums are
 * di = dc g i (1 - i), df = dc c_(t-1) f (1 - f), dg = dc i (1 - g^2), do = dh tanh(c_t) o (1 - o);
 * dL/dc_(t-1) = dc f, dL/dh_(t-1) = W_hh^T [di, df, dg, do].
 *
 * @returns gradients of the shapes of their namesakes; `input` is left out when `inputGradient` is false,
 * `stateNorms` is there when asked for.
 * @throws RangeError when a gradient does not fit or `saved` is not from `lstmForward`.
 *
 * @example
 * ```ts
 * import { lstmBackward, lstmForward } from '@ostinato/kernels'
 *
 * const { saved } = lstmForward({
 *   layout: { batch: 1, time: 1 }, inputSize: 1, hiddenSize: 1, keep: true,
 *   input: new Float32Array(1), initialHidden: new Float32Array(1), initialCell: new Float32Array(1),
 *   weightIh: new Float32Array(4), weightHh: new Float32Array(4),
 * })
 * lstmBackward(saved, { cell: Float32Array.of(1) }).initialCell // 0.5
 * ```
 */
export function lstmBackward<A extends FloatArray>(
  saved: LstmSaved<A>, gradients: LstmOutputGradients<A>,
  options?: BackwardOptions & { readonly inputGradient?: true | undefined },
): LstmGradients<A>
export function lstmBackward<A extends FloatArray>(
  saved: LstmSaved<A>, gradients: LstmOutputGradients<A>, options?: BackwardOptions,
): PartialInput<LstmGradients<A>>
export function lstmBackward<A extends FloatArray>(
  saved: LstmSaved<A>, gradients: LstmOutputGradients<A>, options: BackwardOptions = {},
): PartialInput<LstmGradients<A>> {
  const { problem, plan, kept, held, nativeKept } = open('lstmBackward', 'lstm', saved)
  checkGradients('lstmBackward', problem, gradients)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as LstmProblem<FloatArray> as LstmProblem<Float32Array>
    const outer = gradients as LstmOutputGradients<Float32Array>
    const result = native.backward({ kind: 'lstm', ...single }, plan, { kept: nativeKept, gradients: outer, options })
    return result as LstmGradients<FloatArray> as LstmGradients<A>
  }
  const machine = machineFor(problem.input)
  if (machine === undefined) return lstmBackwardJs(kept ?? lstmForwardJs(problem, plan), gradients, options)
  const single = problem as LstmProblem<FloatArray> as LstmProblem<Float32Array>
  const outer = gradients as LstmOutputGradients<Float32Array>
  const from = heldOn(machine, held) ?? lstmForwardWasm(machine, { ...single, keep: true }, plan).held
  const result = lstmBackwardWasm(from, single, plan, { gradients: outer, options })
  from.machine.release(from.slot)
  return result as LstmGradients<FloatArray> as LstmGradients<A>
}
