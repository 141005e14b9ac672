// The one tsup preset: ESM, one entry a package unless told otherwise, types beside the code.
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
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    ...options,
  })
