// What the opaque `Saved` of each kind holds. The layout is the same for every backend, so a backward pass may run on
// another backend than its forward pass.
import type { Plan } from './plan.ts'
import type {
  ElmanProblem, ElmanSaved, FloatArray, GruProblem, GruSaved, LstmProblem, LstmSaved, Saved,
} from './types.ts'

interface Kept<A extends FloatArray> {
  readonly plan: Plan
  /** `[batch + rows, hidden]`: the sorted initial states, then the state after each packed row. */
  readonly states: A
}

export interface ElmanKept<A extends FloatArray> extends Kept<A> {
  readonly kind: 'elman'
  readonly problem: ElmanProblem<A>
}

export interface GruKept<A extends FloatArray> extends Kept<A> {
  readonly kind: 'gru'
  readonly problem: GruProblem<A>
  /** `[rows, 3 * hidden]`: r, z and n after their nonlinearities. */
  readonly gates: A
  /** `[rows, hidden]`: the recurrent product of n with its bias, before r. */
  readonly products: A
}

export interface LstmKept<A extends FloatArray> extends Kept<A> {
  readonly kind: 'lstm'
  readonly problem: LstmProblem<A>
  /** `[batch + rows, hidden]`: the cells, laid out as `states`. */
  readonly cells: A
  /** `[rows, 4 * hidden]`: i, f, g and o after their nonlinearities. */
  readonly gates: A
}

/** Closes what a forward pass kept. */
export function seal<A extends FloatArray>(kept: ElmanKept<A>): ElmanSaved<A>
export function seal<A extends FloatArray>(kept: GruKept<A>): GruSaved<A>
export function seal<A extends FloatArray>(kept: LstmKept<A>): LstmSaved<A>
export function seal<A extends FloatArray>(kept: ElmanKept<A> | GruKept<A> | LstmKept<A>): unknown {
  return kept
}

/** Opens what a forward pass kept, after checking that it is of the right kind. */
export function open<A extends FloatArray>(where: string, kind: 'elman', saved: ElmanSaved<A>): ElmanKept<A>
export function open<A extends FloatArray>(where: string, kind: 'gru', saved: GruSaved<A>): GruKept<A>
export function open<A extends FloatArray>(where: string, kind: 'lstm', saved: LstmSaved<A>): LstmKept<A>
export function open<A extends FloatArray>(
  where: string, kind: 'elman' | 'gru' | 'lstm', saved: Saved<'elman' | 'gru' | 'lstm', A>,
): unknown {
  const got: unknown = (saved as { readonly kind?: unknown } | undefined)?.kind
  if (got !== kind) {
    throw new RangeError(
      `${where}: expected what ${kind}Forward saved, got ${got === undefined ? String(saved) : `'${String(got)}'`}; ` +
      `run ${kind}Forward with keep: true and pass its \`saved\``,
    )
  }
  return saved
}
