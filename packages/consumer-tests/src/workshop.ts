// A consumer's folder outside the workspace: installing, type-checking, building and bundling there, with the tools
// that a user may have.
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { command } from './command.ts'
import type { Consumer } from './consumers.ts'
import { programFile, repository, toolFile } from './places.ts'
import { registrySettings } from './registry.ts'

/** How a user installs. */
export type PackageManager = 'npm' | 'pnpm'

/** The versions of TypeScript that the published types are read with. */
export const compilers = ['5.6', '5.9', '6'] as const

const compilerFile = (version: (typeof compilers)[number]): string => version === '6'
  ? join(repository, 'node_modules/typescript/bin/tsc')
  : toolFile(`typescript-${version}`, 'bin/tsc')

/** Makes the consumer's folder and installs what it asks for, and nothing else. */
export async function install(consumer: Consumer, registry: string, manager: PackageManager): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `ostinato-${consumer.name}-${manager}-`))
  const dependencies = Object.fromEntries(consumer.asks.map(name => [`@ostinato/${name}`, 'latest']))
  const manifest = { name: `consumer-of-${consumer.name}`, version: '1.0.0', private: true, type: 'module', dependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(folder, '.npmrc'), registrySettings(registry))
  await writeFile(join(folder, 'program.ts'), await readFile(programFile(consumer.name)))
  await writeFile(join(folder, 'run.js'), "import { result } from './program.js'\nconsole.log(result)\n")
  await writeFile(join(folder, 'page.js'), "import { result } from './program.js'\ndocument.body.textContent = result\n")
  const own = { cwd: folder, env: { npm_config_cache: join(folder, '.cache') } }
  if (manager === 'npm') await command('npm', ['install', '--no-audit', '--no-fund'], own)
  // A store of its own: packages of the same version from an earlier run must not be taken for these.
  else await command('npx', ['-y', 'pnpm@12.21.0', 'install', '--store-dir', join(folder, '.store')], { cwd: folder })
  return folder
}

/** The names of every package that an installation brought, sorted. */
export async function installed(folder: string, manager: PackageManager): Promise<string[]> {
  const modules = join(folder, 'node_modules')
  if (manager === 'pnpm') {
    const kept = (await readdir(join(modules, '.pnpm'))).filter(name => name.includes('@') && !name.startsWith('.'))
    return kept.map(name => name.replace(/(?<=.)@.*$/, '').replace('+', '/')).sort()
  }
  const names = (await readdir(modules)).filter(name => !name.startsWith('.'))
  const inside = names.map(async name => name.startsWith('@')
    ? (await readdir(join(modules, name))).map(one => `${name}/${one}`)
    : [name])
  return (await Promise.all(inside)).flat().sort()
}

/** Type-checks the program against the published types, with every declaration file read in full. */
export async function typeCheck(
  folder: string,
  version: (typeof compilers)[number],
  resolution: 'node16' | 'nodenext' | 'bundler',
): Promise<void> {
  const module = resolution === 'bundler' ? 'esnext' : resolution
  await command(process.execPath, [
    compilerFile(version), '--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--lib', 'es2022,dom',
    '--module', module, '--moduleResolution', resolution, 'program.ts',
  ], { cwd: folder })
}

/** Strips the program's types, so that any runtime runs it. */
export async function strip(folder: string): Promise<void> {
  await build({ entryPoints: ['program.ts'], outfile: join(folder, 'program.js'), absWorkingDir: folder, format: 'esm' })
}

/** A bundle for browsers: its code, its size by gzip, and the packages that it holds something of. */
export interface Bundle {
  readonly code: string
  readonly bytes: number
  readonly holds: readonly string[]
}

/** Bundles the page with esbuild; what is loaded only when it is needed is split off, and not counted. */
export async function bundleWithEsbuild(folder: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['page.js'],
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    splitting: true,
    outdir: 'bundle',
    metafile: true,
    write: false,
  })
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))
  const holds = kept.flatMap(path => /.*@ostinato[/+]([a-z-]+)/.exec(path)?.[1] ?? [])
  const file = outputFiles.find(({ path }) => path.endsWith('page.js'))
  if (file === undefined) throw new Error(`expected page.js among ${outputFiles.map(({ path }) => path).join(', ')}`)
  return { code: file.text, bytes: gzipSync(file.contents).length, holds: [...new Set(holds)].sort() }
}

/** Bundles the page with Vite, as a user would: no settings. */
export async function bundleWithVite(folder: string): Promise<Omit<Bundle, 'holds'>> {
  await writeFile(join(folder, 'index.html'), '<!doctype html><body><script type="module" src="/page.js"></script></body>')
  await command(process.execPath, [toolFile('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn'], { cwd: folder })
  const assets = join(folder, 'dist/assets')
  const [name, ...more] = (await readdir(assets)).filter(file => file.startsWith('index-') && file.endsWith('.js'))
  if (name === undefined || more.length > 0) throw new Error(`expected one script of the page in ${assets}`)
  const code = await readFile(join(assets, name))
  return { code: code.toString(), bytes: gzipSync(code).length }
}

/** What a bundle writes on its page, in headless Chromium. */
export async function openInChromium(browser: string, folder: string, code: string): Promise<string> {
  const page = join(folder, 'opened.html')
  await writeFile(page, `<!doctype html><body><script type="module">${code.replaceAll('</script', '<\\/script')}</script></body>`)
  const flags = ['headless', 'no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking',
    'disable-component-update', 'disable-sync', 'virtual-time-budget=20000', `user-data-dir=${join(folder, '.browser')}`]
  const html = await command(browser, [...flags.map(flag => `--${flag}`), '--dump-dom', pathToFileURL(page).href], { cwd: folder })
  return /<body>(.*)<\/body>/s.exec(html)?.[1]?.trim() ?? html
}
