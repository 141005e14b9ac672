// Set up once for all tests: a registry on loopback with every public package in it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { publishPackages, startRegistry } from './registry.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the registry on loopback. */
    registry: string
  }
}

/** Starts the registry and publishes; returns what stops and removes it. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-registry-'))
  const { url, stop } = await startRegistry(folder)
  try {
    await publishPackages(folder, url)
  } catch (error) {
    await stop()
    throw error
  }
  provide('registry', url)
  return async () => {
    await stop()
    await rm(folder, { recursive: true })
  }
}
