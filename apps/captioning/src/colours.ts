// Colours and their names: training and test beside two baselines. What is printed and drawn is elsewhere.
import { DataLoader, dataset, splitByRows, type Dataset } from '@ostinato/datasets'
import { crossEntropy } from '@ostinato/nn'
import { AdamW, oneCycle } from '@ostinato/optim'
import { showProgress } from '@ostinato/report/terminal'
import type { Inject } from '@ostinato/rnn'
import { add, Rng, type Tensor } from '@ostinato/tensor'
import type { Vocabulary } from '@ostinato/tokenizers'
import { evaluate, exactMatch, fit, tokenF1, type BatchSource, type Outcome } from '@ostinato/train'
import { TrainingLog, type LogPoint } from '@ostinato/train/node'
import { mostFrequent, nearestNeighbours } from './baselines.ts'
import { captionBatch, seededBatches, type CaptionBatch } from './batches.ts'
import { colourBatch, ColourNamer } from './colour-namer.ts'
import { toOklab } from './colour-space.ts'
import { readColours, type ColourRow, type Colours } from './data-colours.ts'
import { makeVocabulary, paddingId } from './words.ts'

/** What decides the outcome of a run. */
export interface ColoursSettings {
  readonly seed: number
  readonly epochs: number
  /** Only so many colours, a fifth of them for the test; null: all. */
  readonly limit: number | null
  readonly decoder: Inject
}

export const colourDefaults = { epochs: 60, decoder: 'init' } as const satisfies Partial<ColoursSettings>

const batchSize = 32
const learningRate = 6e-3
const sizes = { vectorSize: 64, embeddingSize: 32, hiddenSize: 64, dropout: 0.2 } as const
/** The deviation by which a training colour is changed each time that it is seen; the range is about -1 to 1. */
const jitter = 0.04

/** The width of the beam. */
export const beamWidth = 4

/** How well names agree with the true ones. */
export interface NameScores {
  /** The share of names that are right to the word. */
  readonly exactMatch: number
  readonly tokenF1: number
}

/** A colour of the test part with its names. */
export interface NamedColour {
  readonly row: ColourRow
  readonly words: readonly string[]
  /** How probable the model finds its name, 0 to 1. */
  readonly probability: number
  /** Three names drawn at random, as probable as the model finds them. */
  readonly samples: readonly (readonly string[])[]
  /** The name of the nearest colour of those that were learned from. */
  readonly nearest: ColourRow
}

/** A finished run. */
export interface ColoursResult {
  readonly settings: ColoursSettings
  readonly counts: Readonly<Record<'train' | 'validation' | 'test', number>>
  readonly model: ColourNamer
  readonly vocabulary: Vocabulary
  readonly parameters: number
  /** `crossEntropy` is of a next word (and of the end), in nats. */
  readonly scores: NameScores & { readonly crossEntropy: number }
  readonly baselines: Readonly<Record<'mostFrequent' | 'nearestColour', NameScores>>
  /** The share of test names that stand in training too, word for word. */
  readonly known: number
  readonly named: readonly NamedColour[]
  readonly points: readonly LogPoint[]
  /** Loss on the validation part after each epoch. */
  readonly validation: readonly number[]
  readonly lists: Colours['lists']
  readonly seconds: number
}

/** What the baselines are called. */
export const colourBaselines: Readonly<Record<keyof ColoursResult['baselines'], string>> = {
  mostFrequent: 'most frequent name',
  nearestColour: 'nearest colour',
}

/** Colours with their names for teacher forcing. */
interface ColourBatch extends CaptionBatch {
  /** `[batch, 3]` */
  readonly colours: Tensor
}

/**
 * Trains a model and judges it on colours that it never saw.
 * @returns undefined when it was interrupted
 */
