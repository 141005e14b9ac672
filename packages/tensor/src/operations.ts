// The list of all primitive operations with their attributes. Each family of operations declares its own part; the
// table of derivatives in `@ostinato/autograd` must hold an entry for each, or it does not compile.
import type { ActivationOperations } from './ops/activation.ts'
import type { ArithmeticOperations } from './ops/arithmetic.ts'
import type { PoolOperations } from './ops/average-pool.ts'
import type { AxesOperations } from './ops/axes.ts'
import type { CastOperations } from './ops/cast.ts'
import type { ComparisonOperations } from './ops/comparison.ts'
import type { ConvolutionOperations } from './ops/convolution.ts'
import type { CumulativeOperations } from './ops/cumulative.ts'
import type { ExtremeOperations } from './ops/extreme.ts'
import type { GatherOperations } from './ops/gather.ts'
import type { JoinOperations } from './ops/join.ts'
import type { LayoutOperations } from './ops/layout.ts'
import type { LinearOperations } from './ops/linear.ts'
import type { MatmulOperations } from './ops/matmul.ts'
import type { QuantifierOperations } from './ops/quantifier.ts'
import type { ReductionOperations } from './ops/reduction.ts'
import type { SliceOperations } from './ops/slice.ts'
import type { SoftmaxOperations } from './ops/softmax.ts'
import type { StatisticsOperations } from './ops/statistics.ts'
import type { UnaryOperations } from './ops/unary.ts'
import type { WhereOperations } from './ops/where.ts'

/** Operation name -> its attributes (what it needs besides its input tensors). */
export interface Operations
  extends
    ActivationOperations,
    ArithmeticOperations,
    AxesOperations,
    CastOperations,
    ComparisonOperations,
    ConvolutionOperations,
    CumulativeOperations,
    ExtremeOperations,
    GatherOperations,
    JoinOperations,
    LayoutOperations,
    LinearOperations,
    MatmulOperations,
    QuantifierOperations,
    PoolOperations,
    ReductionOperations,
    SliceOperations,
    SoftmaxOperations,
    StatisticsOperations,
    UnaryOperations,
    WhereOperations {}

/** The attributes of an operation that has none. */
export type None = Readonly<Record<string, never>>

/** The one value of type `None`. */
export const none: None = /* @__PURE__ */ Object.freeze({})
