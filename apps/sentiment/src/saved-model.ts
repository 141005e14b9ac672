// The trained model as one file: weights, sizes and vocabulary together, so that they cannot drift apart.
import { readFile } from 'node:fs/promises'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { Rng } from '@ostinato/tensor'
import { tokenizerFromJSON, type Tokenizer } from '@ostinato/tokenizers'
import { writeWhole } from '@ostinato/train/node'
import { CommandError } from './errors.ts'
import { SentimentModel, type SentimentConfig } from './model.ts'

/** A model with the tokenizer that it was trained with. */
export interface SavedModel {
  readonly model: SentimentModel
  readonly tokenizer: Tokenizer
}

const format = 'ostinato-sentiment-1'

/** Writes the model whole or not at all. */
export async function saveModel(path: string, { model, tokenizer }: SavedModel): Promise<void> {
  const metadata = { format, config: JSON.stringify(model.config), tokenizer: JSON.stringify(tokenizer.toJSON()) }
  await writeWhole(path, encodeSafetensors(model.state(), metadata))
}

/** @throws CommandError when there is no model, or the file holds none */
export async function loadModel(path: string): Promise<SavedModel> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CommandError(`there is no trained model at ${path}: train one first with 'pnpm sentiment'`, {
      cause: error,
    })
  })
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    const { format: found, config = '', tokenizer = '' } = metadata
    if (found !== format) throw new Error(`expected the format ${format}, got ${found ?? 'none'}`)
    const model = new SentimentModel(JSON.parse(config) as SentimentConfig, { rng: new Rng(0) })
    model.loadState(tensors)
    return { model, tokenizer: tokenizerFromJSON(JSON.parse(tokenizer)) }
  } catch (error) {
    throw new CommandError(
      `${path} is not a model of this app: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
