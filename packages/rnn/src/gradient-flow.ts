// Gradient flow through time: how much of the loss's gradient reaches the states of each step. It computes no gradient;
// the layers tell what came to them while somebody else went backwards.
import type { Module } from '@ostinato/nn'
import { euclideanNorm, FlowRun, withFlowObserver, type FlowLayout, type FlowObserver } from './gradient-flow-run.ts'
import { Rnn } from './rnn.ts'

/** The gradient that reached one state of one recurrent layer, step by step. */
export interface LayerFlow {
  /** The layer's place in the model, such as `encoder.layers.0.forwardLayer`; empty where the model is the layer. */
  readonly name: string
  /** Which state of the layer: `hidden`, or an LSTM's `cell`, or what else the cell calls it. */
  readonly state: string
  /**
   * For each step of the sequence the norm of the loss's gradient with respect to the state after it. A layer that
   * reads backwards has its norms at the steps of its outputs, so the last one is what it read first.
   */
  readonly norms: readonly number[]
}

/** What a function returned, and what gradient reached the recurrent layers while it ran. */
export interface ObservedFlow<T> {
  readonly value: T
  readonly layers: readonly LayerFlow[]
}

/**
 * Observes how much gradient reaches each step of a model's recurrent layers (Bengio, Simard & Frasconi 1994, "Learning
 * long-term dependencies with gradient descent is difficult"; Pascanu, Mikolov & Bengio 2013, "On the difficulty of
 * training recurrent neural networks", §2). Of every state h_t, `[batch, hidden]`, it is the norm of the total
 * gradient: by the output of the step and through all later steps together.
 *
 *     norm_t = sqrt(mean over rows b with t < lengths[b] of |dL/dh_t[b]|²)
 *
 * The mean is over the rows that have the step, so that a norm does not fall where rows end; for rows of one length it
 * is that of the whole dL/dh_t divided by sqrt(batch). Layers are all `Rnn`s found in the model, whatever their cell,
 * fused or stepped; those that no gradient reaches (a frozen one below, say) are left out. Several runs of a layer
 * count as more rows, but a run that begins with the state that another left goes on behind it, as where a decoder
 * steps.
 *
 * Nothing is recorded except while `observe` runs, and no gradient changes by it.
 *
 * @throws RangeError when the model holds no recurrent layer
 * @example
 * ```ts
 * import { valueAndGrad } from '@ostinato/autograd'
 * import { elman, GradientFlow, lastStep } from '@ostinato/rnn'
 * import { Rng, square, sum } from '@ostinato/tensor'
 * const rng = new Rng(1)
 * const model = elman(2, 8, { rng })
 * const x = rng.normal([4, 50, 2])
 * const { layers } = new GradientFlow(model).observe(() =>
 *   valueAndGrad(model, () => sum(square(lastStep(model.forward(x).output)))),
 * )
 * const [{ state, norms }] = layers
 * console.assert(state === 'hidden' && norms.length === 50)
 * console.assert(norms[0] < norms[49] / 1000) // it has vanished on the way
 * ```
 */
export class GradientFlow {
  readonly #names: ReadonlyMap<Module, string>

  constructor(model: Module) {
    this.#names = new Map(
      Array.from(model.namedModules()).flatMap(([name, module]) => (module instanceof Rnn ? [[module, name]] : [])),
    )
    if (this.#names.size === 0) {
      throw new RangeError(
        'GradientFlow: expected a model with a recurrent layer, got one without any Rnn: ' +
          'a cell that is stepped by hand is not seen, new Rnn(cell) is',
      )
    }
  }

  /**
   * Runs `run`, which is to go forwards and backwards (`valueAndGrad` does), and tells what gradient reached the states
   * of the model's recurrent layers meanwhile: in the order of the layers in the model and of the states in their cell.
   *
   * @throws Error when `run` returns a promise
   */
  observe<T>(run: () => T): ObservedFlow<T> {
    const observation = new Observation()
    const value = withFlowObserver(observation, run)
    if (value instanceof Promise) {
      throw new Error('GradientFlow.observe: expected a synchronous function, got one that returns a promise')
    }
    const layers = Array.from(this.#names).flatMap(([layer, name]) =>
      observation.norms(layer).map((found) => ({ name, ...found })),
    )
    return { value, layers }
  }
}

/** The runs of all layers during one call of `observe`. */
class Observation implements FlowObserver {
  readonly #runs = new Map<object, FlowRun[]>()

  begin(layer: object, layout: FlowLayout): FlowRun {
    const runs = this.#runs.get(layer) ?? []
    const before = layout.reverse ? undefined : runs.findLast((run) => run.left(layout.initialState))
    const run = new FlowRun(layout, before?.next ?? 0)
    runs.push(run)
    this.#runs.set(layer, runs)
    return run
  }

  norms(layer: object): Omit<LayerFlow, 'name'>[] {
    const reached = (this.#runs.get(layer) ?? []).filter(({ names }) => names.length > 0)
    const names = new Set(reached.flatMap((run) => run.names))
    const steps = reached.reduce((most, run) => Math.max(most, run.steps), 0)
    return Array.from(names, (state) => ({
      state,
      norms: Array.from({ length: steps }, (_, t) => rootMeanSquare(reached.flatMap((run) => run.at(state, t)))),
    }))
  }
}

const rootMeanSquare = (values: readonly number[]): number => euclideanNorm(values) / Math.sqrt(values.length)
