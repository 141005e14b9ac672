// The LSTM sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { BackwardOptions, LstmGradients, LstmOutputGradients, LstmProblem, LstmResult } from '../types.ts'
import type { Machine } from './machine.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { projectInput, weightGradients } from './projection.ts'

export function lstmForwardWasm(
  machine: Machine, problem: LstmProblem<Float32Array>, plan: Plan,
): LstmResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden } = problem
  const { batch, rows, steps } = plan
  const sizes = { gates: rows * 4 * hidden, extra: (batch + rows) * hidden }
  const { pass, held } = startPass(machine, plan, problem, sizes)
  const { active, offsets, states, gates, extra: cells } = pass.places
  pass.bringPlaces(problem.initialCell, cells)
  projectInput(pass, gates, 4 * hidden, [problem.biasIh, problem.biasHh])
  const hh = pass.packTransposed(pass.bring(problem.weightHh), 4 * hidden, hidden)
  machine.exports.lstmForward(active, offsets, steps, batch, hidden, gates, states, cells, hh)
  return {
    output: pass.padded(states + 4 * batch * hidden, hidden),
    hidden: pass.last(states),
    cell: pass.last(cells),
    held,
  }
}

/** Spends what was kept: the gates become gradients. */
export function lstmBackwardWasm(
  held: Held, problem: LstmProblem<Float32Array>, plan: Plan,
  { gradients, options }: { gradients: LstmOutputGradients<Float32Array>; options: BackwardOptions },
): LstmGradients<Float32Array> {
  const { machine, places } = held
  const { hiddenSize: hidden } = problem
  const { active, offsets, gates, extra: cells } = places
  const pass = new Pass(machine.begin(), plan, problem, places)
  const outer = pass.bringOuter(gradients.output)
  const dHidden = pass.take(plan.batch * hidden)
  const dCell = pass.take(plan.batch * hidden)
  pass.bringPlaces(gradients.hidden, dHidden)
  pass.bringPlaces(gradients.cell, dCell)
  const hh = pass.pack(pass.bring(problem.weightHh), 4 * hidden, hidden)
  machine.exports.lstmBackward(
    active, offsets, plan.steps, plan.batch, hidden, gates, cells, outer, dHidden, dCell, hh,
  )
  const block = { at: gates, stride: 4 * 4 * hidden, columns: 4 * hidden }
  const common = weightGradients(pass, { inputSums: block, hiddenSums: [block], dHidden }, options)
  return { ...common, initialCell: pass.batched(dCell) }
}
