// Helpers for the tests of every package: numbers that agree, reference cases, examples that run. Not published, and
// without any package of the library, so that all of them can use it.

export { expectClose, type Tolerance, type Values } from './close.ts'
export { testExamples } from './examples.ts'
export {
  describeFixtures,
  type Fixture,
  type FixtureTensor,
  type FixtureValue,
  fixtures,
  fixturesFolder,
  fixturesMissing,
  isFixtureTensor,
  tensorOf,
} from './fixtures.ts'
