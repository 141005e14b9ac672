// One program as one minified file, by esbuild, from the sources of the packages.
import { build } from 'esbuild'
import { root } from './processes.ts'

/** The text of the bundle. */
export async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    conditions: ['@ostinato/source'],
    format: 'esm',
    minify: true,
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0].text
}
