// The state of an optimizer as plain data, to be saved beside the weights. No file format: see `@ostinato/safetensors`.
import { formatShape, sameShape, ShapeError, type AnyTensor, type Tensor } from '@ostinato/tensor'
import { show } from './faults.ts'
import { whole, type Field } from './options.ts'

/**
 * All that an optimizer knows beyond its options. Both parts are plain: the tensors can be written with
 * `encodeSafetensors`, the counters with `JSON.stringify`, and both read back without loss.
 */
export interface OptimizerState {
  /** `<parameter>.<moment>` -> a tensor of the parameter's shape and type. */
  readonly tensors: Map<string, Tensor>
  /** `steps`, and `<parameter>.steps` for each parameter that has been changed. */
  readonly counters: Record<string, number>
}

/** A state as it is read back, with tensors of any type as a file gives them. */
export interface SavedState {
  readonly tensors: ReadonlyMap<string, AnyTensor>
  readonly counters: Readonly<Record<string, number>>
}

/** Takes a saved state apart: asks for what should be there and notes what is missing, wrong or left over. */
export class StateReader {
  readonly #where: string
  readonly #state: SavedState
  readonly #faults: string[] = []
  readonly #seen = new Set<string>()

  constructor(where: string, state: SavedState) {
    this.#where = where
    this.#state = state
    if (!(state?.tensors instanceof Map) || typeof state.counters !== 'object' || state.counters === null) {
      throw new ShapeError(where, ['expected a state { tensors: Map, counters: {…} } as state() gives it'])
    }
  }

  /** Whether there is a counter of this name. */
  has(name: string): boolean {
    return Object.hasOwn(this.#state.counters, name)
  }

  /** A counter that is any finite number. */
  number(name: string): number {
    return this.#counter(name, { expected: 'a finite number', accepts: Number.isFinite })
  }

  /** A counter of events: a whole number of `least` or more. */
  count(name: string, least: number): number {
    return this.#counter(name, whole(least))
  }

  /** A copy of the data of a tensor which must be like `model`. */
  data(name: string, model: Tensor): Tensor['data'] | undefined {
    this.#seen.add(name)
    const tensor = this.#state.tensors.get(name)
    const expected = `expected '${name}' to be ${model.dtype}${formatShape(model.shape)}`
    if (tensor === undefined) this.#faults.push(`${expected}, got none`)
    else if (tensor.dtype !== model.dtype || !sameShape(tensor.shape, model.shape)) {
      this.#faults.push(`${expected}, got ${tensor.dtype}${formatShape(tensor.shape)}`)
    } else return (tensor as Tensor).data.slice()
    return undefined
  }

  /** @throws ShapeError naming all that was missing or wrong, and all that nobody asked for */
  finish(): void {
    const names = [...this.#state.tensors.keys(), ...Object.keys(this.#state.counters)]
    const left = names.filter((name) => !this.#seen.has(name))
    if (left.length > 0) {
      const remedy = 'is it the state of another optimizer or model?'
      this.#faults.push(`expected nothing else, got ${left.map(show).join(', ')}: ${remedy}`)
    }
    if (this.#faults.length > 0) throw new ShapeError(this.#where, this.#faults)
  }

  #counter(name: string, { expected, accepts }: Pick<Field<number>, 'expected' | 'accepts'>): number {
    this.#seen.add(name)
    const value: unknown = this.has(name) ? this.#state.counters[name] : undefined
    if (typeof value === 'number' && accepts(value)) return value
    this.#faults.push(`expected counter '${name}' to be ${expected}, got ${value === undefined ? 'none' : show(value)}`)
    return 0
  }
}
