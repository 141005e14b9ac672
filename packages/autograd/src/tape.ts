// The tape: hears the operations that depend on the tensors in question and walks them backwards. A loop, not a
// recursion: backpropagation through 20,000 steps must not overflow a stack. Knows no single derivative; those stand in
// the table.
import {
  add,
  currentRecorder,
  formatShape,
  isFloat,
  recordCustom,
  sameShape,
  ShapeError,
  type AnyTensor,
  type CustomRecord,
  type OperationRecord,
  type Recorder,
  type Tensor,
} from '@ostinato/tensor'
import type { Derivative } from './derivatives/derivative.ts'
import { derivatives } from './derivatives/table.ts'

/** Records what is computed from `targets`; then `gradients` gives their gradients, once. */
export class Tape implements Recorder {
  readonly #tracked: Set<AnyTensor>
  readonly #operations: OperationRecord[] = []
  readonly #watched = new Map<AnyTensor, ((gradient: Tensor) => void)[]>()
  /** The tape around this one: it hears everything too, which is how gradients of gradients come about. */
  readonly #outer: Recorder | null = currentRecorder()

  constructor(targets: Iterable<AnyTensor>) {
    this.#tracked = new Set(targets)
  }

  record(operation: OperationRecord): void {
    if (operation.inputs.some((input) => this.#tracked.has(input))) {
      let carries = false
      for (const output of operation.outputs) {
        if (!isFloat(output.dtype)) continue
        this.#tracked.add(output)
        carries = true
      }
      if (carries) this.#operations.push(operation)
    }
    this.#outer?.record(operation)
  }

  tracks(tensor: AnyTensor): boolean {
    return this.#tracked.has(tensor) || (this.#outer?.tracks(tensor) ?? false)
  }

  watch(tensor: Tensor, hear: (gradient: Tensor) => void): void {
    if (!this.#tracked.has(tensor)) this.#outer?.watch?.(tensor, hear)
    else this.#watched.set(tensor, [...(this.#watched.get(tensor) ?? []), hear])
  }

  /**
   * Walks the tape from its end. Each operation is dropped when its gradient has been passed on, and each gradient of a
   * tensor that is not asked for with it.
   */
  gradients(output: Tensor, seed: Tensor, wanted: ReadonlySet<AnyTensor>): Map<AnyTensor, Tensor> {
    const gradients = new Map<AnyTensor, Tensor>([[output, seed]])
    for (let operation = this.#operations.pop(); operation !== undefined; operation = this.#operations.pop()) {
      const outputs = operation.outputs.map((tensor) => gradients.get(tensor))
      if (outputs.every((gradient) => gradient === undefined)) continue
      if (this.#watched.size > 0) for (const tensor of operation.outputs) this.#tell(tensor, gradients)
      for (const tensor of operation.outputs) if (!wanted.has(tensor)) gradients.delete(tensor)
      this.#passOn(operation, outputs, gradients)
      for (const tensor of operation.outputs) this.#tracked.delete(tensor)
    }
    // Those that came from no operation: targets.
    for (const tensor of this.#watched.keys()) this.#tell(tensor, gradients)
    return gradients
  }

  /** All operations after the one that gave `tensor` have been passed: its gradient is whole. */
  #tell(tensor: AnyTensor, gradients: ReadonlyMap<AnyTensor, Tensor>): void {
    const gradient = gradients.get(tensor)
    if (gradient === undefined) return
    for (const hear of this.#watched.get(tensor) ?? []) hear(gradient)
    this.#watched.delete(tensor)
  }

  #passOn(
    operation: OperationRecord,
    outputs: readonly (Tensor | undefined)[],
    gradients: Map<AnyTensor, Tensor>,
  ): void {
    const { inputs } = operation
    const accumulate = (input: AnyTensor, gradient: Tensor) => {
      const sum = gradients.get(input)
      gradients.set(input, sum === undefined ? gradient : add(sum, gradient))
    }
    if ('derivative' in operation) {
      const products = operation.derivative(outputs)
      if (operation.differentiable !== true) reportProducts(operation, outputs, products)
      inputs.forEach((input, i) => {
        const product = products[i]
        if (product === undefined || !this.#tracked.has(input)) return
        checkProduct(operation, i, product)
        accumulate(input, product)
      })
      return
    }
    const gradient = outputs[0]
    if (gradient === undefined) return
    // Each entry fits its own operation's attributes; the compiler cannot pair them by name here.
    const derivative = derivatives[operation.name] as Derivative<unknown>
    const products = derivative({
      gradient,
      inputs: inputs as readonly Tensor[],
      output: operation.outputs[0] as Tensor,
      attributes: operation.attributes,
    })
    inputs.forEach((input, i) => {
      const product = products[i]
      if (product !== undefined && this.#tracked.has(input)) accumulate(input, product())
    })
  }
}

/**
 * Tells the tape around (if any) of gradients that an operation's own derivative computed unheard, so that asking for
 * their gradients is an error rather than a zero.
 */
function reportProducts(
  { name, inputs }: CustomRecord,
  gradients: readonly (Tensor | undefined)[],
  products: readonly (Tensor | undefined)[],
): void {
  const outer = currentRecorder()
  if (outer === null) return
  const sources = [...inputs, ...gradients.filter((gradient) => gradient !== undefined)]
  const made = products.filter((product) => product !== undefined)
  const unheard = made.filter((product) => !outer.tracks(product) && !sources.includes(product))
  if (unheard.length === 0) return
  recordCustom({
    name: `${name} (backward)`,
    inputs: sources,
    outputs: unheard,
    derivative: () => {
      throw new Error(`${name}: expected one derivative at most, got a derivative of its derivative: this fused operation has none; compute it from single operations`)
    },
  })
}

function checkProduct({ name, inputs }: CustomRecord, i: number, product: Tensor): void {
  const { shape, dtype } = inputs[i]
  if (sameShape(product.shape, shape) && product.dtype === dtype) return
  const expected = `${dtype}${formatShape(shape)}`
  throw new ShapeError(name, [`expected a derivative that gives input ${i} a gradient ${expected}, got ${product.dtype}${formatShape(product.shape)}`])
}
