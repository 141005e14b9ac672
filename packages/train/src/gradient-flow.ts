// What `fit` asks of whoever observes the flow of gradients through time. The observer itself is in `@ostinato/rnn`.

/** The gradient that reached one state of one recurrent layer. */
export interface LayerGradientFlow {
  /** The layer's place in the model. */
  readonly name: string
  /** Which of its states, such as `hidden`. */
  readonly state: string
  /** For each step of the sequence the norm of the loss's gradient with respect to the state after it. */
  readonly norms: readonly number[]
}

/** Observes a function that computes gradients, without changing them. A `GradientFlow` of `@ostinato/rnn` is one. */
export interface GradientFlowObserver {
  observe<T>(run: () => T): { readonly value: T; readonly layers: readonly LayerGradientFlow[] }
}

/** When `fit` observes, and by whom. */
export interface GradientFlowOptions {
  readonly observer: GradientFlowObserver
  /** Observe the first step of the run and then every so many. Default 1: all. */
  readonly everySteps?: number
}
