// Makes the templates: every app of the repository, copied, with its ties to the repository undone. Whatever tie it
// does not know stops the build, so that no template is published that works here alone.
//
//   node scripts/make-templates.mjs [folder]

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const repository = join(import.meta.dirname, '../../..')
const left = new Set(['node_modules', 'dist', 'runs', '.cache', '.examples', '.turbo', 'examples.test.ts'])
const ties = /@ostinato\/source|@ostinato\/(config|test-utils)|@ostinato-apps|workspace:|catalog:|pnpm@12|\bpnpm (?!-|install)/

/** @param {string} path */
const readJson = path => JSON.parse(readFileSync(path, 'utf8'))

/** @param {string} name `typescript`: its version in the workspace's catalog */
const catalog = name => {
  const found = new RegExp(`^ {2}'?${name}'?: (\\S+)$`, 'm').exec(readFileSync(join(repository, 'pnpm-workspace.yaml'), 'utf8'))
  if (!found) throw new Error(`pnpm-workspace.yaml: the catalog has no ${name}`)
  return found[1]
}

/** @param {string} name `@ostinato/rnn`: the version that is published with this one */
const published = name => readJson(join(repository, 'packages', name.slice('@ostinato/'.length), 'package.json')).version

/**
 * The dependencies as a user has them, without the private packages.
 * @param {Record<string, string>} [dependencies]
 */
const untied = (dependencies = {}) =>
  Object.fromEntries(Object.entries(dependencies)
    .filter(([name]) => !/^@ostinato\/(config|test-utils)$/.test(name))
    .map(([name, version]) => {
      if (version.startsWith('workspace:')) return [name, `^${published(name)}`]
      return [name, version === 'catalog:' ? catalog(name) : version]
    }))

/**
 * The commands of an app's command line: after `npm start` they need two dashes, and other words do not.
 * @param {string} app
 */
const commandsOf = app => readdirSync(join(repository, 'apps', app, 'src'))
  .flatMap(file => [...readFileSync(join(repository, 'apps', app, 'src', file), 'utf8').matchAll(/\b[cC]ommand\('([a-z-]+)'/g)])
  .map(([, name]) => name)

/**
 * Says in the words of npm, and of an app that stands alone, what the repository says in its own.
 * @param {string} app
 * @param {string} text
 */
const alone = (app, text) => text
  .replaceAll(new RegExp(`(npx -y pnpm@12\\S* |pnpm )--filter @ostinato-apps/${app} (--silent )?(run )?`, 'g'), 'npm run ')
  .replaceAll(new RegExp(`(npx -y pnpm@12\\S*|\\bpnpm) ${app}(?= (-|(${commandsOf(app).join('|') || '-'})\\b))`, 'g'), 'npm start --')
  .replaceAll(new RegExp(`(npx -y pnpm@12\\S*|\\bpnpm) ${app}\\b`, 'g'), 'npm start')
  .replaceAll('@ostinato-apps/', '')
  .replaceAll("'--conditions=@ostinato/source', ", '')
  .replaceAll('--conditions=@ostinato/source ', '')
  .replaceAll('pnpm --dir data install --frozen-lockfile', 'npm install --prefix data')
  .replaceAll(' --reporter=silent', ' --silent')
  .replaceAll('pnpm run ', 'npm run ')
  .replaceAll(`apps/${app}/`, '')

/** @param {string} app */
const manifestOf = app => {
  const { description, license, type, scripts, dependencies, devDependencies } = readJson(join(repository, 'apps', app, 'package.json'))
  const { start, test, data } = scripts
  const kept = { start: data ? `pnpm run data && ${start}` : start, test, typecheck: 'tsc --noEmit', ...(data && { data }) }
  return {
    name: app,
    version: '0.0.0',
    private: true,
    license,
    type,
    description,
    engines: readJson(join(repository, 'package.json')).engines,
    scripts: Object.fromEntries(Object.entries(kept).map(([name, script]) => [name, alone(app, script)])),
    dependencies: untied(dependencies),
    devDependencies: {
      ...untied(devDependencies),
      '@types/node': catalog('@types/node'),
      typescript: catalog('typescript'),
      vitest: catalog('vitest'),
    },
  }
}

/** The compiler's settings: the repository's, less what is only for it. */
const tsconfig = () => {
  const { customConditions, typeRoots, ...compilerOptions } =
    readJson(join(repository, 'packages/config/tsconfig.base.json')).compilerOptions
  void customConditions
  void typeRoots
  return { compilerOptions, include: ['src', 'tests', '*.ts'] }
}

/** @param {Record<string, string>} scripts */
const workflow = ({ data }) => `# Types and tests, on each push and pull request.
name: ci

on: [push, pull_request]

permissions:
  contents: read

jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      # set up
      - run: npm install
${data ? '      - run: npm run data\n' : ''}      - run: npm run typecheck
      - run: npm test
`

/**
 * Every tie to the repository that a template still has.
 * @param {string} folder
 */
const tiesIn = folder => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && !entry.name.endsWith('-lock.yaml'))
  .flatMap(entry => {
    const path = join(entry.parentPath, entry.name)
    return readFileSync(path, 'utf8').split('\n').flatMap((line, index) =>
      ties.test(line) ? [`${relative(folder, path)}:${index + 1}: ${line.trim()}`] : [])
  })

