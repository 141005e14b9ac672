// The one vitest preset. Packages resolve to their TypeScript sources; with OSTINATO_TEST_DIST=1 the same tests run
// against what is published (`dist`).
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

const testsDist = Boolean(process.env.OSTINATO_TEST_DIST)
const conditions = [...(testsDist ? [] : ['@ostinato/source']), 'module', 'node', 'import', 'default']

/** Leads a test's `../src/index.ts` to the built entry; internals, which have no entry, stay sources. */
const published = {
  name: 'ostinato:published',
  enforce: 'pre',
  resolveId(specifier, importer = '') {
    if (!specifier.startsWith('.') || /[\\/]src[\\/]/.test(importer)) return undefined
    const built = resolve(dirname(importer), specifier).replace(/([\\/])src([\\/].*)\.ts$/, '$1dist$2.js')
    return built.endsWith('.js') && /[\\/]dist[\\/]/.test(built) && existsSync(built) ? built : undefined
  },
}

/** The config of one package; `test` adds to vitest's options. */
export const testConfig = (test = {}) =>
  defineConfig({
    plugins: testsDist ? [published] : [],
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000, ...test },
  })

/** The config of the repository: a project for each folder with a vitest.config.ts, named after it, and `scripts`. */
export const projectConfig = root => {
  const inside = parent => readdirSync(join(root, parent)).map(name => join(parent, name))
  const projects = [...inside('packages'), ...inside('apps'), 'bench', 'docs']
    .filter(folder => existsSync(join(root, folder, 'vitest.config.ts')))
  // An app may have the name of a package.
  const last = folder => folder.split(/[\\/]/).at(-1)
  const taken = folder => /^apps[\\/]/.test(folder) && existsSync(join(root, 'packages', last(folder)))
  const nameOf = folder => (taken(folder) ? `${last(folder)}-app` : last(folder))
  return defineConfig({
    test: {
      projects: [
        ...projects.map(folder => ({
          extends: join(root, folder, 'vitest.config.ts'),
          root: join(root, folder),
          test: { name: nameOf(folder) },
        })),
        { ...testConfig({ name: 'scripts' }), extends: false, root: join(root, 'scripts') },
      ],
    },
  })
}
