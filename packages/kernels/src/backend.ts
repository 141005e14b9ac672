// Which implementation of the float32 kernels is in use. Not here: the kernels.
import type { Backend } from './types.ts'

const found: readonly Backend[] = ['javascript']
let current: Backend | undefined

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
  return found
}

/**
 * The backend in use for float32. float64 always runs in JavaScript.
 *
 * @example
 * ```ts
 * import { backend } from '@ostinato/kernels'
 *
 * backend() // 'relaxed-simd', 'simd' or 'javascript'
 * ```
 */
export function backend(): Backend {
  return current ?? availableBackends()[0]
}

/**
 * Runs a function with another backend and returns what it returns. For tests and measurements; the choice ends when
 * `run` returns, so `run` must be synchronous.
 *
 * @throws RangeError where that backend cannot run.
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
    return run()
  } finally {
    current = before
  }
}
