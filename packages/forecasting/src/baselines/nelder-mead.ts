// Minimising a function of a few variables without derivatives. For fitting the handful of parameters of a baseline;
// networks are trained by gradients.

/** How `nelderMead` searches. */
export interface NelderMeadOptions {
  /** The size of the first simplex. Default 0.5. */
  readonly step?: number
  /** The most evaluations of the function. Default 200 times the number of variables. */
  readonly evaluations?: number
  /** It ends when the values at the corners differ by less than this, relative to their size. Default 1e-9. */
  readonly tolerance?: number
}

interface Corner {
  readonly at: Float64Array
  readonly value: number
}

/**
 * The simplex method of Nelder and Mead (1965, "A simplex method for function minimization") with their coefficients:
 * reflection 1, expansion 2, contraction and shrinkage 1/2. A value of NaN counts as infinite.
 */
export function nelderMead(
  f: (x: Float64Array) => number,
  start: Float64Array,
  options: NelderMeadOptions = {},
): Corner {
  const n = start.length
  const { step = 0.5, evaluations = 200 * n, tolerance = 1e-9 } = options
  let left = evaluations
  const corner = (at: Float64Array): Corner => {
    left--
    const value = f(at)
    return { at, value: Number.isNaN(value) ? Infinity : value }
  }
  const corners = [corner(start), ...Array.from(start, (x, i) => corner(start.with(i, x + step)))]
  while (left > 0) {
    corners.sort((a, b) => a.value - b.value)
    const [best, worst] = [corners[0], corners[n]]
    if (worst.value - best.value <= tolerance * Math.abs(best.value)) break
    const centre = start.map((_, i) => corners.slice(0, n).reduce((sum, { at }) => sum + at[i], 0) / n)
    const along = (distance: number) => corner(centre.map((c, i) => c + distance * (c - worst.at[i])))
    const reflected = along(1)
    if (reflected.value < best.value) {
      const expanded = along(2)
      corners[n] = expanded.value < reflected.value ? expanded : reflected
    } else if (reflected.value < corners[n - 1].value) {
      corners[n] = reflected
    } else {
      const contracted = along(reflected.value < worst.value ? 0.5 : -0.5)
      if (contracted.value < Math.min(reflected.value, worst.value)) corners[n] = contracted
      else for (let j = 1; j <= n; j++) corners[j] = corner(best.at.map((x, i) => x + 0.5 * (corners[j].at[i] - x)))
    }
  }
  return corners.reduce((least, one) => (one.value < least.value ? one : least))
}
