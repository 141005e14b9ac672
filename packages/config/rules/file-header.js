// eslint rule: a file opens with a comment that says what it is and what it is not.

const directive = /^\s*(eslint-|@ts-|@vitest-environment|global\s|prettier-ignore|\/\s*<reference)/

/** @type {import('eslint').Rule.RuleModule} */
export const fileHeader = {
  meta: {
    type: 'suggestion',
    messages: { missing: 'The file opens with code: first say in a comment what it is and what it is not.' },
    schema: [],
  },
  create: context => ({
    Program(node) {
      const source = context.sourceCode
      const first = source.ast.tokens[0]
      const isHeader = comment =>
        comment.type !== 'Shebang' && !directive.test(comment.value) && (!first || comment.range[1] <= first.range[0])
      if (source.getAllComments().some(isHeader)) return
      context.report({ node, loc: { line: 1, column: 0 }, messageId: 'missing' })
    },
  }),
}
