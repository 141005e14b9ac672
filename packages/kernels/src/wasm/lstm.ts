// The LSTM sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { BackwardOptions, LstmGradients, LstmOutputGradients, LstmProblem, LstmResult } from '../types.ts'
import { StateNormReader } from '../state-norms.ts'
import { blocksOf } from './blocks.ts'
import { WeightGradients } from './gradients.ts'
import type { Machine } from './machine.ts'
import { goBackward, goForward } from './overlap.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { projectInput } from './projection.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function lstmForwardWasm(
  machine: Machine, problem: LstmProblem<Float32Array>, plan: Plan,
): LstmResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden } = problem
  const { batch, rows } = plan
  const sizes = { gates: rows * 4 * hidden, extra: (batch + rows) * hidden }
  const form = { width: 4 * hidden, biases: [[problem.biasIh, problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, sizes)
  const { active, offsets, states, gates, extra: cells } = pass.places
  pass.bringPlaces(problem.initialCell, cells)
  const weights = resident ?? packedWeights(machine, problem, form)
  goForward(machine, blocksOf(plan, 4 * hidden), {
    project: (block) => { projectInput(pass, block, { to: gates, width: 4 * hidden, weights }) },
    loop: ({ begin, end }) => {
      machine.exports.lstmForward(
        active, offsets, begin, end, batch, hidden, gates, states, cells, weights.hh, 0, batch,
      )
    },
  })
  const { output, hidden: last } = pass.outputs()
  return { output, hidden: last, cell: pass.last(cells), held }
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
  const blocks = blocksOf(plan, 4 * hidden)
  const inputSums = { at: gates, stride: 4 * 4 * hidden, columns: 4 * hidden }
  const weights = new WeightGradients(pass, blocks, { inputSums }, options)
  const norms = options.stateNorms === true ? new StateNormReader(plan, hidden, { hasCell: true }) : undefined
  goBackward(machine, blocks, {
    weights,
    loop: ({ begin, end }) => {
      machine.exports.lstmBackward(
        active, offsets, begin, end, plan.batch, hidden, gates, cells, outer, dHidden, dCell, hh, 0, plan.batch,
      )
    },
    read: norms && ((step) => {
      norms.read(step, {
        dHidden: pass.viewPlaces(dHidden),
        outer: pass.viewOuter(outer),
        cell: {
          dCell: pass.viewPlaces(dCell),
          gates: machine.view(gates, plan.rows * 4 * hidden),
          cells: machine.view(cells, (plan.batch + plan.rows) * hidden),
        },
      })
    }),
  })
  return {
    ...weights.finish(dHidden),
    initialCell: pass.batched(dCell),
    ...(norms && { stateNorms: norms.norms() }),
  }
}
