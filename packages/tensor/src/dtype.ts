// Element types of tensors and the typed arrays that hold them. No conversion rules: tensors of two types never mix
// silently.

/** Every element type. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** The element types that carry gradients. */
export type FloatDType = 'float32' | 'float64'

/** The element types of arithmetic. */
export type NumericDType = FloatDType | 'int32'

/** Element type -> the typed array that holds it; a bool is a byte, 0 or 1. */
export interface DataTypes {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  bool: Uint8Array
}

/** The typed array behind a tensor of type `D`. */
export type DataOf<D extends DType> = DataTypes[D]

const constructors: { [D in DType]: new (size: number) => DataTypes[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
}

/** A new array of zeros for `size` elements of type `dtype`. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf<D> {
  return new constructors[dtype](size)
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64'
}
