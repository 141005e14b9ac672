// The pages of the documentation, as paths below this package. Generated pages are none.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const home = join(import.meta.dirname, '..')

/** Every page that was written by hand. */
export const pages: readonly string[] = readdirSync(home, { recursive: true, encoding: 'utf8' })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => file.endsWith('.md') && !/(^|\/)(node_modules|api|site|\.)/.test(file) && file !== 'README.md')
  .sort()
