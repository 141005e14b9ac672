// What the cells of PyTorch's parametrisation share: their parameters, and the checks of their options.
import { glorotUniform, orthogonal, type Initialiser } from '@ostinato/nn'
import {
  concat,
  Parameter,
  ShapeError,
  zeros,
  type FloatDType,
  type Rng,
  type Tensor,
} from '@ostinato/tensor'
import { Cell, type State } from './cell.ts'

/** What every cell is built with. */
export interface CellOptions {
  /** Draws the initial weights. */
  readonly rng: Rng
  /** Two bias vectors, as in PyTorch. Default true. */
  readonly bias?: boolean
  /** Element type of the parameters. Default float32. */
  readonly dtype?: FloatDType
}

/** Names and sizes of a cell under construction. */
export interface CellSizes {
  readonly name: string
  readonly gates: number
  readonly inputSize: number
  readonly hiddenSize: number
  /** The size of what is fed back where a projection makes it another than `hiddenSize`. */
  readonly projectionSize?: number | undefined
}

/**
 * A cell of PyTorch's parametrisation, whose gates stand in the rows of shared weights: `weightIh` `[gates * hidden,
 * input]` (Glorot & Bengio 2010), `weightHh` `[gates * hidden, recurrent]` (orthogonal, Saxe et al. 2014), each gate
 * drawn by itself, and two bias vectors of zeros. What the gates do is the subclass's business.
 *
 * @throws ShapeError when a size is not a positive integer
 */
export abstract class GatedCell<S extends State> extends Cell<S> {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly outputSize: number
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh: Parameter | null
  readonly biasHh: Parameter | null

  constructor(
    { name, gates, inputSize, hiddenSize, projectionSize }: CellSizes,
    { rng, bias = true, dtype = 'float32' }: CellOptions,
    recurrent: Initialiser = orthogonal,
  ) {
    super()
    checkSizes(name, { inputSize, hiddenSize, ...(projectionSize !== undefined && { projectionSize }) })
    const each = (draw: () => Tensor) => new Parameter(concat(Array.from({ length: gates }, draw), { axis: 0 }))
    const zero = () => (bias ? new Parameter<FloatDType>(zeros([gates * hiddenSize], { dtype })) : null)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.outputSize = projectionSize ?? hiddenSize
    this.weightIh = each(() => glorotUniform([hiddenSize, inputSize], { rng, dtype }))
    this.weightHh = each(() => recurrent([hiddenSize, this.outputSize], { rng, dtype }))
    this.biasIh = zero()
    this.biasHh = zero()
  }
}

/** Throws a `ShapeError` unless every size is a positive integer. */
export function checkSizes(name: string, sizes: Readonly<Record<string, number>>): void {
  const faults = Object.entries(sizes)
    .filter(([, size]) => !Number.isInteger(size) || size < 1)
    .map(([key, size]) => `expected ${key} to be an integer of 1 or more, got ${size}`)
  if (faults.length > 0) throw new ShapeError(name, faults)
}
