// The list of all primitive operations with their attributes. Each family of operations declares its own part; the table of
// derivatives in `@ostinato/autograd` must hold an entry for each, or it does not compile.
import type { ElementwiseOperations } from './ops/elementwise.ts'
import type { LayoutOperations } from './ops/layout.ts'
import type { ReductionOperations } from './ops/reduction.ts'

/** Operation name -> its attributes (what it needs besides its input tensors). */
export interface Operations extends ElementwiseOperations, LayoutOperations, ReductionOperations {}

/** The attributes of an operation that has none. */
export type None = Readonly<Record<string, never>>

/** The one value of type `None`. */
export const none: None = Object.freeze({})
