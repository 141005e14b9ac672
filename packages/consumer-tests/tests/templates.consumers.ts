// Every template, from `npm create` to its own workflow, in a folder outside the workspace.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { command } from '../src/command.ts'
import { full, repository } from '../src/places.ts'

/** A quick run of each app, and what it says in the end. In short only the smallest is started from nothing. */
const quickRuns: Readonly<Record<string, { readonly args: readonly string[]; readonly says: RegExp }>> = {
  blank: { args: [], says: /test accuracy 0\.9/ },
  sentiment: { args: ['--limit', '200', '--epochs', '1', '--json'], says: /"app": ?"sentiment"/ },
  captioning: { args: ['--quick', '--limit', '60', '--epochs', '1', '--json'], says: /"app": ?"captioning"/ },
  forecasting: { args: ['--quick', '--json'], says: /"app": ?"forecasting"/ },
}

const apps = (await readdir(join(repository, 'apps'))).filter(name => full || name === 'blank')
const managers = full ? (['npm', 'pnpm'] as const) : (['npm'] as const)

/** A command as a workflow writes it. */
const shell = (line: string, cwd: string): Promise<string> =>
  command('bash', ['-euc', line.replace(/^pnpm /, 'npx -y pnpm@12.21.0 ')], { cwd, timeout: 900_000 })

describe.each(apps.flatMap(app => managers.map(manager => ({ app, manager }))))('$app with $manager', ({ app, manager }) => {
  let folder = ''
  let home = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `ostinato-create-${app}-`))
    home = join(folder, 'my-app')
    await command('npm', [
      'create', '--yes', 'ostinato@latest', 'my-app', '--', '--template', app, '--package-manager', manager,
    ], { cwd: folder, env: { npm_config_registry: inject('registry'), npm_config_cache: join(folder, '.cache') } })
    // The packages of this repository come from loopback, all others from where they always come from.
    await writeFile(join(home, '.npmrc'), `@ostinato:registry=${inject('registry')}\naudit=false\nfund=false\n`)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('it passes its own workflow: it installs, its types hold, its tests pass', { timeout: 1_800_000 }, async () => {
    const workflow = parse(await readFile(join(home, '.github/workflows/ci.yml'), 'utf8')) as {
      readonly jobs: { readonly test: { readonly steps: readonly { readonly run?: string }[] } }
    }
    const lines = workflow.jobs.test.steps.flatMap(({ run }) => run ?? []).filter(line => !line.includes('--global'))
    expect(lines.length).toBeGreaterThanOrEqual(3)
    for (const line of lines) await shell(line, home)
  })

  test('it trains a quick run', { timeout: 900_000 }, async () => {
    const run = quickRuns[app]
    expect(run, `quickRuns has no line for ${app}`).toBeDefined()
    const dashes = manager === 'npm' ? '--' : ''
    expect(await shell(`${manager} start ${dashes} ${run.args.join(' ')}`, home)).toMatch(run.says)
  })
})
