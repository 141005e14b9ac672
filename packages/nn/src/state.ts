// Loads named values into parameters, all or nothing. Reading them from a file is the business of
// `@ostinato/safetensors`.
import { formatShape, isFloat, isTensor, sameShape, Tensor, type AnyTensor, type Parameter } from '@ostinato/tensor'

/** A state does not fit the model that it was to be loaded into. */
export class StateError extends Error {
  override readonly name = 'StateError'

  /**
   * @param where the method that was called, such as `Linear.loadState`
   * @param faults one sentence for each name that is missing, unexpected or of another shape
   */
  constructor(
    readonly where: string,
    readonly faults: readonly string[],
  ) {
    const list = faults.map((fault, i) => `  ${i + 1}. ${fault}`).join('\n')
    super(`${where}: ${faults.length} of the names do not fit, nothing was loaded\n${list}`)
  }
}

/**
 * Assigns `state` to `parameters` name by name; throws a `StateError` before the first assignment when anything is
 * wrong.
 */
export function loadState(
  where: string,
  parameters: ReadonlyMap<string, Parameter>,
  state: ReadonlyMap<string, AnyTensor>,
): void {
  const faults: string[] = []
  for (const [name, parameter] of parameters) {
    const value = state.get(name)
    const wanted = `expected '${name}' ${formatShape(parameter.shape)}`
    if (value === undefined) faults.push(`${wanted}, got nothing of that name`)
    else if (!isTensor(value)) faults.push(`${wanted}, got no tensor but ${typeof value}`)
    else if (!isFloat(value.dtype)) faults.push(`${wanted} of floating-point type, got ${value.dtype}`)
    else if (!sameShape(value.shape, parameter.shape)) faults.push(`${wanted}, got ${formatShape(value.shape)}`)
  }
  for (const name of state.keys()) if (!parameters.has(name)) faults.push(`expected no '${name}': the model has no such name`)
  if (faults.length > 0) throw new StateError(where, faults)
  // Where the values are parameters of this very model under other names, one would be overwritten before it is read.
  const own = new Set<unknown>(Array.from(parameters.values(), (parameter) => parameter.data))
  const floats = state as ReadonlyMap<string, Tensor>
  const values = new Map(Array.from(floats, ([name, value]) => [name, own.has(value.data) ? copyOf(value) : value]))
  for (const [name, parameter] of parameters) {
    const value = values.get(name)
    if (value !== undefined) parameter.assign(value)
  }
}

const copyOf = (x: Tensor): Tensor => new Tensor(x.data.slice(), x.shape, x.dtype)
