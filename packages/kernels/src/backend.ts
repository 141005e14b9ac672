// Which implementation of the float32 kernels is in use. Not here: the kernels.
import { order } from './generated/order.ts'
import { relaxedSimd } from './generated/relaxed-simd.ts'
import { simd } from './generated/simd.ts'
import { nativeKernels, onNative } from './native.ts'
import type { NativeKernels } from './native.ts'
import type { Backend, FloatArray } from './types.ts'
import { decodeBytes } from './wasm/bytes.ts'
import { Engine } from './wasm/engine.ts'
import type { Machine } from './wasm/machine.ts'
import { allowRelaxedSimd, validates } from './wasm/platform.ts'

let found: readonly Backend[] | undefined
let current: Backend | undefined
/** The WebAssembly backends that have been used. */
export const engines = new Map<Backend, Engine>()
const builds = new Map<Backend, Uint8Array>()

onNative(() => {
  found = undefined
  current = undefined
})

/**
 * The backends that can run here, the quickest first.
 *
 * @example
 * ```ts
 * import { availableBackends } from '@ostinato/kernels'
 *
 * availableBackends().includes('javascript') // always there
 * ```
 */
export function availableBackends(): readonly Backend[] {
  found ??= find()
  return found
}

/**
 * The backend in use for float32. float64 always runs in JavaScript.
 *
 * @example
 * ```ts
 * import { backend } from '@ostinato/kernels'
 *
 * backend() // 'native', 'relaxed-simd', 'simd' or 'javascript'
 * ```
 */
export function backend(): Backend {
  current ??= availableBackends()[0]
  return current
}

/**
 * Runs a function with another backend and returns what it returns. For tests and measurements; the choice ends when
 * `run` returns, so `run` must be synchronous.
 *
 * @throws RangeError where that backend cannot run, or when `run` returns a promise.
 *
 * @example
 * ```ts
 * import { backend, useBackend } from '@ostinato/kernels'
 *
 * useBackend('javascript', () => backend()) // 'javascript'
 * ```
 */
export function useBackend<T>(name: Backend, run: () => T): T {
  const available = availableBackends()
  if (!available.includes(name)) {
    throw new RangeError(
      `useBackend: expected one of the backends that run here (${available.join(', ')}), got '${name}'`,
    )
  }
  const before = current
  current = name
  try {
    const result = run()
    if (result instanceof Promise) {
      throw new RangeError('useBackend: expected a synchronous function, got one that returns a promise')
    }
    return result
  } finally {
    current = before
  }
}

/** The kernels in machine code to use for arrays like this one; undefined means WebAssembly or JavaScript. */
export function nativeFor(array: FloatArray): NativeKernels | undefined {
  return array instanceof Float32Array && backend() === 'native' ? nativeKernels() : undefined
}

/** The WebAssembly instance to use for arrays like this one; undefined means JavaScript. */
export function machineFor(array: FloatArray): Machine | undefined {
  return array instanceof Float32Array ? engineInUse()?.machine : undefined
}

/** The same for work that is hardly more than its copies into and out of memory. */
export function localMachineFor(array: FloatArray): Machine | undefined {
  return array instanceof Float32Array ? engineInUse()?.local : undefined
}

/** Does such work in machine code, in WebAssembly or in JavaScript, for arrays like this one. */
export function runLocal(
  array: FloatArray, native: (kernels: NativeKernels) => void, wasm: (machine: Machine) => void, javascript: () => void,
): void {
  const kernels = nativeFor(array)
  const machine = kernels === undefined ? localMachineFor(array) : undefined
  if (kernels !== undefined) native(kernels)
  else if (machine !== undefined) wasm(machine)
  else javascript()
}

/**
 * The WebAssembly backend in use; undefined means JavaScript. Compiled at its first use: where the platform refuses (a
 * content security policy, say), the next backend takes over.
 */
export function engineInUse(): Engine | undefined {
  // What is not there in machine code runs on the next backend.
  const name = backend() === 'native' ? availableBackends()[1] : backend()
  if (name === 'javascript') return undefined
  const known = engines.get(name)
  if (known !== undefined) return known
  try {
    const engine = new Engine(bytesOf(name))
    engines.set(name, engine)
    return engine
  } catch {
    found = availableBackends().filter(other => other !== name)
    current = undefined
    return engineInUse()
  }
}

function find(): readonly Backend[] {
  const names: Backend[] = ['javascript']
  // Where relaxed SIMD runs, SIMD does: its build need not be looked at.
  const relaxed = validates(bytesOf('relaxed-simd')) || (allowRelaxedSimd() && validates(bytesOf('relaxed-simd')))
  if (relaxed || validates(bytesOf('simd'))) names.unshift('simd')
  if (relaxed) names.unshift('relaxed-simd')
  if (nativeKernels() !== undefined) names.unshift('native')
  return names
}

/** A build, decoded at its first use. */
function bytesOf(name: Backend): Uint8Array {
  const known = builds.get(name)
  if (known !== undefined) return known
  const bytes = decodeBytes(name === 'simd' ? simd : relaxedSimd, order)
  builds.set(name, bytes)
  return bytes
}
