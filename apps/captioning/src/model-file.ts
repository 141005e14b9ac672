// A trained model as one file: weights and whatever else it is made of together, so that they cannot drift apart.
import { readFile } from 'node:fs/promises'
import type { Module } from '@ostinato/nn'
import { decodeSafetensors, encodeSafetensors } from '@ostinato/safetensors'
import { writeWhole } from '@ostinato/train/node'
import { CommandError } from './errors.ts'

/** What stands beside the weights, by name. */
export type Metadata = Readonly<Record<string, string>>

/** Writes the model whole or not at all. `metadata.format` tells what kind of file it is. */
export async function writeModelFile(
  path: string,
  { model, metadata }: { readonly model: Module; readonly metadata: Metadata & { readonly format: string } },
): Promise<void> {
  await writeWhole(path, encodeSafetensors(model.state(), metadata))
}

/** How a file becomes a model. */
export interface ModelFileOptions<T> {
  readonly format: string
  /** The command that trains such a model. */
  readonly command: string
  /** Makes the model, with any weights: they are put in afterwards. What the file does not have is `undefined`. */
  readonly build: (metadata: Readonly<Record<string, string | undefined>>) => T
}

/** @throws CommandError when there is no model, or the file holds none */
export async function readModelFile<T extends { readonly model: Module }>(
  path: string,
  { format, command, build }: ModelFileOptions<T>,
): Promise<T> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CommandError(`there is no trained model at ${path}: train one first with '${command}'`, { cause })
  })
  try {
    const { tensors, metadata } = decodeSafetensors(bytes)
    const { format: found } = metadata
    if (found !== format) throw new Error(`expected the format ${format}, got ${found ?? 'none'}`)
    const saved = build(metadata)
    saved.model.loadState(tensors)
    return saved
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`${path} is not a model of this app: ${reason}`, { cause })
  }
}
