// The reference cases of PyTorch: the paths of optimizers, the rates of schedules, clipping by norm.
import { clipGradNorm } from '@ostinato/optim'
import { Parameter, tensor, type Tensor } from '@ostinato/tensor'
import { describeFixtures, expectClose, tensorOf, type Fixture } from '@ostinato/test-utils'
import { expect } from 'vitest'
import { optimizerOf, ratesOf } from './pytorch.ts'

type FloatType = 'float32' | 'float64'

const toTensor = (values: Fixture['inputs'], name: string, dtype: FloatType = 'float64'): Tensor => {
  const { data, shape } = tensorOf(values, name)
  return tensor(data, { shape, dtype })
}

/** The gradient of mean((A p - b)²). */
function gradientOf({ inputs }: Fixture, p: Tensor): Tensor {
  const { data: a, shape: [rows, columns] } = tensorOf(inputs, 'A')
  const { data: b } = tensorOf(inputs, 'b')
  const gradient = new Array<number>(columns).fill(0)
  for (let i = 0; i < rows; i++) {
    const row = a.slice(i * columns, (i + 1) * columns)
    const residual = row.reduce((sum, value, j) => sum + value * p.data[j], -b[i])
    row.forEach((value, j) => { gradient[j] += (2 / rows) * residual * value })
  }
  return tensor(gradient, { dtype: p.dtype })
}

function checkPath(fixture: Fixture, dtype: FloatType, tolerance: { relative: number; absolute: number }): void {
  const path = fixture.expected['path'] as readonly (readonly number[])[]
  const parameter = new Parameter(toTensor(fixture.inputs, 'p0', dtype))
  const optimizer = optimizerOf(fixture.kind, fixture.config, [parameter])
  expect(path.length).toBeGreaterThan(0)
  for (const expected of path) {
    optimizer.step(new Map([[parameter, gradientOf(fixture, parameter)]]))
    expectClose(parameter.data, expected, tolerance)
  }
}

describeFixtures('optimizers, float64', ({ name }) => name.startsWith('optim_'), fixture =>
  checkPath(fixture, 'float64', { relative: 1e-9, absolute: 1e-11 }))

describeFixtures('optimizers, float32', ({ name }) => name.startsWith('optim_'), fixture =>
  checkPath(fixture, 'float32', { relative: 1e-4, absolute: 1e-5 }))

describeFixtures('schedules', ({ name }) => name.startsWith('lr_'), ({ kind, config, inputs, expected }) => {
  const rates = expected['lr'] as readonly number[]
  const metric = inputs['metric'] as readonly number[] | undefined
  expectClose(ratesOf(kind, config, rates.length, metric), rates, { relative: 1e-12, absolute: 1e-18 })
})

describeFixtures('clipping', ({ name }) => name.startsWith('clip_grad_norm'), ({ config, inputs, expected }) => {
  const gradients = Object.keys(inputs).map(name => [name, toTensor(inputs, name)] as const)
  const { max_norm, norm_type = 2 } = config
  const grads = new Map(gradients.map(([, gradient]) => [tensor([0]), gradient]))
  const norm = clipGradNorm(grads, Number(max_norm), { norm: Number(norm_type) })
  expectClose([norm], [expected['norm'] as number], { relative: 1e-9, absolute: 0 })
  for (const [name, gradient] of gradients) {
    expectClose(gradient, tensorOf(expected, name), { relative: 1e-9, absolute: 1e-15 })
  }
})
