// Finds the modules and parameters inside an object by looking at its public fields. Knows nothing of what they
// compute.
import { isParameter, type Parameter } from '@ostinato/tensor'
import type { Module } from './module.ts'

const brand = Symbol.for('@ostinato/nn/module')

/** Whether `value` is a module, also one from another copy of this package. */
export function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * Every module and parameter reachable from `root` through own enumerable fields, arrays and plain objects, depth first
 * in the order of the fields, each once and under the first name it is met by. `root` itself comes first when it is a
 * module.
 *
 * @throws Error when a `Map` or `Set` holds modules or parameters: their order and names are not fixed
 */
export function* walk(root: object): Generator<readonly [name: string, found: Module | Parameter]> {
  yield* visit(root, '', new Set())
}

function* visit(value: unknown, name: string, seen: Set<object>): Generator<readonly [string, Module | Parameter]> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  const container = isModule(value) || Array.isArray(value) || isPlain(value)
  if (!container && !isParameter(value)) {
    refuseHidden(value, name)
    return
  }
  seen.add(value)
  if (isModule(value) || isParameter(value)) yield [name, value]
  if (!container) return
  for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
    yield* visit(inner, name === '' ? key : `${name}.${key}`, seen)
  }
}

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A model in a `Map` or `Set` would be left out of training without a word. The first element tells. */
function refuseHidden(value: object, name: string): void {
  if (!(value instanceof Map || value instanceof Set)) return
  const [first] = value.values()
  if (isModule(first) || isParameter(first)) {
    throw new Error(
      `Module: expected modules and parameters in fields, arrays or plain objects, got a ${value.constructor.name} of ` +
      `them at '${name}': keep them in an array or a plain object`,
    )
  }
}
