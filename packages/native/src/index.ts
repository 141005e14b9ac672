// The public face of the package. Importing it makes the addon, where there is one, the first backend of the kernels.
import { registerNative } from '@ostinato/kernels'
import { nativeKernels } from './kernels.ts'
import { loadAddon } from './node.ts'

const addon = loadAddon()
let chosen = addon?.instructionSets()[0]
if (addon !== undefined) registerNative(nativeKernels(addon, () => chosen ?? ''))

/**
 * The instruction sets that the addon can use on this machine, the quickest first: among `avx512`, `avx2` and
 * `baseline` (SSE2) on x86-64, `neon` on arm64. Empty where there is no addon: then the kernels run as WebAssembly, as
 * without this package.
 *
 * @example
 * ```ts
 * import { instructionSets } from '@ostinato/native'
 *
 * instructionSets() // ['avx2', 'baseline'], say
 * ```
 */
export function instructionSets(): string[] {
  return addon?.instructionSets() ?? []
}

/**
 * The instruction set in use: the quickest one, unless {@link useInstructionSet} chose another. Undefined where there
 * is no addon.
 *
 * @example
 * ```ts
 * import { instructionSet } from '@ostinato/native'
 *
 * instructionSet() // 'avx2', say
 * ```
 */
export function instructionSet(): string | undefined {
  return chosen
}

/**
 * Uses another instruction set from here on, in this thread. For tests and measurements.
 *
 * @throws RangeError when it does not run here.
 *
 * @example
 * ```ts
 * import { instructionSets, useInstructionSet } from '@ostinato/native'
 *
 * for (const name of instructionSets().reverse()) useInstructionSet(name) // ends with the quickest
 * ```
 */
export function useInstructionSet(name: string): void {
  const names = instructionSets()
  if (addon === undefined || !names.includes(name)) {
    const expected = names.length === 0 ? 'an addon, and there is none for this machine' : `one of ${names.join(', ')}`
    throw new RangeError(`useInstructionSet: expected ${expected}, got '${name}'`)
  }
  addon.useInstructionSet(name)
  chosen = name
}
