// Special functions of real numbers in float64: the logarithm of gamma, its derivative, the error function and the
// regularised incomplete beta. Not tensors, and only what the distributions of this package need.

/**
 * Lanczos's approximation with g = 7 and 9 terms, to about 15 digits (Press et al. 2007, "Numerical Recipes", §6.1).
 */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  // Γ(x) = Γ(x + 1) / x: the approximation is for 0.5 and above.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  const t = x + 6.5
  let sum = lanczos[0]
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i] / (x + i - 1)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** ψ(x) = d ln Γ(x) / dx for x > 0: recurrence up to 10, then the asymptotic series (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  let shift = 0
  for (; x < 10; x++) shift -= 1 / x
  const r = 1 / (x * x)
  const series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132)))))
  return shift + Math.log(x) - 0.5 / x - series
}

/** ln B(a, b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** erfc(x) = 1 - erf(x): a series near 0 (A&S 7.1.6), a continued fraction further out (A&S 7.1.14). */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  if (x > 27.3) return 0
  const square = x * x
  if (x < 2.5) {
    let [term, sum] = [x, x]
    for (let n = 1; term > 1e-17 * sum; n++) sum += term *= (2 * square) / (2 * n + 1)
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-square) / (Math.sqrt(Math.PI) * (x + fraction))
}

/**
 * I_x(a, b), the regularised incomplete beta function, by the continued fraction of A&S 26.5.8 as modified by Lentz
 * (Press et al. 2007, §6.4).
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast on this side; the other is its mirror image.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularizedBeta(1 - x, b, a)
  const nonzero = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let [c, d] = [1, 1 / nonzero(1 - ((a + b) * x) / (a + 1))]
  let fraction = d
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonzero(1 + even * d)
    c = nonzero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonzero(1 + odd * d)
    c = nonzero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return (fraction * Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b))) / a
}
