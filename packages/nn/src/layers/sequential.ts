// Layers in a row. A model with branches is a class of its own.
import { isTensor, type AnyTensor, type Tensor } from '@ostinato/tensor'
import { throwFaults } from '../check.ts'
import { Module } from '../module.ts'

/** A module that turns one tensor into another. */
export interface Layer<Input extends AnyTensor = Tensor> extends Module {
  forward(x: Input): Tensor
}

/** A layer, or a function such as `tanh`. */
export type Step<Input extends AnyTensor = Tensor> = Layer<Input> | ((x: Input) => Tensor)

/**
 * Runs its layers one after the other: `y = layers[n-1](… layers[0](x))`. Functions may stand among them. Names are
 * `layers.0.weight` and so on, functions counted.
 *
 * @throws ShapeError when an argument is neither a function nor a module with `forward`
 * @example
 * ```ts
 * import { Embedding, Linear, Sequential } from '@ostinato/nn'
 * import { relu, Rng, tensor } from '@ostinato/tensor'
 * const rng = new Rng(0)
 * const model = new Sequential(new Embedding(50, 8, { rng }), relu, new Linear(8, 2, { rng }))
 * console.assert(model.forward(tensor([4, 9], { dtype: 'int32' })).shape.join() === '2,2')
 * console.assert([...model.state().keys()][0] === 'layers.0.weight')
 * ```
 */
export class Sequential<Input extends AnyTensor = Tensor> extends Module {
  readonly layers: readonly [Step<Input>, ...Step[]]

  constructor(first: Step<Input>, ...rest: Step[]) {
    super()
    this.layers = [first, ...rest]
    throwFaults('Sequential', this.layers.flatMap((layer: unknown, i) =>
      typeof layer === 'function' || isLayer(layer) ? [] : [`expected a function or a module with forward(x), got ${typeof layer} at ${i}`]))
  }

  /**
   * @param x what the first layer takes
   * @returns what the last layer gives
   */
  forward(x: Input): Tensor {
    const [first, ...rest] = this.layers
    return rest.reduce<Tensor>((y, step) => apply(step, y), apply(first, x))
  }
}

const isLayer = (value: unknown) =>
  typeof value === 'object' && value !== null && 'forward' in value && typeof value.forward === 'function'

function apply<Input extends AnyTensor>(step: Step<Input>, x: Input): Tensor {
  const y = typeof step === 'function' ? step(x) : step.forward(x)
  if (!isTensor(y)) throwFaults('Sequential.forward', [`expected every layer to give a tensor, got ${typeof y}: wrap it in a function that picks one`])
  return y
}
