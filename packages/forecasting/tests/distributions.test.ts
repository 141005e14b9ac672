// Special functions and distributions against SciPy 1.17 and mpmath 1.3 with 25 digits.
import { expect, test } from 'vitest'
import { normal, studentT } from '../src/distributions/distribution.ts'
import { digamma, logGamma } from '../src/distributions/special.ts'

const near = (got: number, expected: number, relative = 1e-11) =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300))

test.each([
  [0.1, 2.2527126517342059, -10.423754940411076],
  [0.5, 0.5723649429247, -1.9635100260214235],
  [3.7, 1.4280723266653881, 1.1671535393615114],
  [20, 39.339884187199494, 2.9705239922421491],
  [150.5, 602.51395487058541, 5.0106371459337046],
])('ln gamma and digamma of %d', (x, gamma, psi) => {
  near(logGamma(x), gamma)
  near(digamma(x), psi)
})

test.each([
  [-5, 2.866515718791939e-07],
  [-1.3, 0.09680048458561033],
  [0.2, 0.579259709439103],
  [2.7, 0.9965330261969594],
  [6, 0.9999999990134123],
])('normal cumulative of %d', (x, p) => near(normal.cumulative(x), p))

test.each([
  [1e-10, -6.361340902404056],
  [0.025, -1.9599639845400545],
  [0.3, -0.5244005127080409],
  [0.9, 1.2815515655446004],
])('normal quantile of %d', (p, x) => near(normal.quantile(p), x))

test.each([
  [1, 0.7, 0.6944001122142147, 0.21363079609650384],
  [3, -2.5, 0.04385332350403278, 0.0386614857271673],
  [4.5, 1.25, 0.8638174807915853, 0.16634621119519666],
  [30, 3, 0.9973050179671741, 0.006779062746093082],
  [2.1, -8, 0.006613031265477778, 0.0016941140473439073],
])('t with %d degrees at %d', (degrees, x, p, density) => {
  near(studentT(degrees).cumulative(x), p)
  near(studentT(degrees).density(x), density)
})

test.each([
  [1, 0.9, 3.0776835371752544],
  [3, 0.025, -3.1824463052837086],
  [4.5, 0.75, 0.7328666862359944],
  [30, 0.1, -1.3104150253913955],
  [5, 0.0001, -9.677566300882592],
])('t quantile, %d degrees, level %d', (degrees, p, x) => near(studentT(degrees).quantile(p), x, 1e-10))

test('many degrees are the normal distribution; the median is 0', () => {
  near(studentT(1e13).quantile(0.975), normal.quantile(0.975))
  expect([normal.quantile(0.5), studentT(2).quantile(0.5)]).toEqual([0, 0])
})

test('errors', () => {
  expect(() => normal.quantile(1)).toThrow('normal.quantile: expected a level between 0 and 1, got 1')
  expect(() => studentT(0)).toThrow(/degrees of freedom above 0, got 0/)
})
