// The tasks of `captioning train`, and which of its options each has.
import { join } from 'node:path'
import { UsageError } from './errors.ts'

/** What is learned: names of emoji, or one of its two small siblings. */
export const tasks = ['emoji', 'colours', 'digits'] as const

/** One of `tasks`. */
export type Task = (typeof tasks)[number]

const runs = join(import.meta.dirname, '../runs')

/** Where a run is kept unless the user says otherwise; relative to the folder of the app, `runs/latest` and so on. */
export const folderOf = (task: Task): string => join(runs, task === 'emoji' ? 'latest' : task)

/** The options of the small tasks, as commander calls them; the main task has all. */
const optionsOf: Readonly<Record<Exclude<Task, 'emoji'>, readonly string[]>> = {
  colours: ['task', 'folder', 'json', 'seed', 'epochs', 'limit', 'decoder'],
  digits: ['task', 'folder', 'json', 'seed', 'epochs', 'limit'],
}

/** @throws UsageError naming all options among `given` that the task does not have */
export function checkOptions(task: Task, given: readonly string[]): void {
  if (task === 'emoji') return
  const known = optionsOf[task]
  const foreign = given.filter((name) => !known.includes(name)).map(flagOf)
  if (foreign.length === 0) return
  const own = known.filter((name) => name !== 'task').map(flagOf)
  throw new UsageError(`--task ${task} does not take ${foreign.join(', ')}: it takes ${own.join(', ')}`)
}

const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
