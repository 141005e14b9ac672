// The public face of the package: every name that may be imported, and nothing else.
export { adam } from './adam.ts'
export type { AdamArrays, AdamChange, AdamConstants } from './adam.ts'
export { availableBackends, backend, useBackend } from './backend.ts'
export { convolution, convolutionInputGradient, convolutionWeightGradient } from './convolution.ts'
export { exp, logSoftmax, sigmoid, softmax, tanh } from './elementwise.ts'
export { elmanBackward, elmanForward } from './elman.ts'
export { gruBackward, gruForward } from './gru.ts'
export { lstmBackward, lstmForward } from './lstm.ts'
export { matrixMultiply } from './matrix.ts'
export { registerNative } from './native.ts'
export type { NativeKept, NativeKernels, NativeProblem } from './native.ts'
export type { Plan } from './plan.ts'
export { scatterAddRows, sumRows } from './rows.ts'
export { scaledSoftmax } from './scaled-softmax.ts'
export type { ScaledSoftmaxArrays } from './scaled-softmax.ts'
export { sgd } from './sgd.ts'
export type { SgdArrays, SgdChange, SgdConstants } from './sgd.ts'
export { setThreads, threads } from './threads.ts'
export type {
  AffineProduct,
  Backend,
  BackwardOptions,
  ConvolutionProblem,
  ElmanProblem,
  ElmanResult,
  ElmanSaved,
  FloatArray,
  GruProblem,
  GruResult,
  GruSaved,
  LstmGradients,
  LstmOutputGradients,
  LstmProblem,
  LstmResult,
  LstmSaved,
  MatrixProduct,
  Nonlinearity,
  OutputGradients,
  PartialInput,
  Plane,
  RecurrentWeights,
  Saved,
  SequenceGradients,
  SequenceLayout,
  SequenceProblem,
  SequenceResult,
  StateNorms,
} from './types.ts'
