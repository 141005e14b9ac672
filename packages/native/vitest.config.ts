import { testConfig } from '@ostinato/config/vitest'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

// The suite of the kernels runs once more with the addon registered, where it has been built; not on other backends.
const built = existsSync(join(import.meta.dirname, 'c/build/Release/ostinato.node'))

export default testConfig({
  include: ['tests/**/*.test.ts', ...(built ? ['../kernels/tests/*.test.ts'] : [])],
  testNamePattern: /^(?!.* on (relaxed-simd|simd|javascript))/,
  setupFiles: ['tests/register.ts'],
})
