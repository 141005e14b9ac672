// Cases of optimizers, schedules and clipping.
import { clipGradNorm } from '@ostinato/optim'
import { Parameter, tensor, type Tensor } from '@ostinato/tensor'
import { expectClose, tensorOf, type Fixture } from '@ostinato/test-utils'
import { compare, floats, type RunCase } from './case.ts'
import { optimizerOf, ratesOf } from './optim-names.ts'

/** The gradient of mean((A p - b)²). */
function gradientOf({ inputs }: Fixture, p: Tensor): Tensor {
  const {
    data: a,
    shape: [rows, columns],
  } = tensorOf(inputs, 'A')
  const { data: b } = tensorOf(inputs, 'b')
  const gradient = new Array<number>(columns).fill(0)
  for (let i = 0; i < rows; i++) {
    const row = a.slice(i * columns, (i + 1) * columns)
    const residual = row.reduce((sum, value, j) => sum + value * p.data[j], -b[i])
    row.forEach((value, j) => {
      gradient[j] += (2 / rows) * residual * value
    })
  }
  return tensor(gradient, { dtype: p.dtype })
}

const largestOf = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)

/** The path of an optimizer over the parameters of a quadratic. */
export const runOptimizer: RunCase = (fixture, dtype) => {
  const path = fixture.expected['path'] as readonly (readonly number[])[]
  const parameter = new Parameter(floats(fixture.inputs, 'p0', dtype))
  const optimizer = optimizerOf(fixture.kind, fixture.config, [parameter])
  const relative = dtype === 'float64' ? 1e-9 : 1e-4
  const tolerance = { relative, absolute: relative * largestOf(path.flat()) }
  if (path.length === 0) throw new Error(`${fixture.name}: an empty path`)
  for (const expected of path) {
    optimizer.step(new Map([[parameter, gradientOf(fixture, parameter)]]))
    expectClose(parameter.data, expected, tolerance)
  }
}

/** The rates of a schedule before each step. */
export const runSchedule: RunCase = ({ kind, config, inputs, expected }) => {
  const rates = expected['lr'] as readonly number[]
  const metric = kind === 'ReduceLROnPlateau' ? (inputs['metric'] as readonly number[]) : undefined
  // The foot of a cosine is near nothing, and its rounding is that of the top.
  const tolerance = { relative: 1e-9, absolute: 1e-14 * largestOf(rates) }
  expectClose(ratesOf(kind, config, rates.length, metric), rates, tolerance)
}

/** Clipping by the norm of all gradients together. */
export const runClipping: RunCase = ({ name, config, inputs, expected }, dtype) => {
  const gradients = Object.keys(inputs).map((key) => [key, floats(inputs, key, dtype)] as const)
  const { max_norm, norm_type = 2, ...others } = config
  const unknown = Object.keys(others)
  if (unknown.length > 0) throw new Error(`${name}: options that are not understood: ${unknown.join(', ')}`)
  const norm = clipGradNorm(new Map(gradients.map(([, gradient]) => [tensor([0]), gradient])), Number(max_norm), {
    norm: norm_type === 'inf' ? Infinity : Number(norm_type),
  })
  const given = expected['norm']
  const reference = typeof given === 'number' ? given : tensorOf(expected, 'norm').data[0]
  expectClose([norm], [reference], { relative: dtype === 'float64' ? 1e-9 : 1e-4, absolute: 0 })
  for (const [key, gradient] of gradients) compare(gradient, expected, { key, dtype })
}
