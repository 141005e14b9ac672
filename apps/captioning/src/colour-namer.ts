// The model that names colours: vector to sequence at its smallest, and as a file.
import { Dropout, Linear, Module, Sequential } from '@ostinato/nn'
import {
  beamSearch,
  gru,
  sampleSequences,
  VectorToSequence,
  type GruState,
  type Generated,
  type Hypothesis,
  type Inject,
} from '@ostinato/rnn'
import { Rng, tanh, tensor, type Tensor } from '@ostinato/tensor'
import { Vocabulary } from '@ostinato/tokenizers'
import { toOklab, type Triple } from './colour-space.ts'
import { readModelFile, writeModelFile } from './model-file.ts'
import { endId, paddingId, startId, unknownId } from './words.ts'

/** The sizes of the model; saved beside its weights. */
export interface ColourNamerConfig {
  readonly vocabularySize: number
  /** Where the colour enters the decoder. */
  readonly decoder: Inject
  /** Features that are made of the colour. */
  readonly vectorSize: number
  readonly embeddingSize: number
  readonly hiddenSize: number
  readonly dropout: number
}

/** Words of a name, at most. */
const maximumLength = 8

/** A colour's three numbers go through two layers, and a GRU writes its name. */
export class ColourNamer extends Module {
  readonly config: ColourNamerConfig
  readonly encoder: Sequential
  readonly decoder: VectorToSequence<GruState>

  constructor(config: ColourNamerConfig, { rng }: { readonly rng: Rng }) {
    super()
    const { vocabularySize, decoder: inject, vectorSize, embeddingSize, hiddenSize, dropout } = config
    this.config = config
    this.encoder = new Sequential(
      new Linear(3, vectorSize, { rng }),
      tanh,
      new Linear(vectorSize, vectorSize, { rng }),
      tanh,
      new Dropout(dropout, { rng: rng.split() }),
    )
    this.decoder = new VectorToSequence({
      vocabularySize,
      embeddingSize,
      conditionSize: vectorSize,
      inject,
      recurrent: (inputSize) => gru(inputSize, hiddenSize, { rng }),
      rng,
    })
  }

  /**
   * The logits of each next word, given those before it.
   * @param colours `[batch, 3]`, as `colourBatch` makes them
   * @param words `[batch, time]`, the start first
   * @returns `[batch, time, vocabulary]`
   */
  forward(colours: Tensor, words: Tensor<'int32'>, lengths: Int32Array): Tensor {
    return this.decoder.forward(words, this.encoder.forward(colours), { lengths })
  }

  /** The most probable name of each colour that a beam of `width` finds. */
  name(colours: Tensor, { width }: { readonly width: number }): Hypothesis[] {
    return beamSearch((words, state) => this.decoder.step(words, state), { ...this.#search(colours), width }).map(
      ([best]) => best,
    )
  }

  /** A name drawn for each colour, as probable as the model finds it. */
  sample(colours: Tensor, { rng }: { readonly rng: Rng }): Generated[] {
    return sampleSequences((words, state) => this.decoder.step(words, state), { ...this.#search(colours), rng })
  }

  #search(colours: Tensor) {
    return {
      state: this.decoder.start(this.encoder.forward(colours)),
      start: startId,
      end: endId,
      forbidden: [paddingId, startId, unknownId],
      maxLength: maximumLength,
    }
  }
}

/** Colours for the model, `[batch, 3]`: OKLab, brought to about -1 to 1. */
export function colourBatch(colours: readonly Triple[]): Tensor {
  const values = colours.flatMap((colour) => {
    const [lightness, red, yellow] = toOklab(colour)
    return [2 * lightness - 1, 4 * red, 4 * yellow]
  })
  return tensor(Float32Array.from(values), { shape: [colours.length, 3] })
}

/** A model with what is needed to read its names. */
export interface SavedColourNamer {
  readonly model: ColourNamer
  readonly vocabulary: Vocabulary
}

const format = 'ostinato-colours-1'

/** Writes the model whole or not at all. */
export async function saveColourNamer(path: string, { model, vocabulary }: SavedColourNamer): Promise<void> {
  const [config, words] = [JSON.stringify(model.config), JSON.stringify(vocabulary.toJSON())]
  await writeModelFile(path, { model, metadata: { format, config, vocabulary: words } })
}

/** @throws CommandError when there is no model, or the file holds none */
export function loadColourNamer(path: string): Promise<SavedColourNamer> {
  return readModelFile(path, {
    format,
    command: 'pnpm captioning --task colours',
    build: ({ config = '', vocabulary = '' }) => ({
      model: new ColourNamer(JSON.parse(config) as ColourNamerConfig, { rng: new Rng(0) }),
      vocabulary: Vocabulary.fromJSON(JSON.parse(vocabulary)),
    }),
  })
}
