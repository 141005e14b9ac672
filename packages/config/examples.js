// Finds the runnable examples of a package: fenced ts blocks under @example in its sources' TSDoc, and all ts blocks of
// its README. Writes them into the ignored folder .examples, so that tsc checks and vitest runs them. Runs nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The ts blocks of a Markdown file: `{ line, code }`, where line is the first line of code, counted from 1. */
const blocksOfMarkdown = text => {
  const blocks = []
  let open
  text.split('\n').forEach((line, index) => {
    const fence = /^(\s*)```(.*)$/.exec(line)
    if (!fence) open?.code.push(line.slice(open.indent))
    else if (open) {
      if (open.language === 'ts') blocks.push({ line: open.line, code: open.code.join('\n') })
      open = undefined
    } else open = { language: fence[2].trim(), indent: fence[1].length, line: index + 2, code: [] }
  })
  return blocks
}

/** The ts blocks below the @example tags of the TSDoc comments of a TypeScript file. */
const blocksOfSource = text => {
  // All that is no example becomes an empty line: what is left is Markdown with the line numbers of the source.
  const lines = text.split('\n')
  const kept = lines.map(() => '')
  let inComment = false
  let inExample = false
  let inFence = false
  lines.forEach((line, index) => {
    if (!inComment && /^\s*\/\*\*/.test(line)) inComment = true
    if (!inComment) return
    const content = line.replace(/^\s*(\/\*\*|\*(?!\/)) ?/, '')
    const tag = !inFence && /^@(\w+)/.exec(content)
    if (tag) inExample = tag[1] === 'example'
    if (inExample) kept[index] = content
    if (inExample && content.startsWith('```')) inFence = !inFence
    if (line.includes('*/')) inComment = inExample = inFence = false
  })
  return blocksOfMarkdown(kept.join('\n'))
}

/**
 * The examples of the package in folder `root`, with those of `more` files (relative to it): file, line and code.
 */
export const extractExamples = (root, more = []) => {
  const sources = existsSync(join(root, 'src')) ? readdirSync(join(root, 'src'), { recursive: true }) : []
  const code = sources.filter(name => name.endsWith('.ts')).map(name => `src/${name}`).sort()
  return [...code, 'README.md', ...more].filter(file => existsSync(join(root, file))).flatMap(file => {
    const text = readFileSync(join(root, file), 'utf8')
    const blocks = file.endsWith('.md') ? blocksOfMarkdown(text) : blocksOfSource(text)
    return blocks.map(block => ({ file, ...block }))
  })
}

/**
 * Writes the examples as modules `.examples/<file>/<line>.ts`, where code stands on the line that it has in its file,
 * and removes those that are no more. Writes only what changed, so that two runs at once do not disturb each other.
 */
export const writeExamples = (root, more = []) => {
  const folder = join(root, '.examples')
  const written = extractExamples(root, more).map(({ file, line, code }) => {
    const path = join(folder, file.replaceAll('..', 'up'), `${line}.ts`)
    const text = `${'\n'.repeat(line - 1)}${code}\nexport {}\n`
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    return { file, line, path }
  })
  const paths = new Set(written.map(({ path }) => path))
  const present = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []
  for (const entry of present) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !paths.has(path)) rmSync(path, { force: true })
  }
  return written
}
