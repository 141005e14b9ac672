// The public face of `@ostinato/tensor`.
export { allocate, isFloat } from './dtype.ts'
export type { DataOf, DataTypes, DType, FloatDType, NumericDType } from './dtype.ts'
export { ShapeError } from './errors.ts'
export { broadcastShapes, formatShape, resolveAxes, resolveAxis, sameShape, sizeOf, stridesOf } from './shape.ts'
export type { Shape } from './shape.ts'
export { isTensor, Tensor } from './tensor.ts'
export type { AnyTensor, Nested } from './tensor.ts'
export { isParameter, Parameter } from './parameter.ts'
export { full, identity, ones, onesLike, range, tensor, zeros, zerosLike } from './create.ts'
export type { DTypeOption, RangeOptions, TensorOptions } from './create.ts'
export { isRng, Rng } from './rng.ts'
export type { NormalOptions, RngState, UniformOptions } from './rng.ts'
export { currentRecorder, isTracked, isTraining, recordCustom, watchGradient, withRecorder, withTraining } from './record.ts'
export type { CustomRecord, OperationName, OperationRecord, PrimitiveRecord, Recorder } from './record.ts'
export type { Operations } from './operations.ts'
export { elu, erf, gelu, leakyRelu, relu, reluInputGradient, sigmoid, silu, softplus, tanh } from './ops/activation.ts'
export type {
  EluOptions,
  GeluApproximation,
  GeluOptions,
  LeakyReluOptions,
  SoftplusOptions,
} from './ops/activation.ts'
export { add, divide, maximum, minimum, multiply, power, subtract } from './ops/arithmetic.ts'
export type { Operand } from './ops/operand.ts'
export { cast, stopGradient } from './ops/cast.ts'
export {
  equal,
  greater,
  greaterEqual,
  isFinite,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
} from './ops/comparison.ts'
export { argmax, argmin, max, min } from './ops/extreme.ts'
export type { ArgOptions } from './ops/extreme.ts'
export { linear } from './ops/linear.ts'
export { matmul } from './ops/matmul.ts'
export type { MatmulOptions } from './ops/matmul.ts'
export { logSoftmax, softmax } from './ops/softmax.ts'
export type { SoftmaxOptions } from './ops/softmax.ts'
export { logSumExp, norm, variance } from './ops/statistics.ts'
export type { VarianceOptions } from './ops/statistics.ts'
export { abs, ceil, clip, cos, exp, expm1, floor, log, log1p, negate, round, sign, sin, sqrt, square } from './ops/unary.ts'
export type { ClipOptions } from './ops/unary.ts'
export { where } from './ops/where.ts'
export { broadcastTo, reshape } from './ops/layout.ts'
export { expandAxis, squeeze, swapAxes, transpose } from './ops/axes.ts'
export { flip, pad, place, slice } from './ops/slice.ts'
export type { FillOptions, Range, ResolvedRange } from './ops/slice.ts'
export { concat, split, stack, tile, unstack } from './ops/join.ts'
export type { AxisOption } from './ops/join.ts'
export { gather, oneHot, scatterAdd, scatterAddAlongAxis, takeAlongAxis } from './ops/gather.ts'
export type { AlongAxisOption, IndexAttributes } from './ops/gather.ts'
export { sort, topK } from './ops/order.ts'
export type { Ordered, SortOptions } from './ops/order.ts'
export { cumulativeSum } from './ops/cumulative.ts'
export type { CumulativeOptions } from './ops/cumulative.ts'
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from './ops/conv.ts'
export type { ConvolutionOptions, TransposedConvolutionOptions } from './ops/conv.ts'
export { convolution, convolutionInputGradient, convolutionWeightGradient } from './ops/convolution.ts'
export type { ConvolutionGeometry } from './ops/convolution.ts'
export { maxPool1d, maxPool2d } from './ops/max-pool.ts'
export type { MaxPoolOptions } from './ops/max-pool.ts'
export { averagePool, averagePool1d, averagePool2d, averagePoolInputGradient } from './ops/average-pool.ts'
export type { AveragePoolGeometry, AveragePoolOptions } from './ops/average-pool.ts'
export type { PoolOptions } from './ops/pool-window.ts'
export type { Extent, Plane, Window } from './ops/window.ts'
export { product } from './ops/product.ts'
export { all, any } from './ops/quantifier.ts'
export { mean, sum, sumTo } from './ops/reduction.ts'
export type { ReducedAxes, ReductionOptions } from './ops/reduce.ts'
