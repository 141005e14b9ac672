// The one tsup preset: ESM, one entry a package unless told otherwise, types beside the code.
import { join } from 'node:path'
import { defineConfig } from 'tsup'

export const library = (options = {}) =>
  defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    sourcemap: true,
    treeshake: true,
    silent: true,
    dts: {
      compilerOptions: {
        // tsup sets the deprecated baseUrl.
        ignoreDeprecations: '6.0',
        // Built against what the neighbours publish, not against their sources.
        customConditions: [],
        typeRoots: [join(import.meta.dirname, 'node_modules/@types')],
      },
    },
    ...options,
  })
