// One drawing process, seen from outside: asked, answering, ending, taking too long. Tries nothing twice.
import { fork, type ChildProcess } from 'node:child_process'
import { appFolder } from './data-packages.ts'
import type { RenderAnswer, RenderReply, RenderRequest } from './render-protocol.ts'

/** What came of a request: an answer; or the reason for which the process ended, and at which of the drawings. */
export type Outcome = { readonly answer: RenderAnswer } | { readonly ended: string; readonly at: number }

/** A process that draws. It ends with its owner. */
export class RenderProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<Outcome>
  #errors = ''
  #begun = ''

  private constructor() {
    this.#child = fork(new URL('./render-child.ts', import.meta.url), [], {
      cwd: appFolder,
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, NODE_OPTIONS: '', RUST_BACKTRACE: '0' },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#begun += chunk.toString()
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString()
    })
    this.#ended = new Promise((resolve) => {
      // Not 'exit': by 'close' all that it said has been read.
      this.#child.once('close', (code, signal) => {
        const ended = panicOf(this.#errors) ?? `the process ended with ${signal ?? `code ${code}`}`
        resolve({ ended, at: Number(this.#begun.trimEnd().split('\n').at(-1)) })
      })
      this.#child.once('error', (error) => {
        resolve({ ended: error.message, at: 0 })
      })
    })
  }

  /**
   * Starts one.
   * @throws Error when it does not come up
   */
  static async start(): Promise<RenderProcess> {
    const started = new RenderProcess()
    const first = await Promise.race([started.#reply(), started.#ended])
    if (first !== 'ready') throw new Error(`the drawing process does not start: ${started.#errors.trim()}`)
    return started
  }

  /** Asks for drawings. A process that takes longer than `timeLimit` milliseconds is ended. */
  async ask(request: RenderRequest, { timeLimit }: { readonly timeLimit: number }): Promise<Outcome> {
    this.#begun = ''
    const slow = setTimeout(() => {
      this.#errors = `panicked at render.ts: no answer in ${timeLimit / 1000} s`
      this.end()
    }, timeLimit)
    try {
      const reply = this.#reply().then((answer): Outcome => ({ answer: answer as RenderAnswer }))
      this.#child.send(request, () => undefined)
      return await Promise.race([reply, this.#ended])
    } finally {
      clearTimeout(slow)
    }
  }

  /** Ends it. */
  end(): void {
    this.#child.kill('SIGKILL')
  }

  #reply(): Promise<RenderReply> {
    return new Promise((resolve) => {
      this.#child.once('message', (reply) => {
        resolve(reply as RenderReply)
      })
    })
  }
}

/** The reason in what a panic prints: `… panicked at …/geom.rs:27:61:` and a line of text. */
function panicOf(errors: string): string | undefined {
  const found = /panicked at (?:.*[\\/])?([\w.-]+\.(?:rs|ts))(?::(\d+))?[:\d]*\s+(.+)/.exec(errors)
  if (found === null) return undefined
  const [, file, line, reason] = found
  return line === undefined ? reason : `${reason} (${file}, line ${line})`
}
