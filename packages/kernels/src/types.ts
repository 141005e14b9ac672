// The types that the public functions share. Only types: nothing here exists at run time.

/** The arrays that the kernels read and write. float64 always takes the JavaScript path. */
export type FloatArray = Float32Array | Float64Array

/** An implementation of the float32 kernels. */
export type Backend = 'native' | 'relaxed-simd' | 'simd' | 'javascript'

/**
 * The sizes and forms of a matrix product `out[m, n] = op(a)[m, k] op(b)[k, n]`, all row-major and contiguous.
 */
export interface MatrixProduct {
  /** Rows of `out`. */
  readonly m: number
  /** Columns of `out`. */
  readonly n: number
  /** The axis that is summed over. */
  readonly k: number
  /** `a` is stored `[k, m]` and is transposed. */
  readonly transposeA?: boolean | undefined
  /** `b` is stored `[n, k]` and is transposed. */
  readonly transposeB?: boolean | undefined
  /** Add the product to what `out` holds, in place of overwriting it. */
  readonly accumulate?: boolean | undefined
  /**
   * A number that changes whenever values in `b` do. With it, `b` stays packed for the next product with the same
   * array: for weights that many small products share. Absent: packed in each call.
   */
  readonly versionB?: number | undefined
}

/** A product whose rows may start from a bias. */
export interface AffineProduct<A extends FloatArray> extends MatrixProduct {
  /** `[n]`: added to each row of the product. Not with `accumulate`. */
  readonly bias?: A | undefined
}

/** The arrays of a product. */
export interface ProductArrays<A extends FloatArray> {
  readonly out: A
  readonly a: A
  readonly b: A
  /** What each row starts from; absent: zeros, or what `out` holds. */
  readonly bias?: A | undefined
}

/** Height and width. */
export type Plane = readonly [height: number, width: number]

/**
 * The sizes of a convolution over planes: `x` `[batch, input channels, ...input]`, the weight `[output channels, input
 * channels / groups, ...kernel]`, `y` `[batch, output channels, ...output]`. Output `i` meets, at offset `j` of the
 * window, input `i * stride - padding + j * dilation`; outside the input are zeros.
 */
export interface ConvolutionProblem {
  readonly batch: number
  readonly inputChannels: number
  readonly outputChannels: number
  readonly input: Plane
  readonly kernel: Plane
  /** At most as many outputs as windows fit into the padded input. */
  readonly output: Plane
  /** Steps between outputs. Default 1. */
  readonly stride?: Plane | undefined
  /** Zeros before and after the input. Default 0. */
  readonly padding?: Plane | undefined
  /** Steps between the elements of the window. Default 1. */
  readonly dilation?: Plane | undefined
  /** Input and output channels are cut into this many groups; an output channel meets those of its own. Default 1. */
  readonly groups?: number | undefined
}

/**
 * How a padded batch lies in memory: `[batch, time, features]`. Row `b` has `lengths[b]` valid steps, in any order and
 * padded on the right; a length of 0 is allowed, and without `lengths` every step is valid.
 */
export interface SequenceLayout {
  readonly batch: number
  readonly time: number
  /** `[batch]`, each 0..time. */
  readonly lengths?: Int32Array | undefined
  /** Each row is read from its own last valid step to its first. Outputs stay at the step that they belong to. */
  readonly reverse?: boolean | undefined
}

/** The weights of one layer and direction in PyTorch's parametrisation: LSTM gates i, f, g, o; GRU gates r, z, n. */
export interface RecurrentWeights<A extends FloatArray> {
  /** `[gates * hidden, input]` */
  readonly weightIh: A
  /** `[gates * hidden, hidden]` */
  readonly weightHh: A
  /** `[gates * hidden]`, or absent. */
  readonly biasIh?: A | undefined
  /** `[gates * hidden]`, or absent. */
  readonly biasHh?: A | undefined
}

/** What every recurrent forward pass needs. */
export interface SequenceProblem<A extends FloatArray> extends RecurrentWeights<A> {
  readonly layout: SequenceLayout
  readonly inputSize: number
  readonly hiddenSize: number
  /** `[batch, time, input]` */
  readonly input: A
  /** `[batch, hidden]` */
  readonly initialHidden: A
  /** Keep what the backward pass needs. Default false: inference. */
  readonly keep?: boolean | undefined
  /**
   * A number that changes whenever values in the arrays of weights and biases do. With it, and without `keep`, what was
   * packed from them is kept for the next call with the same arrays: generating step by step then costs little more
   * than the arithmetic. Absent: packed in each call.
   */
  readonly weightsVersion?: number | undefined
}

