// One program as one minified file, by esbuild, from the sources of the packages.
import { build } from 'esbuild'
import { root } from './processes.ts'

/**
 * The text of the bundle. What a program loads only when it needs it (the code of threads, which few do) is in it too,
 * unless it is to be `split` off.
 */
export async function bundle(source: string, { split = false } = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    conditions: ['@ostinato/source'],
    format: 'esm',
    minify: true,
    platform: 'browser',
    target: 'es2023',
    splitting: split,
    outdir: 'out',
    write: false,
  })
  // The program comes first, what was split off after it.
  return outputFiles[0].text
}
