// The one vitest preset. Packages resolve to their TypeScript sources; with OSTINATO_TEST_DIST=1 the same tests run
// against what is published (`dist`).
import { defineConfig } from 'vitest/config'

const conditions = process.env.OSTINATO_TEST_DIST ? [] : ['@ostinato/source']

export const testConfig = (test = {}) =>
  defineConfig({
    resolve: { conditions: [...conditions, 'module', 'node', 'import', 'default'] },
    ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'import', 'default'] } },
    test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000, ...test },
  })
