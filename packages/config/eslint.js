// The one eslint preset: rules of the language, of the house and of the arrow table. Not a formatter: of layout it
// holds only what can be said in a line.
import stylistic from '@stylistic/eslint-plugin'
import { builtinModules } from 'node:module'
import tseslint from 'typescript-eslint'
import { appScope, arrows, programs, scope } from './arrows.js'
import { fileHeader } from './rules/file-header.js'

const house = { rules: { 'file-header': fileHeader } }

/** Import patterns that no file may use. */
const everywhere = [
  {
    regex: `^${scope}[^/]+/(src|dist|tests)(/|$)`,
    message: 'Import the package by its name: its internals are closed.',
  },
  { regex: '^\\.{1,2}/(?!.*\\.(ts|js|mjs|json)$)', message: 'Write the file extension: ./x.ts.' },
  { regex: `^${appScope}`, message: 'Nothing imports an app.' },
]

/** Node's own modules are closed to library code, which must run in a browser too, outside a `node` entry. */
const nodeModules = {
  regex: `^(node:|(${builtinModules.join('|')})$)`,
  message: 'Library code runs in browsers too: only src/node.ts and src/node/ may import from Node.',
}

/** The arrow table as an import pattern for one package. */
const closedTo = (name, { mayImport }) => ({
  regex: `^${scope}(?!(${mayImport.join('|')})(/|$))`,
  message: `The arrow table lets ${name} import ${mayImport.join(', ') || 'no other package'}.`,
})

const restrictImports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: [...everywhere, ...patterns] }],
})

const syntax = {
  exportAll: { selector: 'ExportAllDeclaration[exported=null]', message: 'List what is exported by name.' },
  exportDefault: { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
  parameters: {
    selector: 'ExportNamedDeclaration > FunctionDeclaration[params.length>4]',
    message: 'At most three positional parameters and an options object.',
  },
}

const layout = {
  '@stylistic/comma-dangle': ['error', 'always-multiline'],
  '@stylistic/eol-last': 'error',
  '@stylistic/max-len': ['error', {
    code: 120,
    ignoreRegExpLiterals: true,
    ignoreStrings: true,
    ignoreTemplateLiterals: true,
    ignoreUrls: true,
  }],
  '@stylistic/member-delimiter-style': ['error', {
    multiline: { delimiter: 'none' },
    singleline: { delimiter: 'semi', requireLast: false },
  }],
  '@stylistic/no-multiple-empty-lines': ['error', { max: 1 }],
  '@stylistic/no-tabs': 'error',
  '@stylistic/no-trailing-spaces': 'error',
  '@stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'avoidEscape' }],
  '@stylistic/semi': ['error', 'never'],
}

/** Rules for every file, JavaScript included. */
const common = {
  ...layout,
  ...restrictImports(),
  eqeqeq: ['error', 'always'],
  'house/file-header': 'error',
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'no-console': 'error',
  'no-eval': 'error',
  'no-new-func': 'error',
  'no-restricted-properties': ['error',
    { object: 'Math', property: 'random', message: 'Everything is seeded: take an Rng.' }],
  'no-restricted-syntax': ['error', syntax.exportAll, syntax.exportDefault, syntax.parameters],
  'no-var': 'error',
  'prefer-const': ['error', { destructuring: 'all' }],
}

/** typescript-eslint's strict rules, where numeric code on typed arrays asks for something else. */
const typed = {
  '@typescript-eslint/consistent-type-exports': 'error',
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  // Indexing is not checked for undefined, so a test for undefined after it is no mistake.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // Generic signatures say which array comes back even where a parameter appears once.
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  // Tensor<FloatDType> may be said in full.
  '@typescript-eslint/no-unnecessary-type-arguments': 'off',
  // Classes are branded; there are no enums. Both rules are among the slowest.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-unsafe-enum-assignment': 'off',
}

const tests = {
  'no-console': ['error', { allow: ['warn'] }],
  // expect(() => f()).toThrow() and async stubs are ordinary in tests.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/unbound-method': 'off',
  '@typescript-eslint/explicit-module-boundary-types': 'off',
}

/** One block of rules for each package of the arrow table. */
const packages = Object.entries(arrows).flatMap(([name, arrow]) => [
  {
    files: [`packages/${name}/src/**`],
    rules: restrictImports(closedTo(name, arrow), ...(programs.includes(name) ? [] : [nodeModules])),
  },
  {
    files: [`packages/${name}/src/node.ts`, `packages/${name}/src/node/**`],
    rules: restrictImports(closedTo(name, arrow)),
  },
])

/** Where types come from: for a run over the whole repository one program is half the work of one for each package. */
const typesFrom = root => process.cwd() === root
  ? { project: ['packages/config/tsconfig.lint.json', 'tsconfig.json'], tsconfigRootDir: root }
  : { projectService: true, tsconfigRootDir: root }

/** The flat config of the repository; `root` is the folder of its eslint.config.js. */
export const houseConfig = root =>
  tseslint.config(
    { ignores: ['dist', 'generated', 'assembly', 'coverage', 'runs', '.examples', 'api'].map(name => `**/${name}/`) },
    { linterOptions: { reportUnusedDisableDirectives: 'error' } },
    { plugins: { house, '@stylistic': stylistic }, rules: common },
    {
      files: ['**/*.ts'],
      extends: [...tseslint.configs.strictTypeChecked],
      languageOptions: { parserOptions: typesFrom(root) },
      rules: typed,
    },
    { files: ['**/tests/**'], rules: tests },
    ...packages,
    {
      files: ['packages/*/src/**'],
      ignores: ['packages/*/src/node.ts', 'packages/*/src/node/**', 'packages/{consumer-tests,create-ostinato,test-utils}/**'],
      rules: {
        'no-restricted-globals': ['error',
          ...['process', 'Buffer', 'require', '__dirname', '__filename', 'global', 'window', 'document'].map(name => ({
            name,
            message: `Library code runs in Node and in browsers: reach ${name} through globalThis, with a guard.`,
          }))],
      },
    },
    {
      files: ['**/*.config.{js,ts}', 'docs/site/.vitepress/config.mjs'],
      rules: { 'house/file-header': 'off', 'no-restricted-syntax': ['error', syntax.exportAll] },
    },
    {
      // Two lines, the same in every package.
      files: ['**/tests/examples.test.ts'],
      rules: { 'house/file-header': 'off' },
    },
    // The one module where an app or the bench prints, and the tools.
    {
      files: ['{apps,packages}/*/src/output.ts', 'bench/src/output.ts', '**/scripts/**', 'packages/{config,test-utils}/**'],
      rules: { 'no-console': 'off' },
    },
  )
