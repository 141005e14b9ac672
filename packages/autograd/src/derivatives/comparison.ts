// Operations whose results carry no gradient: they are of type bool or int32.
import type { DerivativeTable } from './derivative.ts'

const none = () => []

export const comparison = {
  equal: none,
  notEqual: none,
  less: none,
  lessEqual: none,
  greater: none,
  greaterEqual: none,
  logicalAnd: none,
  logicalOr: none,
  logicalNot: none,
  isNaN: none,
  isFinite: none,
  argmax: none,
  argmin: none,
  any: none,
  all: none,
} satisfies Partial<DerivativeTable>
