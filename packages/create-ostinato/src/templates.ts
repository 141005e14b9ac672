// The templates that this package carries. They are made when it is built; see scripts/make-templates.mjs.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from './errors.ts'

/** A template: a folder of that name beside the list. */
export interface Template {
  readonly name: string
  readonly description: string
}

/** Lists the templates of a folder that `make-templates` wrote. */
export async function listTemplates(folder: string): Promise<Template[]> {
  return JSON.parse(await readFile(join(folder, 'templates.json'), 'utf8')) as Template[]
}

/**
 * The template of that name.
 * @throws RequestError that lists those there are
 */
export function templateNamed(templates: readonly Template[], name: string): Template {
  const found = templates.find((template) => template.name === name)
  if (found) return found
  const names = templates.map((template) => template.name).join(', ')
  throw new RequestError(`no template '${name}': expected one of ${names}`)
}