/** The function that an Elman layer applies to its sums. */
export type Nonlinearity = 'tanh' | 'relu'

/** See {@link elmanForward}. */
export interface ElmanProblem<A extends FloatArray> extends SequenceProblem<A> {
  readonly nonlinearity: Nonlinearity
}

/** See {@link gruForward}. */
export type GruProblem<A extends FloatArray> = SequenceProblem<A>

/** See {@link lstmForward}. */
export interface LstmProblem<A extends FloatArray> extends SequenceProblem<A> {
  /** `[batch, hidden]` */
  readonly initialCell: A
}

declare const contents: unique symbol

/**
 * What a forward pass kept for the backward pass. It may refer to the arrays of the problem, which must not change
 * before the backward pass; it lives in the garbage-collected heap and can be used more than once.
 */
export interface Saved<Kind extends 'elman' | 'gru' | 'lstm', A extends FloatArray> {
  readonly kind: Kind
  /** Only the functions of this package look inside. */
  readonly [contents]: A
}
export type ElmanSaved<A extends FloatArray> = Saved<'elman', A>
export type GruSaved<A extends FloatArray> = Saved<'gru', A>
export type LstmSaved<A extends FloatArray> = Saved<'lstm', A>

/** What every recurrent forward pass returns. Of a single step, `output` and `hidden` may be one array. */
export interface SequenceResult<A extends FloatArray> {
  /** `[batch, time, hidden]`, zero past each row's length. */
  readonly output: A
  /** `[batch, hidden]`: the state after each row's last valid step. A row of length 0 keeps its initial state. */
  readonly hidden: A
}

export interface ElmanResult<A extends FloatArray> extends SequenceResult<A> {
  /** Present when the problem said `keep`. */
  readonly saved?: ElmanSaved<A>
}

export interface GruResult<A extends FloatArray> extends SequenceResult<A> {
  /** Present when the problem said `keep`. */
  readonly saved?: GruSaved<A>
}

export interface LstmResult<A extends FloatArray> extends SequenceResult<A> {
  /** `[batch, hidden]` */
  readonly cell: A
  /** Present when the problem said `keep`. */
  readonly saved?: LstmSaved<A>
}

/** The gradients of a loss with respect to the outputs of a sequence. An absent one is zero. */
export interface OutputGradients<A extends FloatArray> {
  /** `[batch, time, hidden]`; what lies past a row's length is not read. */
  readonly output?: A | undefined
  /** `[batch, hidden]` */
  readonly hidden?: A | undefined
}

export interface LstmOutputGradients<A extends FloatArray> extends OutputGradients<A> {
  /** `[batch, hidden]` */
  readonly cell?: A | undefined
}

export interface BackwardOptions {
  /** Whether the gradient with respect to `input` is wanted. Default true. */
  readonly inputGradient?: boolean | undefined
  /** Whether the norms of the gradients with respect to the states are wanted. Default false; no gradient changes. */
  readonly stateNorms?: boolean | undefined
}

/**
 * Norms of the total gradients with respect to the states: that by the output of the step and that by all later steps
 * together, over the features (Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural
 * networks", §2). Each `[batch, time]`, at the step whose output the state gives, and zero past each row's length.
 */
export interface StateNorms {
  /** Of dL/dh_t. */
  readonly hidden: Float64Array
  /** Of dL/dc_t. Present for an LSTM. */
  readonly cell?: Float64Array
}

/** The gradients with respect to what went into a sequence, each of the shape of its namesake. */
export interface SequenceGradients<A extends FloatArray> {
  /** Zero past each row's length. */
  readonly input: A
  readonly initialHidden: A
  readonly weightIh: A
  readonly weightHh: A
  /** Present when the problem had `biasIh`. */
  readonly biasIh?: A
  /** Present when the problem had `biasHh`. */
  readonly biasHh?: A
  /** Present when they were asked for. */
  readonly stateNorms?: StateNorms
}

export interface LstmGradients<A extends FloatArray> extends SequenceGradients<A> {
  readonly initialCell: A
}

/** Gradients among which `input` may be missing, because it was not asked for. */
export type PartialInput<G extends { readonly input: unknown }> = Omit<G, 'input'> & Partial<Pick<G, 'input'>>
