// From the measurements of all rounds to one table: for each peer and job the least and the median time, and the ratio
// to this project's. Not here: the measuring, and the chart.
import { median, type Measurement } from './timing.ts'

/** One peer at one job, over all rounds. Times are milliseconds a step. */
export interface Cell {
  readonly program: string
  readonly version: string
  /** Such as `W1 train` or `W6 infer 512`. */
  readonly job: string
  readonly least: number
  readonly median: number
  /** The most of any round's medians over the least: how far the rounds lie apart. */
  readonly spread: number
  /** The least CPU time a step of a round. */
  readonly cpu: number
  /** Its least time over this project's least time: above 1, this project is faster. */
  readonly ratio: number
  /** The same of the CPU times. */
  readonly cpuRatio: number
  readonly error?: string
}

interface Found {
  readonly program: string
  readonly result: Measurement
}

/** The peers' programs name the parts of W5 to W7 in fields of their own. */
type Named = Measurement & { readonly n?: number; readonly op?: string; readonly how?: string }

/** Which job a measurement is of; undefined for what this project has no counterpart to. */
function jobOf(result: Named): string | undefined {
  const part = result.part ?? result.n?.toString() ?? result.op
  if (result.mode !== 'train' && result.mode !== 'infer') return undefined
  if (part?.endsWith('_alloc') === true) return undefined
  return `${result.workload} ${result.mode}${part === undefined ? '' : ` ${part}`}`
}

/** Of a peer's several ways to do one job, such as two ways to generate, the quickest counts. */
export function cellsOf(found: readonly Found[]): Cell[] {
  const groups = new Map<string, { program: string; job: string; results: Named[] }>()
  for (const { program, result } of found) {
    const job = jobOf(result)
    if (job === undefined) continue
    const key = `${job}\n${program}`
    const group = groups.get(key) ?? { program, job, results: [] }
    group.results.push(result)
    groups.set(key, group)
  }
  const least = new Map<string, { wall: number; cpu: number }>()
  const cells = [...groups.values()].map(({ program, job, results }) => {
    const good = results.filter(({ error }) => error === undefined)
    const medians = good.map(({ ms = NaN }) => ms)
    const cell = {
      program, job,
      version: results[0].version,
      least: Math.min(...good.map(({ ms_min = NaN }) => ms_min)),
      median: good.length === 0 ? NaN : median(medians),
      spread: Math.max(...medians) / Math.min(...medians),
      cpu: Math.min(...good.map(({ cpu_ms = NaN }) => cpu_ms)),
      ...(good.length === 0 && { error: results[0].error ?? 'no result' }),
    }
    if (program === 'ostinato') least.set(job, { wall: cell.least, cpu: cell.cpu })
    return cell
  })
  return cells.map((cell) => {
    const own = least.get(cell.job)
    return { ...cell, ratio: cell.least / (own?.wall ?? NaN), cpuRatio: cell.cpu / (own?.cpu ?? NaN) }
  })
}

interface Report {
  readonly cells: readonly Cell[]
  readonly names: readonly string[]
  readonly machine: readonly string[]
  readonly rounds: number
  readonly absent: Readonly<Record<string, string>>
}

/** The table in Markdown. */
export function markdown({ cells, names, machine, rounds, absent }: Report): string {
  const jobs = [...new Set(cells.map(({ job }) => job))]
  const versions = names.map(name => `${name} ${cells.find(c => c.program === name && c.version !== '')?.version ?? ''}`.trim())
  const row = (values: readonly string[]): string => `| ${values.join(' | ')} |`
  const reasons: string[] = []
  const rows = jobs.map(job => row([job, ...names.map((name) => {
    const cell = cells.find(c => c.program === name && c.job === job)
    if (cell === undefined) return '—'
    if (cell.error !== undefined) {
      const reason = `${name}, ${job}: ${cell.error}`
      if (!reasons.includes(reason)) reasons.push(reason)
      return `— [${reasons.indexOf(reason) + 1}]`
    }
    const times = `${cell.least.toPrecision(3)} (${cell.median.toPrecision(3)})`
    return name === 'ostinato' ? times : `${times} **${cell.ratio.toPrecision(3)}x**, cpu ${cell.cpuRatio.toPrecision(3)}x`
  })]))
  return [
    '# Ostinato beside its peers', '', ...machine.map(text => `- ${text}`),
    `- ${rounds} rounds, the programs of a round one after another on the same core; the least of all runs (the median of the rounds' medians), milliseconds a step`,
    '- **ratio**: the peer\'s least time over ours, above 1 we are faster; cpu: the same of the CPU time a step, which others on the machine change less',
    '', row(['', ...versions]), row(['---', ...names.map(() => '---:')]), ...rows, '',
    ...reasons.map((reason, i) => `[${i + 1}] ${reason}  `),
    '', 'Not measured:', '', ...Object.entries(absent).map(([name, reason]) => `- ${name}: ${reason}`), '',
  ].join('\n')
}