/**
 * Makes the template of one app.
 * @param {string} app
 * @param {string} folder
 */
const makeTemplate = (app, folder) => {
  const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 2)}\n`
  const manifest = manifestOf(app)
  cpSync(join(repository, 'apps', app), folder, {
    recursive: true,
    filter: path => !left.has(path.split(/[\\/]/).at(-1) ?? ''),
  })
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !entry.name.endsWith('-lock.yaml')) writeFileSync(path, alone(app, readFileSync(path, 'utf8')))
  }
  const ignored = existsSync(join(folder, '.gitignore')) ? readFileSync(join(folder, '.gitignore'), 'utf8') : ''
  writeFileSync(join(folder, '.gitignore'), `node_modules/\nruns/\n*.log\n${ignored}`)
  renameSync(join(folder, '.gitignore'), join(folder, '_gitignore'))
  writeFileSync(join(folder, 'package.json'), json(manifest))
  writeFileSync(join(folder, 'tsconfig.json'), json(tsconfig()))
  writeFileSync(join(folder, 'vitest.config.ts'), `import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000 } })
`)
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), 'packages: []\nallowBuilds:\n  esbuild: true\n')
  mkdirSync(join(folder, '.github/workflows'), { recursive: true })
  writeFileSync(join(folder, '.github/workflows/ci.yml'), workflow(manifest.scripts))
}

/**
 * Makes a template of every app into `folder`, which is emptied first.
 * @param {string} folder
 */
const makeTemplates = folder => {
  rmSync(folder, { recursive: true, force: true })
  const apps = readdirSync(join(repository, 'apps')).sort()
    .filter(app => existsSync(join(repository, 'apps', app, 'package.json')))
  for (const app of apps) {
    makeTemplate(app, join(folder, app))
    const found = tiesIn(join(folder, app))
    if (found.length > 0) throw new Error(`the template ${app} is tied to the repository:\n${found.join('\n')}`)
  }
  const list = apps.map(name => ({ name, description: readJson(join(folder, name, 'package.json')).description }))
  // The smallest first: it is what a user gets who chooses nothing.
  list.sort((a, b) => Number(b.name === 'blank') - Number(a.name === 'blank'))
  writeFileSync(join(folder, 'templates.json'), `${JSON.stringify(list, null, 2)}\n`)
}

makeTemplates(resolve(process.argv[2] ?? join(import.meta.dirname, '../dist/templates')))
