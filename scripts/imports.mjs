// Lists what a source file imports, by TypeScript's own parser. It resolves nothing.

import ts from 'typescript'

/**
 * @typedef {{ specifier: string | undefined, line: number }} Import `specifier` is undefined where the name is computed
 */

/**
 * Static imports, `export ... from`, dynamic imports, `import x = require()` and `import('x').Type`, in order.
 * @param {string} file
 * @param {string} text
 * @returns {Import[]}
 */
export const importsOf = (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  /** @type {Import[]} */
  const found = []
  const add = (/** @type {ts.Node | undefined} */ name, /** @type {ts.Node} */ at) => found.push({
    specifier: name && ts.isStringLiteralLike(name) ? name.text : undefined,
    line: source.getLineAndCharacterOfPosition(at.getStart(source)).line + 1,
  })
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node)
    if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node)
    if (ts.isExternalModuleReference(node)) add(node.expression, node)
    if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, node)
    const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    if (isCall) add(node.arguments[0], node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