export async function trainColours(
  settings: ColoursSettings,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<ColoursResult | undefined> {
  const started = performance.now()
  const { seed, epochs, limit, decoder } = settings
  const { train: learning, test: all, lists } = readColours({ seed })
  // The rows are in the order of the lists: evenly chosen, they have something of each.
  const some = (rows: Dataset<ColourRow>, share: number) => {
    const count = limit === null ? rows.length : Math.min(rows.length, Math.max(10, Math.round(share * limit)))
    return dataset(Array.from({ length: count }, (_, i) => rows.get(Math.floor((i * rows.length) / count))))
  }
  const [known, test] = [some(learning, 0.8), some(all, 0.2)]
  const { train, validation } = splitByRows(known, { train: 'rest', validation: 0.1 }, { rng: new Rng(seed).split() })
  const counts = { train: train.length, validation: validation.length, test: test.length }
  say(`${counts.train} colours to train, ${counts.validation} to validate, ${counts.test} to test`)
  const vocabulary = makeVocabulary(Array.from(train, ({ words }) => words))
  const model = new ColourNamer({ ...sizes, decoder, vocabularySize: vocabulary.size }, { rng: new Rng(seed) })
  const source = trainingColours(train, { seed, vocabulary })
  const log = new TrainingLog()
  const losses: number[] = []
  let parameters = 0
  const events = fit({
    model,
    optimizer: new AdamW(model.parameters(), {
      learningRate: oneCycle(learningRate, { steps: epochs * source.length, warmupFraction: 0.2 }),
      weightDecay: 0.05,
    }),
    train: source,
    validation: plainColours(validation, vocabulary),
    step: (batch) => step(model, batch),
    epochs,
    clipNorm: 2,
    signal,
  })
  for await (const event of showProgress(events)) {
    if (event.type === 'start') parameters = event.parameters
    else if (event.type === 'step') log.add(event)
    else if (event.type === 'epoch') losses.push(event.validation?.loss ?? NaN)
    else if (event.type === 'stop' && event.reason === 'aborted') return undefined
  }
  const named = nameColours(model, { known, test, vocabulary, seed })
  const judged = await judge(model, { known, test, vocabulary, named })
  const seconds = (performance.now() - started) / 1000
  return {
    settings, counts, model, vocabulary, parameters, ...judged, named,
    points: log.points, validation: losses, lists, seconds,
  }
}

interface JudgedParts {
  /** Every colour that is not of the test: those of the validation too. */
  readonly known: Dataset<ColourRow>
  readonly test: Dataset<ColourRow>
  readonly vocabulary: Vocabulary
}

/** Names of the test colours: by beam search, by chance, and by the nearest colour. */
function nameColours(
  model: ColourNamer,
  { known, test, vocabulary, seed }: JudgedParts & { readonly seed: number },
): NamedColour[] {
  const colours = colourBatch(Array.from(test, ({ colour }) => colour))
  const wordsOf = (tokens: readonly number[]) => tokens.map((id) => vocabulary.token(id))
  const rng = new Rng(seed)
  const drawn = [1, 2, 3].map(() => model.sample(colours, { rng: rng.split() }))
  const features = (rows: Dataset<ColourRow>) =>
    Float32Array.from(Array.from(rows, ({ colour }) => toOklab(colour)).flat())
  const nearest = nearestNeighbours({ queries: features(test), keys: features(known), count: test.length })
  return model.name(colours, { width: beamWidth }).map(({ tokens, logProbability }, i) => ({
    row: test.get(i),
    words: wordsOf(tokens),
    probability: Math.exp(logProbability),
    samples: drawn.map((all) => wordsOf(all[i].tokens)),
    nearest: known.get(nearest[i]),
  }))
}

/** The scores of the model and of the baselines. */
async function judge(
  model: ColourNamer,
  { known, test, vocabulary, named }: JudgedParts & { readonly named: readonly NamedColour[] },
): Promise<Pick<ColoursResult, 'scores' | 'baselines' | 'known'>> {
  const references = Array.from(test, ({ words }) => [words])
  const score = (names: readonly (readonly string[])[]): NameScores => ({
    exactMatch: exactMatch(names, references),
    tokenF1: tokenF1(names, references),
  })
  const frequent = mostFrequent(known)
  const { loss } = await evaluate({ data: plainColours(test, vocabulary), step: (batch) => step(model, batch) })
  const captions = new Set(Array.from(known, ({ caption }) => caption))
  return {
    scores: { ...score(named.map(({ words }) => words)), crossEntropy: loss },
    baselines: {
      mostFrequent: score(references.map(() => frequent)),
      nearestColour: score(named.map(({ nearest }) => nearest.words)),
    },
    known: test.filter(({ caption }) => captions.has(caption)).length / test.length,
  }
}

/** The loss of the next words of one batch, a mean over words. */
function step(model: ColourNamer, { colours, inputs, targets, lengths }: ColourBatch): Outcome {
  const loss = crossEntropy(model.forward(colours, inputs, lengths), targets, { ignoreId: paddingId })
  const tokens = lengths.reduce((a, b) => a + b, 0)
  return { loss, count: tokens, tokens }
}

function namedBatch(rows: readonly ColourRow[], vocabulary: Vocabulary): ColourBatch {
  const captions = captionBatch(
    rows.map(({ words }) => words),
    vocabulary,
  )
  return { ...captions, colours: colourBatch(rows.map(({ colour }) => colour)) }
}

/** Colours in their order, as they are. */
const plainColours = (rows: Dataset<ColourRow>, vocabulary: Vocabulary) =>
  new DataLoader(rows, { batchSize: 128, collate: (items) => namedBatch(items, vocabulary) })

/** Colours shuffled and slightly changed anew in each epoch. */
function trainingColours(
  rows: Dataset<ColourRow>,
  { seed, vocabulary }: { readonly seed: number; readonly vocabulary: Vocabulary },
): BatchSource<ColourBatch> {
  const size = Math.min(batchSize, rows.length)
  return seededBatches(rows, {
    seed,
    batchSize: size,
    count: rows.length,
    make: (some, rng) => {
      const { colours, ...captions } = namedBatch(some, vocabulary)
      return { ...captions, colours: add(colours, rng.normal([size, 3], { deviation: jitter })) }
    },
  })
}
