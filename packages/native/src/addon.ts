// The functions of the compiled addon, whose source is c/addon.c: it checks every type and length again before it
// touches memory, so that no call, however wrong, ends the process.

type Floats = Float32Array
type MaybeFloats = Float32Array | undefined

/** `sizes` are [kind, rectified, batch, time, steps, rows, input, hidden], `indices` those of the plan. */
export type SequenceArguments = readonly [
  sizes: Int32Array, indices: Int32Array, kept: Floats, x: Floats, weightIh: Floats, weightHh: Floats,
]

export interface Addon {
  multiply(...all: readonly [
    out: Floats, a: Floats, b: Floats, bias: MaybeFloats, m: number, n: number, k: number, transposeA: boolean,
    transposeB: boolean, accumulate: boolean,
  ]): void
  /** 0 exp, 1 tanh, 2 sigmoid */
  apply(kind: number, out: Floats, x: Floats, length: number): void
  softmax(...all: readonly [out: Floats, x: Floats, rows: number, columns: number, logarithm: boolean]): void
  scaledSoftmax(...all: readonly [
    out: Floats, tops: Floats, logSums: Floats, x: Floats, factors: Floats, rows: number, columns: number,
  ]): void
  /** `constants` are those of `SgdConstants`, in their order. */
  sgd(...all: readonly [
    values: Floats, gradient: Floats, velocity: MaybeFloats, length: number, constants: Floats,
  ]): void
  /** `constants` are those of `AdamConstants`, in their order. */
  adam(...all: readonly [
    values: Floats, gradient: Floats, firstMoment: Floats, secondMoment: Floats, largestSecondMoment: MaybeFloats,
    length: number, constants: Floats,
  ]): void
  /** The packed weights are those that `pack` gave, or undefined: then they are packed for this call. */
  forward(...all: readonly [
    ...sequence: SequenceArguments, initialHidden: Floats, initialCell: MaybeFloats, biasIh: MaybeFloats,
    biasHh: MaybeFloats, output: Floats, hidden: Floats, cell: MaybeFloats, packedIh: MaybeFloats,
    packedHh: MaybeFloats,
  ]): void
  backward(...all: readonly [
    ...sequence: SequenceArguments, dOutput: MaybeFloats, dHidden: MaybeFloats, dCell: MaybeFloats, dx: MaybeFloats,
    dInitialHidden: Floats, dInitialCell: MaybeFloats, dWeightIh: Floats, dWeightHh: Floats, dBiasIh: MaybeFloats,
    dBiasHh: MaybeFloats, hiddenNorms: Float64Array | undefined, cellNorms: Float64Array | undefined,
  ]): void
  /** Elements of a packed weight `[n, k]`, for the instruction set in use. */
  packedLength(n: number, k: number): number
  pack(to: Floats, weight: Floats, n: number, k: number): void
  /** Those that run here, the quickest first. */
  instructionSets(): string[]
  useInstructionSet(name: string): void
}
