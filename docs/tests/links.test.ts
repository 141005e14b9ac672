// Every relative link of the documentation and of the repository's READMEs leads to a file, and every anchor to a
// heading. Addresses of the web are not asked.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from './pages.ts'

const repository = join(import.meta.dirname, '../..')
const readmes = ['packages', 'apps'].flatMap(parent =>
  readdirSync(join(repository, parent)).map(name => `${parent}/${name}/README.md`))
const files = ['README.md', 'CONTRIBUTING.md', ...readmes, ...pages.map(page => `docs/${page}`)]
  .filter(file => existsSync(join(repository, file)))

/** The anchors that headings get. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replaceAll(/[`'’".,:;()?!]/g, '').trim().replaceAll(/[^\p{L}\p{N}-]+/gu, '-'))

/** What is wrong with a link of `file`, or undefined. */
const fault = (file: string, link: string): string | undefined => {
  if (/^[a-z]+:/.test(link)) return undefined
  const [path, anchor] = link.split('#')
  // A path from the root is one of the site: a page, or a file in public/.
  const from = path.startsWith('/') ? join(repository, 'docs') : dirname(join(repository, file))
  const target = path === '' ? join(repository, file) : join(from, path)
  const inPublic = join(repository, 'docs/public', path)
  const found = [target, `${target}.md`, inPublic].find(candidate => existsSync(candidate))
  // The reference is generated from the sources.
  if (found === undefined) return path.startsWith('/api') ? undefined : `${file}: no file at ${link}`
  if (anchor === undefined || statSync(found).isDirectory()) return undefined
  return anchorsOf(readFileSync(found, 'utf8')).includes(anchor) ? undefined : `${file}: no heading for ${link}`
}

test('links lead somewhere', () => {
  const faults = files.flatMap((file) => {
    const prose = readFileSync(join(repository, file), 'utf8').replaceAll(/```.*?```/gs, '')
    return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => fault(file, link) ?? [])
  })
  expect(files.length).toBeGreaterThan(20)
  expect(faults).toEqual([])
})

test('a link that leads nowhere is found', () => {
  expect(fault('README.md', 'packages/nothing')).toMatch(/no file/)
  expect(fault('README.md', 'CONTRIBUTING.md#nothing')).toMatch(/no heading/)
  expect(fault('README.md', 'CONTRIBUTING.md#the-map')).toBeUndefined()
})
