// The classifier of inference.ts in the fewest bytes: the same weights, read from a file and given to the kernels.
import { lstmForward, matrixMultiply, softmax } from '@ostinato/kernels'
import { decodeSafetensors } from '@ostinato/safetensors'

/** What `new Classifier(1).state()` of inference.ts is encoded to, in base64. */
export const weights: string = [
  'wAEAAAAAAAB7ImVuY29kZXIuY2VsbC5iaWFzSGgiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzE2XSwiZGF0YV9vZmZzZXRzIjpbMCw2NF19LCJlbmN',
  'vZGVyLmNlbGwuYmlhc0loIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxNl0sImRhdGFfb2Zmc2V0cyI6WzY0LDEyOF19LCJlbmNvZGVyLmNlbGwud2',
  'VpZ2h0SGgiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzE2LDRdLCJkYXRhX29mZnNldHMiOlsxMjgsMzg0XX0sImVuY29kZXIuY2VsbC53ZWlnaHRJa',
  'CI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMTYsMl0sImRhdGFfb2Zmc2V0cyI6WzM4NCw1MTJdfSwiaGVhZC5iaWFzIjp7ImR0eXBlIjoiRjMyIiwi',
  'c2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNTEyLDUyNF19LCJoZWFkLndlaWdodCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMyw0XSwiZGF0YV9',
  'vZmZzZXRzIjpbNTI0LDU3Ml19fSAgICAgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAIA/AACAPwAAgD8AAIA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABuKfA+/m/+vkObNT/MrjC+7DatP',
  'dTdR7/skwW/9p2qPgXUID4j/9K9Jx/KvnQ9Zr8Jbl0/S6W6PkMlhr7prGU+jIEWPw+lET+oOgw/ezYzPpyIKT+OEge+s94rv/FknD4+dYe+zNBNvrzV',
  'Sj5jEmw/AoDDPsdVSb+oneo+HiUkvkErpL6SGlK/jnbcvjskSD6oHjE/Ab0Dv2klAD9bnp09u9qzPvTtfT4kT7e++ixUP1URCz+oJC48hwEpvxTDBL+',
  'SUwC/du38vvXTNb+d+2281ChfvjeGGj+tnIC+J4A5vy8X2r6P5ui+DmcgP+6g774gkTg/bQrcvstdTL4kcgG/87VXvhpaNL8/jiq/FlZCP4+CqT6BUz',
  '++trYrP5h5ab43af++/ZMLvxZiH796c3c+ywICv4PZlL1jS6w+eCw9v+8TWz8jdSw/qF2pPPs5JD698Tm/DUR1vkmnVj8PZ3s+CmM+vqeA6L4tMzU/m',
  'GkNPxgIA76gTF4/6mEYv2/1KL/PQ9Q+aZU7Pof+Zb7jD32+95y9vvCC3T7sB849pbi3vlAm475gqR48jZDOvlPf0T7i7oA+n55qPggXuz4=',
].join('')

const [inputSize, hiddenSize, classes] = [2, 4, 3]

/**
 * The classifier in a file of safetensors: a function from rows `[batch, time, features]`, of which each has its
 * length, to chances `[batch, classes]`.
 */
export function readClassifier(file: Uint8Array): (rows: Float32Array, lengths: readonly number[]) => Float32Array {
  const { tensors } = decodeSafetensors(file)
  const read = (name: string): Float32Array => {
    const found = tensors.get(name)
    if (found?.data instanceof Float32Array) return found.data
    throw new Error(`expected ${name} of float32 in the file, got ${found?.dtype ?? [...tensors.keys()].join(', ')}`)
  }
  const [weightIh, weightHh] = [read('encoder.cell.weightIh'), read('encoder.cell.weightHh')]
  const [biasIh, biasHh] = [read('encoder.cell.biasIh'), read('encoder.cell.biasHh')]
  const [headWeight, headBias] = [read('head.weight'), read('head.bias')]
  // These weights never change: what the kernels pack from them stays for the next call.
  const version = 0

  return (rows, lengths) => {
    const batch = lengths.length
    const { hidden } = lstmForward({
      layout: { batch, time: rows.length / (batch * inputSize), lengths: Int32Array.from(lengths) },
      inputSize, hiddenSize, input: rows,
      initialHidden: new Float32Array(batch * hiddenSize), initialCell: new Float32Array(batch * hiddenSize),
      weightIh, weightHh, biasIh, biasHh, weightsVersion: version,
    })
    const chances = new Float32Array(batch * classes)
    for (let row = 0; row < batch; row++) chances.set(headBias, row * classes)
    const product = { m: batch, n: classes, k: hiddenSize, transposeB: true, accumulate: true, versionB: version }
    matrixMultiply(chances, hidden, headWeight, product)
    softmax(chances, chances, batch, classes)
    return chances
  }
}

const classify = readClassifier(Uint8Array.from(atob(weights), character => character.charCodeAt(0)))
const waves = Float32Array.from({ length: 20 }, (_, i) => Math.sin(i))
const chances = classify(waves, [5, 3])

/** The chances of three classes for two rows. */
export const result: string = Array.from(chances, chance => chance.toFixed(3)).join(' ')
