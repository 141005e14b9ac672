// Reads tensors of the ONNX operator cases. Not here: models, and what an operator means.
import { fixturesFolder } from '@ostinato/test-utils'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A tensor of a case, row-major. */
export interface OnnxTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

/** The tensors of one case by ONNX's names for them. */
export interface OnnxCase {
  readonly inputs: ReadonlyMap<string, OnnxTensor>
  readonly outputs: ReadonlyMap<string, OnnxTensor>
}

/** The folder of the cases, beside that of PyTorch's. */
const onnxFolder = (): string => join(fixturesFolder(), '../onnx')

/** Why the cases cannot be read; undefined where they can. */
export function onnxMissing(): string | undefined {
  const folder = onnxFolder()
  return existsSync(folder)
    ? undefined
    : `no ONNX cases in ${folder}: set OSTINATO_FIXTURES to the folder that holds onnx/`
}

/** The names of the cases that begin with `prefix`. */
export function onnxCases(prefix: string): string[] {
  return readdirSync(onnxFolder())
    .filter((name) => name.startsWith(prefix))
    .sort()
}

/** The case called `name`. */
export function readOnnxCase(name: string): OnnxCase {
  const folder = join(onnxFolder(), name, 'test_data_set_0')
  const read = (prefix: string) =>
    new Map(
      readdirSync(folder)
        .filter((file) => file.startsWith(prefix))
        .map((file) => readTensor(readFileSync(join(folder, file))))
        .map((tensor) => [tensor.name, tensor] as const),
    )
  return { inputs: read('input_'), outputs: read('output_') }
}

/** A `TensorProto` with its values in `raw_data`: fields 1 dims, 2 data_type, 8 name, 9 raw_data (onnx.proto). */
function readTensor(bytes: Uint8Array): OnnxTensor {
  const shape: number[] = []
  let [type, name, raw] = [0, '', new Uint8Array()]
  for (const [field, value] of fields(bytes)) {
    if (typeof value === 'number') {
      if (field === 1) shape.push(value)
      if (field === 2) type = value
    } else {
      if (field === 8) name = new TextDecoder().decode(value)
      if (field === 9) raw = Uint8Array.from(value)
    }
  }
  if (type !== 1 && type !== 6)
    throw new Error(`${name}: expected a tensor of type 1 (float) or 6 (int32), got ${type}`)
  const data = type === 1 ? new Float32Array(raw.buffer) : new Int32Array(raw.buffer)
  const size = shape.reduce((a, b) => a * b, 1)
  if (data.length !== size) throw new Error(`${name}: expected ${size} values in raw_data, got ${data.length}`)
  return { name, shape, data }
}

/** The fields of a message: numbers of type 0 (varint), bytes of type 2 (length-delimited). */
function* fields(bytes: Uint8Array): Generator<readonly [field: number, value: number | Uint8Array]> {
  let at = 0
  const varint = (): number => {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = bytes[at++]
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const wire = key & 7
    if (wire !== 0 && wire !== 2) throw new Error(`a message with a field of wire type ${wire}: not read here`)
    const value = varint()
    if (wire === 2) at += value
    yield [key >>> 3, wire === 0 ? value : bytes.subarray(at - value, at)]
  }
}
