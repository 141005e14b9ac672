// A test of derivatives: the gradients of the tape against central differences. For tests, not for training.
import {
  add,
  isParameter,
  isTensor,
  isTraining,
  multiply,
  ShapeError,
  stridesOf,
  sum,
  tensor,
  withRecorder,
  withTraining,
  type AnyTensor,
  type Tensor,
} from '@ostinato/tensor'
import { valueAndGrad } from './value-and-grad.ts'

/** How `checkGradients` compares. */
export interface CheckGradientsOptions {
  /** How far an element of size 1 or less is moved; a greater one is moved by so much of its size. Default 1e-6. */
  readonly step?: number | undefined
  /** How far apart the two may lie, relative to the greater. Default 1e-6. */
  readonly relative?: number | undefined
  /**
   * How far apart they may lie in any case, relative to the value of the function when that is above 1. Default 1e-7.
   */
  readonly absolute?: number | undefined
  /** Check the gradients of the gradients too. Default false. */
  readonly secondOrder?: boolean | undefined
}

/** An element whose gradients disagree. */
export interface GradientMismatch {
  /** Which of the inputs, from 0. */
  readonly input: number
  /** Its place in that input. */
  readonly element: readonly number[]
  /** What the tape says. */
  readonly analytic: number
  /** What the central difference says. */
  readonly numeric: number
}

/** Gradients that do not agree with central differences. */
export class GradientError extends Error {
  override readonly name = 'GradientError'

  /**
   * @param mismatches every element that disagrees
   * @param order whether they are first or second derivatives
   */
  constructor(
    readonly mismatches: readonly GradientMismatch[],
    readonly order: 'first' | 'second',
  ) {
    const lines = mismatches.slice(0, 10).map(({ input, element, analytic, numeric }) =>
      `  input ${input}, element [${element.join(', ')}]: analytic ${analytic}, numeric ${numeric}`)
    if (mismatches.length > lines.length) lines.push(`  … and ${mismatches.length - lines.length} more`)
    const count = `${mismatches.length} ${order} derivative${mismatches.length === 1 ? '' : 's'}`
    super([`checkGradients: expected the derivatives that central differences give, got ${count} that differ`, ...lines].join('\n'))
  }
}

/**
 * Compares the gradients of `f` with respect to each of `inputs`, which it is called with, with central differences
 * `(f(x + h) - f(x - h)) / 2h`. An output of several elements is first summed with fixed weights that differ from one
 * another. The inputs are changed in place while this runs and put back, so parameters that `f` uses without taking
 * them as arguments can be among them. `f` must give the same result each time; layers behave as they do in training.
 *
 * @throws GradientError when gradients disagree; it lists input, element and both values
 * @throws ShapeError when an input or the output is not of type float64, for differences of float32 say nothing
 * @example
 * ```ts
 * import { exp, tensor } from '@ostinato/tensor'
 * import { checkGradients } from '@ostinato/autograd'
 * checkGradients((x) => exp(x), [tensor([0, 1, 2], { dtype: 'float64' })], { secondOrder: true })
 * ```
 */
export function checkGradients(
  f: (...inputs: Tensor<'float64'>[]) => Tensor,
  inputs: readonly Tensor<'float64'>[],
  options: CheckGradientsOptions = {},
): void {
  checkInputs(inputs)
  const value = () => {
    const output = f(...inputs)
    checkDouble('f to return', output)
    return weightedSum(output)
  }
  compare(value, inputs, options, 'first')
  if (options.secondOrder !== true) return
  const slope = () => {
    const { grads } = valueAndGrad(inputs, value)
    let total: Tensor = tensor(new Float64Array(1), { shape: [] })
    for (const gradient of grads.values()) total = add(total, weightedSum(gradient))
    return total
  }
  compare(slope, inputs, options, 'second')
}

function compare(
  value: () => Tensor,
  inputs: readonly Tensor<'float64'>[],
  { step = 1e-6, relative = 1e-6, absolute = 1e-7 }: CheckGradientsOptions,
  order: 'first' | 'second',
): void {
  let training = false
  const base = valueAndGrad(inputs, () => {
    training = isTraining()
    return value()
  })
  const evaluate = () => withRecorder(null, () => withTraining(training, value)).item()
  const atLeast = absolute * Math.max(1, Math.abs(base.value.item()))
  const mismatches: GradientMismatch[] = []
  inputs.forEach((input, i) => {
    const gradient = base.grads.get(input)?.data
    for (let e = 0; e < input.size; e++) {
      const numeric = centralDifference(input, e, step * Math.max(1, Math.abs(input.data[e])), evaluate)
      const analytic = gradient === undefined ? 0 : gradient[e]
      const allowed = atLeast + relative * Math.max(Math.abs(analytic), Math.abs(numeric))
      if (Math.abs(analytic - numeric) <= allowed) continue
      mismatches.push({ input: i, element: placeOf(e, input), analytic, numeric })
    }
  })
  if (mismatches.length > 0) throw new GradientError(mismatches, order)
}

function centralDifference(input: Tensor<'float64'>, element: number, step: number, evaluate: () => number): number {
  const original = input.data[element]
  const set = (value: number) => {
    if (isParameter(input)) input.update((data) => data.fill(value, element, element + 1))
    else input.data[element] = value
  }
  try {
    set(original + step)
    const above = evaluate()
    set(original - step)
    return (above - evaluate()) / (original + step - (original - step))
  } finally {
    set(original)
  }
}

/** To one number, with weights between 0.5 and 1.5 of either sign, so that no two elements can stand for each other. */
function weightedSum(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: x.size }, (_, i) => (i % 2 === 0 ? 1 : -1) * (0.5 + ((i * 0.618034) % 1)))
  return sum(multiply(x, tensor(weights, { shape: x.shape })))
}

/** The index along each axis of the element at `position`. */
export function placeOf(position: number, { shape }: AnyTensor): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(position / stride) % shape[axis])
}

function checkInputs(inputs: readonly Tensor<'float64'>[]): void {
  const faults: string[] = []
  inputs.forEach((input, i) => {
    if (!isTensor(input) || input.dtype !== 'float64') {
      faults.push(`expected input ${i} to be of type float64, got ${describe(input)}: create it with { dtype: 'float64' }`)
    } else if (isParameter(input) && !input.trainable) {
      faults.push(`expected input ${i} to be trainable, got a frozen parameter: it has no gradient`)
    }
  })
  if (faults.length > 0) throw new ShapeError('checkGradients', faults)
}

function checkDouble(what: string, value: unknown): asserts value is Tensor<'float64'> {
  if (!isTensor(value) || value.dtype !== 'float64') {
    throw new ShapeError('checkGradients', [`expected ${what} a float64 tensor, got ${describe(value)}`])
  }
}

const describe = (value: unknown) => (isTensor(value) ? value.dtype : typeof value)
