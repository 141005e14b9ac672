import { testConfig } from '@ostinato/config/vitest'

// One file after the other: they share two cores with the package managers that they start.
export default testConfig({
  include: ['tests/**/*.consumers.ts'],
  testTimeout: 300_000,
  hookTimeout: 300_000,
  fileParallelism: false,
  globalSetup: ['src/serve-packages.ts'],
})
