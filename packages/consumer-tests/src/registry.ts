// A registry on loopback that holds nothing but the packages of this repository. What it does not have it looks up in
// the registry that npm is set to.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { command } from './command.ts'
import { repository, toolFile } from './places.ts'

/** A registry that runs. */
export interface Registry {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** A package that is published: its manifest, and where it lies. */
interface PublicPackage {
  readonly name: string
  readonly folder: string
}

/** Every package of the repository that is not private. */
async function publicPackages(root: string): Promise<PublicPackage[]> {
  const names = (await readdir(join(root, 'packages'))).sort()
  const found = await Promise.all(names.map(async (name) => {
    const folder = join(root, 'packages', name)
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name: string; private?: boolean }
    return manifest.private === true ? [] : [{ name: manifest.name, folder }]
  }))
  return found.flat()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts verdaccio with an empty storage in `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const uplink = (await command('npm', ['config', 'get', 'registry'], { cwd: folder })).trim()
  const ours = { access: '$all', publish: '$all', unpublish: '$all' }
  await mkdir(join(folder, 'storage'), { recursive: true })
  // JSON is YAML.
  await writeFile(join(folder, 'verdaccio.yaml'), JSON.stringify({
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: { outside: { url: uplink } },
    packages: { '@ostinato/*': ours, 'create-ostinato': ours, '**': { access: '$all', proxy: 'outside' } },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  }))
  const child = fork(
    toolFile('verdaccio', 'bin/verdaccio'),
    ['--config', join(folder, 'verdaccio.yaml'), '--listen', `127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  )
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    child.kill()
    await once(child, 'exit')
  }
  const deadline = Date.now() + 60_000
  while (!(await fetch(`${url}-/ping`).then(({ ok }) => ok, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('the registry on loopback did not start')
    await new Promise((resolve) => { setTimeout(resolve, 200) })
  }
  return { url, stop }
}

/** What a folder's .npmrc says so that packages come from, and go to, the registry at `url`. */
export const registrySettings = (url: string): string =>
  // A client sends nothing without a token; this registry asks for none.
  `registry=${url}\n${url.slice('http:'.length)}:_authToken=loopback\nprovenance=false\nfund=false\naudit=false\nupdate-notifier=false\n`

/** Packs the packages as a release does, and publishes the tarballs. */
export async function publishPackages(folder: string, url: string): Promise<void> {
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs)
  await writeFile(join(tarballs, '.npmrc'), registrySettings(url))
  const filters = (await publicPackages(repository)).flatMap(({ name }) => ['--filter', name])
  await command('npx', ['-y', 'pnpm@12.21.0', ...filters, 'pack', '--pack-destination', tarballs], { cwd: repository })
  const files = (await readdir(tarballs)).filter(file => file.endsWith('.tgz'))
  await Promise.all(files.map(file =>
    command('npm', ['publish', `./${file}`, '--provenance=false', '--tag', 'latest'], { cwd: tarballs })))
}
