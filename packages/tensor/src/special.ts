// Special functions of one number which JavaScript's Math lacks.

/**
 * The error function `2/√π ∫₀ˣ exp(-t²) dt`, to about 1e-16.
 * W. J. Cody 1969, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23.
 */
export function erf(x: number): number {
  const y = Math.abs(x)
  if (y <= 0.46875) return x * centre(y * y)
  if (y > 6) return Math.sign(x)
  const complement = Math.exp(-y * y) * (y <= 4 ? middle(y) : tail(y))
  // NaN takes this way too, and stays.
  return x < 0 ? complement - 1 : 1 - complement
}

// The three ranges of the paper, each a quotient of polynomials by Horner's rule.

/** erf(x) / x from z = x². */
const centre = (z: number) => {
  let p = 1.85777706184603153e-1
  p = p * z + 3.1611237438705656
  p = p * z + 1.13864154151050156e2
  p = p * z + 3.77485237685302021e2
  p = p * z + 3.20937758913846947e3
  let q = z + 2.36012909523441209e1
  q = q * z + 2.44024637934444173e2
  q = q * z + 1.28261652607737228e3
  q = q * z + 2.84423683343917062e3
  return p / q
}

/** erfc(y) exp(y²) for 0.46875 < y ≤ 4. */
const middle = (y: number) => {
  let p = 2.15311535474403846e-8
  p = p * y + 5.64188496988670089e-1
  p = p * y + 8.88314979438837594
  p = p * y + 6.61191906371416295e1
  p = p * y + 2.98635138197400131e2
  p = p * y + 8.8195222124176909e2
  p = p * y + 1.71204761263407058e3
  p = p * y + 2.05107837782607147e3
  p = p * y + 1.23033935479799725e3
  let q = y + 1.57449261107098347e1
  q = q * y + 1.17693950891312499e2
  q = q * y + 5.37181101862009858e2
  q = q * y + 1.62138957456669019e3
  q = q * y + 3.29079923573345963e3
  q = q * y + 4.36261909014324716e3
  q = q * y + 3.43936767414372164e3
  q = q * y + 1.23033935480374942e3
  return p / q
}

/** erfc(y) exp(y²) for y > 4. */
const tail = (y: number) => {
  const z = 1 / (y * y)
  let p = 1.63153871373020978e-2
  p = p * z + 3.05326634961232344e-1
  p = p * z + 3.60344899949804439e-1
  p = p * z + 1.25781726111229246e-1
  p = p * z + 1.60837851487422766e-2
  p = p * z + 6.58749161529837803e-4
  let q = z + 2.56852019228982242
  q = q * z + 1.87295284992346725
  q = q * z + 5.27905102951428412e-1
  q = q * z + 6.05183413124413191e-2
  q = q * z + 2.33520497626869185e-3
  return (0.5641895835477563 - (z * p) / q) / y // 1/√π
}
