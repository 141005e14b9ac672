// The random generators of a model, so that a run that goes on draws what the whole run would have drawn.
import type { Module } from '@ostinato/nn'
import { isRng, type Rng } from '@ostinato/tensor'

/**
 * The random generators in the public fields of the model's modules (those of dropout, say), also in arrays and plain
 * objects there: name -> generator, each once and under its first name, in the order of the fields.
 */
export function randomGenerators(model: Module): Map<string, Rng> {
  const found = new Map<string, Rng>()
  const seen = new Set<object>()
  const visit = (value: unknown, name: string) => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    if (isRng(value)) {
      seen.add(value)
      found.set(name, value)
    } else if (Array.isArray(value) || isPlain(value)) {
      seen.add(value)
      visitFields(value, name)
    }
  }
  const visitFields = (value: object, name: string) => {
    for (const [key, inner] of Object.entries(value)) visit(inner, name === '' ? key : `${name}.${key}`)
  }
  for (const [name, module] of model.namedModules()) visitFields(module, name)
  return found
}

const isPlain = (value: object) => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
