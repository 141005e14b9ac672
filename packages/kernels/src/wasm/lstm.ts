// The LSTM sequence in WebAssembly, forward and backward.
import type { Plan } from '../plan.ts'
import type { LstmGradients, LstmOutputGradients, LstmProblem, LstmResult } from '../types.ts'
import { goBackward } from './backward.ts'
import type { Outside } from './backward.ts'
import { goForward } from './forward.ts'
import type { Machine } from './machine.ts'
import { Pass, startPass } from './pass.ts'
import type { Held } from './pass.ts'
import { packedWeights, residentWeights } from './weights.ts'

export function lstmForwardWasm(
  machine: Machine, problem: LstmProblem<Float32Array>, plan: Plan,
): LstmResult<Float32Array> & { readonly held: Held } {
  const { hiddenSize: hidden } = problem
  const width = 4 * hidden
  const form = { width, biases: [[problem.biasIh, problem.biasHh]] }
  const resident = residentWeights(machine, problem, form)
  const { pass, held } = startPass(machine, plan, problem, ({ batch, rows }) => (
    { gates: rows * width, extra: (batch + rows) * hidden }
  ))
  pass.bringPlaces(problem.initialCell, ({ places }) => places.extra)
  const weights = resident ?? packedWeights(machine, problem, form)
  const cell = pass.last(({ places }) => places.extra)
  const { output, hidden: last } = goForward(pass, {
    to: ({ places }) => places.gates, width, weights,
    loop: ({ group: { batch }, places: { active, offsets, states, gates, extra: cells } }, { begin, end }) => {
      machine.exports.lstmForward(active, offsets, begin, end, batch, hidden, gates, states, cells, weights.hh)
    },
  })
  return { output, hidden: last, cell: cell(), held }
}

/** Spends what was kept: the gates become gradients. */
export function lstmBackwardWasm(
  { machine, groups }: Held, problem: LstmProblem<Float32Array>, plan: Plan,
  outside: Outside<LstmOutputGradients<Float32Array>>,
): LstmGradients<Float32Array> {
  const { hiddenSize: hidden } = problem
  const width = 4 * hidden
  const pass = new Pass(machine.begin(), plan, problem, groups)
  const dCell = pass.takeEach(({ batch }) => batch * hidden)
  pass.bringPlaces(outside.gradients.cell, dCell)
  const initialCell = pass.batched(dCell)
  const hh = pass.pack(pass.bring(problem.weightHh), width, hidden)
  const gradients = goBackward(pass, outside, {
    width,
    sums: ({ places }) => ({ inputSums: { at: places.gates, stride: 4 * width, columns: width } }),
    loop: (placed, { begin, end }, { outer, dHidden }) => {
      const { group: { batch }, places: { active, offsets, gates, extra: cells } } = placed
      machine.exports.lstmBackward(
        active, offsets, begin, end, batch, hidden, gates, cells, outer, dHidden, dCell(placed), hh,
      )
    },
    cell: (placed) => {
      const { group: { batch, rows }, places: { gates, extra: cells } } = placed
      return {
        dCell: machine.view(dCell(placed), batch * hidden),
        gates: machine.view(gates, rows * width),
        cells: machine.view(cells, (batch + rows) * hidden),
      }
    },
  })
  return { ...gradients, initialCell: initialCell() }
}
