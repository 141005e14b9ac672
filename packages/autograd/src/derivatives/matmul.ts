// Derivatives of products of matrices: two products of matrices.
import { matmul, reshape, sizeOf, sumTo, type Tensor } from '@ostinato/tensor'
import type { DerivativeTable } from './derivative.ts'

/** All but the last axis as one. */
const rows = (x: Tensor) => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1]])

export const products = {
  linear: ({ gradient: g, inputs: [x, weight, bias] }) => [
    () => matmul(g, weight),
    () => matmul(rows(g), rows(x), { transposeA: true }),
    () => sumTo(g, bias.shape),
  ],
  matmul: ({ gradient: g, inputs: [a, b], attributes: { transposeA, transposeB } }) => {
    const ofA = () => transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB })
    const ofB = () => transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA })
    return [() => sumTo(ofA(), a.shape), () => sumTo(ofB(), b.shape)]
  },
} satisfies Partial<DerivativeTable>
