// The trained model of the main task as one file: weights, sizes and vocabulary.
import { Rng } from '@ostinato/tensor'
import { Vocabulary } from '@ostinato/tokenizers'
import type { Language } from './data-names.ts'
import { createModel, type Captioner, type CaptioningConfig } from './model.ts'
import { readModelFile, writeModelFile } from './model-file.ts'

/** A model with what is needed to read its captions. */
export interface SavedModel {
  readonly model: Captioner
  readonly vocabulary: Vocabulary
  readonly language: Language
}

const format = 'ostinato-captioning-1'

/** Writes the model whole or not at all. */
export async function saveModel(path: string, { model, vocabulary, language }: SavedModel): Promise<void> {
  const [config, words] = [JSON.stringify(model.config), JSON.stringify(vocabulary.toJSON())]
  await writeModelFile(path, { model, metadata: { format, language, config, vocabulary: words } })
}

/** @throws CommandError when there is no model, or the file holds none */
export function loadModel(path: string): Promise<SavedModel> {
  return readModelFile(path, {
    format,
    command: 'pnpm captioning',
    build: ({ config = '', vocabulary = '', language }) => ({
      model: createModel(JSON.parse(config) as CaptioningConfig, { rng: new Rng(0) }),
      vocabulary: Vocabulary.fromJSON(JSON.parse(vocabulary)),
      language: language === 'zh' ? 'zh' : 'en',
    }),
  })
}
