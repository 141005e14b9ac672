// The trained model as one file: weights, sizes and vocabulary together, so that they cannot drift apart.
import { readFile } from 'node:fs/promises'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { Rng, type Tensor } from '@ostinato/tensor'
import { Vocabulary } from '@ostinato/tokenizers'
import { writeWhole } from '@ostinato/train/node'
import type { Language } from './data-names.ts'
import { CommandError } from './errors.ts'
import { createModel, type Captioner, type CaptioningConfig } from './model.ts'

/** A model with what is needed to read its captions. */
export interface SavedModel {
  readonly model: Captioner
  readonly vocabulary: Vocabulary
  readonly language: Language
}

const format = 'ostinato-captioning-1'

/** Writes the model whole or not at all. */
export async function saveModel(path: string, { model, vocabulary, language }: SavedModel): Promise<void> {
  const metadata = {
    format,
    language,
    config: JSON.stringify(model.config),
    vocabulary: JSON.stringify(vocabulary.toJSON()),
  }
  await writeWhole(path, encodeSafetensors(model.state(), metadata))
}

/** @throws CommandError when there is no model, or the file holds none */
export async function loadModel(path: string): Promise<SavedModel> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CommandError(`there is no trained model at ${path}: train one first with 'pnpm captioning'`, { cause })
  })
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    const { format: found, config = '', vocabulary = '', language } = metadata
    if (found !== format) throw new Error(`expected the format ${format}, got ${found ?? 'none'}`)
    const model = createModel(JSON.parse(config) as CaptioningConfig, { rng: new Rng(0) })
    model.loadState(tensors as Map<string, Tensor>)
    return {
      model,
      vocabulary: Vocabulary.fromJSON(JSON.parse(vocabulary)),
      language: language === 'zh' ? 'zh' : 'en',
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`${path} is not a model of this app: ${reason}`, { cause })
  }
}
