// Goes through the blocks of a sequence, forward or backward. The products of a block know nothing of the time loop of
// the block next to it, so that threads do both side by side. Not here: the loops and the products.
import { stepsBack } from './blocks.ts'
import type { Block } from './blocks.ts'
import type { WeightGradients } from './gradients.ts'
import type { Machine } from './machine.ts'

/** From the first block to the last: `project` fills the input sums of a block, then `loop` goes over its steps. */
export function goForward(
  machine: Machine, blocks: readonly Block[],
  { project, loop }: { readonly project: (block: Block) => void; readonly loop: (block: Block) => void },
): void {
  blocks.slice(0, 1).forEach(project)
  blocks.forEach((block, i) => {
    machine.together(() => {
      loop(block)
      blocks.slice(i + 1, i + 2).forEach(project)
    })
  })
}

/**
 * From the last block to the first: `loop` goes back over its steps, then `weights` gathers what that leaves. `read` is
 * called before each step, where something is to be read there.
 */
export function goBackward(
  machine: Machine, blocks: readonly Block[],
  { loop, weights, read }: {
    readonly loop: (steps: Pick<Block, 'begin' | 'end'>) => void
    readonly weights: WeightGradients
    readonly read: ((step: number) => void) | undefined
  },
): void {
  for (let i = blocks.length; i >= 0; i -= 1) {
    const work = (): void => {
      if (i < blocks.length) weights.add(blocks[i])
      if (i === 0) return
      const block = blocks[i - 1]
      for (const steps of read === undefined ? [block] : stepsBack(block)) {
        read?.(steps.begin)
        loop(steps)
      }
      weights.prepare(block)
    }
    // Reading does not wait.
    if (read === undefined) machine.together(work)
    else work()
  }
}
