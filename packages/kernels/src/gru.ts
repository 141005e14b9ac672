// The public GRU sequence: checks its arguments and hands them to a backend.
import { machineFor, nativeFor } from './backend.ts'
import { gruBackwardJs, gruForwardJs } from './javascript/gru.ts'
import { lastStates, unpackRows } from './javascript/packing.ts'
import { planOf } from './plan.ts'
import { heldOn, open, seal } from './saved.ts'
import { checkGradients, checkProblem } from './sequence-check.ts'
import type {
  BackwardOptions, FloatArray, GruProblem, GruResult, GruSaved, OutputGradients, PartialInput, SequenceGradients,
} from './types.ts'
import { gruBackwardWasm, gruForwardWasm } from './wasm/gru.ts'

/**
 * Runs a GRU layer over a whole padded batch (Cho et al. 2014), with the reset gate after the recurrent product as in
 * cuDNN and PyTorch.
 *
 * - r = sigmoid(W_ir x + b_ir + W_hr h + b_hr), z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
 * - n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
 * - h' = (1 - z) * n + z * h
 *
 * @returns `output` `[batch, time, hidden]`, `hidden` `[batch, hidden]` and, with `keep`, what the backward pass needs.
 * @throws RangeError naming every array or size that does not fit.
 *
 * @example
 * ```ts
 * import { gruForward } from '@ostinato/kernels'
 *
 * const { hidden } = gruForward({
 *   layout: { batch: 1, time: 5 }, inputSize: 1, hiddenSize: 1,
 *   input: new Float32Array(5), initialHidden: Float32Array.of(1),
 *   weightIh: new Float32Array(3), weightHh: new Float32Array(3),
 * })
 * hidden // 0.5 to the fifth
 * ```
 */
export function gruForward<A extends FloatArray>(
  problem: GruProblem<A> & { readonly keep: true },
): GruResult<A> & { readonly saved: GruSaved<A> }
export function gruForward<A extends FloatArray>(problem: GruProblem<A>): GruResult<A>
export function gruForward<A extends FloatArray>(problem: GruProblem<A>): GruResult<A> {
  checkProblem('gruForward', 3, problem)
  const { hiddenSize } = problem
  const plan = planOf(problem.layout)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as GruProblem<FloatArray> as GruProblem<Float32Array>
    const { kept: nativeKept, ...result } = native.forward({ kind: 'gru', ...single }, plan)
    const saved = problem.keep === true ? { saved: seal({ kind: 'gru', problem, plan, nativeKept }) } : {}
    return { ...result, ...saved } as GruResult<FloatArray> as GruResult<A>
  }
  const machine = machineFor(problem.input)
  if (machine !== undefined) {
    const single = problem as GruProblem<FloatArray> as GruProblem<Float32Array>
    const { output, hidden, held } = gruForwardWasm(machine, single, plan)
    const result = { output, hidden } as GruResult<FloatArray> as GruResult<A>
    return problem.keep === true ? { ...result, saved: seal({ kind: 'gru', problem, plan, held }) } : result
  }
  const kept = gruForwardJs(problem, plan)
  return {
    output: unpackRows(plan, kept.states, plan.batch * hiddenSize, hiddenSize),
    hidden: lastStates(plan, kept.states, hiddenSize),
    ...(problem.keep === true ? { saved: seal({ kind: 'gru', problem, plan, kept }) } : {}),
  }
}

/**
 * The gradients of {@link gruForward} by back-propagation through time.
 *
 * With dh = dL/dh_t: dz = dh (h_(t-1) - n) z (1 - z), dn = dh (1 - z) (1 - n^2),
 * dr = dn (W_hn h_(t-1) + b_hn) r (1 - r), dL/dh_(t-1) = dh z + W_hr^T dr + W_hz^T dz + W_hn^T (r dn).
 *
 * @returns gradients of the shapes of their namesakes; `input` is left out when `inputGradient` is false,
 * `stateNorms` is there when asked for.
 * @throws RangeError when a gradient does not fit or `saved` is not from `gruForward`.
 *
 * @example
 * ```ts
 * import { gruBackward, gruForward } from '@ostinato/kernels'
 *
 * const { saved } = gruForward({
 *   layout: { batch: 1, time: 1 }, inputSize: 1, hiddenSize: 1, keep: true,
 *   input: new Float32Array(1), initialHidden: new Float32Array(1),
 *   weightIh: new Float32Array(3), weightHh: new Float32Array(3),
 * })
 * gruBackward(saved, { hidden: Float32Array.of(1) }).initialHidden // 0.5
 * ```
 */
export function gruBackward<A extends FloatArray>(
  saved: GruSaved<A>, gradients: OutputGradients<A>,
  options?: BackwardOptions & { readonly inputGradient?: true | undefined },
): SequenceGradients<A>
export function gruBackward<A extends FloatArray>(
  saved: GruSaved<A>, gradients: OutputGradients<A>, options?: BackwardOptions,
): PartialInput<SequenceGradients<A>>
export function gruBackward<A extends FloatArray>(
  saved: GruSaved<A>, gradients: OutputGradients<A>, options: BackwardOptions = {},
): PartialInput<SequenceGradients<A>> {
  const { problem, plan, kept, held, nativeKept } = open('gruBackward', 'gru', saved)
  checkGradients('gruBackward', problem, gradients)
  const native = nativeFor(problem.input)
  if (native !== undefined) {
    const single = problem as GruProblem<FloatArray> as GruProblem<Float32Array>
    const outer = gradients as OutputGradients<Float32Array>
    const result = native.backward({ kind: 'gru', ...single }, plan, { kept: nativeKept, gradients: outer, options })
    return result as SequenceGradients<FloatArray> as SequenceGradients<A>
  }
  const machine = machineFor(problem.input)
  if (machine === undefined) return gruBackwardJs(kept ?? gruForwardJs(problem, plan), gradients, options)
  const single = problem as GruProblem<FloatArray> as GruProblem<Float32Array>
  const outer = gradients as OutputGradients<Float32Array>
  const from = heldOn(machine, held) ?? gruForwardWasm(machine, { ...single, keep: true }, plan).held
  const result = gruBackwardWasm(from, single, plan, { gradients: outer, options })
  from.machine.release(from.slot)
  return result as SequenceGradients<FloatArray> as SequenceGradients<A>
}
