// Scores of a classifier, all from its confusion matrix.

/** Precision, recall and F1 of one class. */
export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** How many examples truly are of this class. */
  readonly support: number
}

/** What `classificationScores` returns. */
export interface ClassificationScores {
  readonly accuracy: number
  /** `confusion[actual][predicted]`: counts. */
  readonly confusion: readonly (readonly number[])[]
  /** By class, in the order of the classes. */
  readonly classes: readonly ClassScores[]
  /** The plain mean over classes. */
  readonly macro: { readonly precision: number; readonly recall: number; readonly f1: number }
}

/**
 * Accuracy, precision, recall and F1 (van Rijsbergen 1979) of predictions. A ratio with nothing below it is 0.
 *
 * @param predicted class ids, one an example
 * @param actual the true class ids
 * @param classes the number of classes
 * @throws RangeError when the lists differ in length, are empty or hold an id outside the classes, or there is no class
 * @example
 * ```ts
 * import { classificationScores } from '@ostinato/train'
 * const { accuracy, confusion } = classificationScores([0, 1, 1, 1], [0, 0, 1, 1], 2)
 * console.assert(accuracy === 0.75 && confusion[0][1] === 1)
 * ```
 */
export function classificationScores(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  classes: number,
): ClassificationScores {
  throwFaults([...faultsOfSizes(predicted, actual, classes), ...faultsOfIds({ predicted, actual }, classes)])
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < predicted.length; i++) confusion[actual[i]][predicted[i]]++
  const scores = confusion.map((row, id): ClassScores => {
    const support = sum(row)
    const precision = ratio(row[id], sum(confusion.map((other) => other[id])))
    const recall = ratio(row[id], support)
    return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support }
  })
  const mean = (pick: (score: ClassScores) => number) => sum(scores.map(pick)) / classes
  return {
    accuracy: sum(confusion.map((row, id) => row[id])) / predicted.length,
    confusion,
    classes: scores,
    macro: { precision: mean((s) => s.precision), recall: mean((s) => s.recall), f1: mean((s) => s.f1) },
  }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

type Ids = ArrayLike<number>

function faultsOfSizes(predicted: Ids, actual: Ids, classes: number): string[] {
  const faults: string[] = []
  if (!Number.isSafeInteger(classes) || classes < 1) faults.push(`expected 1 class or more, got ${classes}`)
  if (predicted.length !== actual.length || predicted.length === 0) {
    const sizes = `${predicted.length} and ${actual.length}`
    faults.push(`expected as many predictions as true classes, at least one, got ${sizes}`)
  }
  return faults
}

/** The first bad id of each list. */
function faultsOfIds(lists: Readonly<Record<string, Ids>>, classes: number): string[] {
  if (!(classes >= 1)) return []
  return Object.entries(lists).flatMap(([name, ids]) => {
    const at = Array.from(ids).findIndex((id) => !Number.isInteger(id) || id < 0 || id >= classes)
    return at < 0 ? [] : [`expected class ids from 0 to ${classes - 1}, got ${ids[at]} in ${name} at position ${at}`]
  })
}

function throwFaults(faults: readonly string[]): void {
  if (faults.length > 0) throw new RangeError(`classificationScores: ${faults.join('; ')}`)
}
