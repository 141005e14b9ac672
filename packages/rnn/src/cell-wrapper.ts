// A cell around a cell: what wrappers share. Which step they make of the inner one is theirs.
import type { Tensor } from '@ostinato/tensor'
import { Cell, type CellStep, type State, type StepResult } from './cell.ts'

/** A cell that changes the steps of another, whose sizes and state it has. */
export abstract class CellWrapper<S extends State> extends Cell<S> {
  readonly cell: Cell<S>

  constructor(cell: Cell<S>) {
    super()
    this.cell = cell
  }

  get inputSize(): number {
    return this.cell.inputSize
  }

  get outputSize(): number {
    return this.cell.outputSize
  }

  initialState(batch: number): S {
    return this.cell.initialState(batch)
  }

  /** A sequence of one step: to go through more, take the function that `begin` returns. */
  step(x: Tensor, state: S): StepResult<S> {
    return this.begin()(x, state)
  }

  /** Begins a sequence of the inner cell and returns a step around its own. */
  abstract override begin(): CellStep<S>
}
