// The one vitest preset. Packages resolve to their TypeScript sources; with OSTINATO_TEST_DIST=1 the same tests run
// against what is published (`dist`).
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const source = process.env.OSTINATO_TEST_DIST ? [] : ['@ostinato/source']
const conditions = [...source, 'module', 'node', 'import', 'default']

/** The config of one package; `test` adds to vitest's options. */
export const testConfig = (test = {}) =>
  defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000, ...test },
  })

/** The config of the repository: a project for each folder with a vitest.config.ts, named after it, and `scripts`. */
export const projectConfig = root => {
  const inside = parent => readdirSync(join(root, parent)).map(name => join(parent, name))
  const projects = [...inside('packages'), ...inside('apps'), 'bench'].filter(folder => existsSync(join(root, folder, 'vitest.config.ts')))
  return defineConfig({
    test: {
      projects: [
        ...projects.map(folder => ({
          extends: join(root, folder, 'vitest.config.ts'),
          root: join(root, folder),
          test: { name: folder.split(/[\\/]/).at(-1) },
        })),
        { extends: false, root: join(root, 'scripts'), ...testConfig({ name: 'scripts' }) },
      ],
    },
  })
}
