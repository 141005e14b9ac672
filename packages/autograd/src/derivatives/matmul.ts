// The derivative of the product of matrices: two products of matrices.
import { matmul, sumTo } from '@ostinato/tensor'
import type { DerivativeTable } from './derivative.ts'

export const linear = {
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
