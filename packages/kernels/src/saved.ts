// What the opaque `Saved` of each kind holds: the problem, and what one backend kept of its forward pass. Where that is
// gone, or another backend goes back, the forward pass is run again. Not here: the passes.
import type { ElmanKept } from './javascript/elman.ts'
import type { GruKept } from './javascript/gru.ts'
import type { LstmKept } from './javascript/lstm.ts'
import type { NativeKept } from './native.ts'
import type { Plan } from './plan.ts'
import type { ElmanProblem, FloatArray, GruProblem, LstmProblem, Saved } from './types.ts'
import type { Machine } from './wasm/machine.ts'
import type { Held } from './wasm/pass.ts'

/** By kind of layer: its problem, and what JavaScript keeps. */
interface Kinds<A extends FloatArray> {
  readonly elman: { readonly problem: ElmanProblem<A>; readonly kept: ElmanKept<A> }
  readonly gru: { readonly problem: GruProblem<A>; readonly kept: GruKept<A> }
  readonly lstm: { readonly problem: LstmProblem<A>; readonly kept: LstmKept<A> }
}
type Kind = keyof Kinds<FloatArray>

export interface Contents<K extends Kind, A extends FloatArray> {
  readonly kind: K
  readonly problem: Kinds<A>[K]['problem']
  readonly plan: Plan
  /** What the JavaScript backend kept. */
  readonly kept?: Kinds<A>[K]['kept']
  /** What a WebAssembly backend kept. */
  readonly held?: Held | undefined
  /** What kernels in machine code kept. */
  readonly nativeKept?: NativeKept | undefined
}

/** Closes what a forward pass kept. */
export function seal<K extends Kind, A extends FloatArray>(contents: Contents<K, A>): Saved<K, A> {
  return contents as unknown as Saved<K, A>
}

/** Opens what a forward pass kept, after checking that it is of the right kind. */
export function open<K extends Kind, A extends FloatArray>(where: string, kind: K, saved: Saved<K, A>): Contents<K, A> {
  const got = (saved as Saved<Kind, A> | undefined)?.kind
  if (got !== kind) {
    throw new RangeError(
      `${where}: expected what ${kind}Forward saved, got ${got === undefined ? 'nothing of the kind' : `'${got}'`}; ` +
      `run ${kind}Forward with keep: true and pass its \`saved\``,
    )
  }
  return saved as unknown as Contents<K, A>
}

/** What was kept on this machine or its like, if it is still there. */
export function heldOn(machine: Machine, held: Held | undefined): Held | undefined {
  return held?.machine.owner === machine.owner && held.slot?.valid === true ? held : undefined
}
