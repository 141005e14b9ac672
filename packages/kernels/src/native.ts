// The seam for kernels in machine code, which `@ostinato/native` brings: what they offer, how they are registered, and
// how that package is found where it is installed. Nothing here depends on it.
import type { AdamArrays, AdamConstants } from './adam.ts'
import type { Plan } from './plan.ts'
import type { ScaledSoftmaxArrays } from './scaled-softmax.ts'
import type { SgdArrays, SgdConstants } from './sgd.ts'
import type {
  BackwardOptions, ElmanProblem, GruProblem, LstmGradients, LstmOutputGradients, LstmProblem, LstmResult,
  MatrixProduct, PartialInput, ProductArrays,
} from './types.ts'

/** A problem of one kind of layer. */
export type NativeProblem =
  | (ElmanProblem<Float32Array> & { readonly kind: 'elman' })
  | (GruProblem<Float32Array> & { readonly kind: 'gru' })
  | (LstmProblem<Float32Array> & { readonly kind: 'lstm' })

/** What a forward pass kept, until a backward pass has used it: then `values` is gone. */
export interface NativeKept {
  values: Float32Array | undefined
}

/** Float32 kernels in machine code. The arguments have been checked. */
export interface NativeKernels {
  /** What they are written for; others are not used. */
  readonly version: 2
  multiply(arrays: ProductArrays<Float32Array>, product: Required<Omit<MatrixProduct, 'versionB'>>): void
  elementwise(name: 'exp' | 'tanh' | 'sigmoid', out: Float32Array, x: Float32Array): void
  softmax(
    out: Float32Array, x: Float32Array, form: { readonly columns: number; readonly logarithm: boolean },
  ): void
  scaledSoftmax(arrays: ScaledSoftmaxArrays<Float32Array>): void
  sgd(arrays: SgdArrays<Float32Array>, constants: SgdConstants): void
  adam(arrays: AdamArrays<Float32Array>, constants: AdamConstants): void
  forward(problem: NativeProblem, plan: Plan): Omit<LstmResult<Float32Array>, 'cell' | 'saved'> & {
    readonly cell?: Float32Array
    readonly kept: NativeKept | undefined
  }
  backward(
    problem: NativeProblem, plan: Plan,
    from: {
      readonly kept: NativeKept | undefined
      readonly gradients: LstmOutputGradients<Float32Array>
      readonly options: BackwardOptions
    },
  ): PartialInput<Omit<LstmGradients<Float32Array>, 'initialCell'>> & { readonly initialCell?: Float32Array }
}

let registered: NativeKernels | undefined
let looked = false
const listeners: (() => void)[] = []

/**
 * Makes kernels in machine code the first of the backends. `@ostinato/native` calls it when it is imported.
 *
 * @throws RangeError when they are written for another version of this package.
 */
export function registerNative(kernels: NativeKernels): void {
  if (kernels.version !== 2) {
    throw new RangeError(
      `registerNative: expected kernels of version 2, got ${String(kernels.version)}; ` +
      'install @ostinato/native and @ostinato/kernels of the same version',
    )
  }
  registered = kernels
  for (const listener of listeners) listener()
}

/** Calls back when kernels are registered. */
export function onNative(listener: () => void): void {
  listeners.push(listener)
}

/** The registered kernels. The first call looks for the package where it runs on Node. */
export function nativeKernels(): NativeKernels | undefined {
  if (registered === undefined && !looked) {
    looked = true
    findPackage()
  }
  return registered
}

interface Platform {
  readonly process?: {
    readonly argv?: readonly string[]
    readonly env?: Readonly<Record<string, string | undefined>>
    getBuiltinModule?(name: string): { createRequire?(from: string): (name: string) => unknown } | undefined
  }
}

/** Loads the package, which registers itself, from beside this one or beside the program; without a word if absent. */
function findPackage(): void {
  const { process } = globalThis as Platform
  if (process?.env?.OSTINATO_NATIVE === '0') return
  for (const from of [import.meta.url, process?.argv?.[1]]) {
    try {
      if (from === undefined) continue
      process?.getBuiltinModule?.('node:module')?.createRequire?.(from)('@ostinato/native')
      if (registered !== undefined) return
    } catch {
      // Not installed, or this version of Node cannot load it in one breath: then an import registers it.
    }
  }
}
