// Draws many drawings as square pictures, over several processes. A drawing that aborts its process is drawn again on
// a wider canvas. Knows nothing of emoji, and keeps nothing.
import { CommandError } from './errors.ts'
import { RenderProcess } from './render-process.ts'
import type { Drawing, RenderAnswer } from './render-protocol.ts'

/** How pictures are drawn. */
export interface RenderOptions {
  /** Pixels along a side. */
  readonly size: number
  /** Draws so many times larger and takes means. Default 2. */
  readonly supersample?: number
  /** Default 2. */
  readonly processes?: number
  /** Whether text finds the fonts of the system. Default false. */
  readonly fonts?: boolean
  /** Milliseconds that up to 64 drawings may take. Default 30,000. */
  readonly timeLimit?: number
  /** Called as pictures are done. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A drawing that could not be drawn as it is, and was drawn all the same. */
export interface Repair {
  readonly name: string
  readonly fault: string
  readonly remedy: string
}

/** The pictures. */
export interface Rendered {
  /** `[drawings, size, size, 4]`: RGBA from 0 to 255, colours multiplied by alpha. */
  readonly pixels: Uint8Array
  readonly repaired: readonly Repair[]
}

/** Drawings of one request. */
interface Job {
  readonly indices: readonly number[]
  /** Which of `margins`. */
  readonly attempt: number
}

/**
 * resvg aborts where a group that needs a layer of its own (opacity, clip, mask) lies wholly outside the canvas: the
 * layer would have no pixels. On a canvas wide enough to hold the group it has some, and the picture is cut out of it:
 * what is outside the picture stays outside. Room on each side, in widths of the picture, tried in order.
 */
const margins = [0, 1, 4, 13]

const jobSize = 64

/**
 * Draws `drawings`, in order.
 * @throws CommandError naming every drawing that cannot be drawn
 */
export async function renderDrawings(drawings: readonly Drawing[], options: RenderOptions): Promise<Rendered> {
  const { size, supersample = 2, processes = 2, fonts = false, timeLimit = 30_000, onProgress } = options
  const bytes = size * size * 4
  const pixels = new Uint8Array(drawings.length * bytes)
  const repaired: Repair[] = []
  const faults = new Map<number, string>()
  const queue = jobsOf(drawings.length)
  let done = 0

  const settle = ({ indices, attempt }: Job, answer: RenderAnswer) => {
    indices.forEach((index, i) => {
      pixels.set(answer.pixels.subarray(i * bytes, (i + 1) * bytes), index * bytes)
    })
    for (const { index, message } of answer.faults) faults.set(indices[index], message)
    done += indices.length
    const [first] = indices
    const fault = faults.get(first)
    if (attempt > 0 && answer.faults.length === 0 && fault !== undefined) {
      faults.delete(first)
      const remedy = `drawn on a canvas ${1 + 2 * margins[attempt]} times as wide, then cut out`
      repaired.push({ name: drawings[first].name, fault, remedy })
    }
    onProgress?.(done, drawings.length)
  }
  const retry = ({ indices, attempt }: Job, { ended, at }: { readonly ended: string; readonly at: number }) => {
    const others = indices.filter((_, i) => i !== at)
    if (others.length > 0) queue.push({ indices: others, attempt })
    faults.set(indices[at], ended)
    if (attempt + 1 < margins.length) queue.push({ indices: [indices[at]], attempt: attempt + 1 })
  }
  const work = async () => {
    let child: RenderProcess | undefined
    try {
      for (let job = queue.pop(); job !== undefined; job = queue.pop()) {
        child ??= await RenderProcess.start()
        const asked = job.indices.map((index) => drawings[index])
        const manner = { size, supersample, fonts, margin: margins[job.attempt] }
        const outcome = await child.ask({ drawings: asked, ...manner }, { timeLimit })
        if ('answer' in outcome) {
          settle(job, outcome.answer)
        } else {
          child = undefined
          retry(job, outcome)
        }
      }
    } finally {
      child?.end()
    }
  }
  await Promise.all(Array.from({ length: Math.min(processes, queue.length) }, work))

  if (faults.size > 0) {
    const list = Array.from(faults, ([index, fault]) => `${drawings[index].name}: ${fault}`)
    throw new CommandError(`expected drawings that can be drawn, got ${list.length} others: ${list.join('; ')}`)
  }
  return { pixels, repaired: repaired.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/** All drawings in jobs; the first stand last, where they are taken from. */
function jobsOf(count: number): Job[] {
  const jobs: Job[] = []
  for (let from = 0; from < count; from += jobSize) {
    const length = Math.min(jobSize, count - from)
    jobs.push({ indices: Array.from({ length }, (_, i) => from + i), attempt: 0 })
  }
  return jobs.reverse()
}
