import { dirname, join, posix, relative } from 'node:path';
import * as ts from 'typescript/unstable/ast';
import * as is from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

/** One file of the product, as far as the laws care. Read with TypeScript's own parser; its version is pinned. */
export interface Source {
  /** From the root of the repository: `watchdog/decide/decide.ts`. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly { readonly name: string; readonly lines: number }[];
  /** What it uses of the world around it without importing it: `Date.now`, `process`, ... */
  readonly reaches: readonly string[];
  /** By which of `RegExp`, `eval` and `Function` it makes code or an expression out of text. */
  readonly makers: readonly string[];
  /** Regular expressions as they are written: `/a+/g`. */
  readonly expressions: readonly string[];
  /** What is put into texts that are SQL, as it is written: `${table}`, or what is added to them with `+`. */
  readonly sqlParts: readonly string[];
}

export interface Import {
  /** A path from the root of the repository, or the name of a package. */
  readonly from: string;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
  readonly names: readonly string[];
}

/** Every source below `folder` that the project of `root/tsconfig.json` takes in. */
export function readSources(root: string, folder: string): Source[] {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openProject: join(root, 'tsconfig.json') });
    const program = snapshot.getProjects()[0]?.program;
    const files = program?.getSourceFileNames().filter(file => file.startsWith(join(root, folder, '/'))) ?? [];
    return files.flatMap(file => {
      const parsed = program?.getSourceFile(file);
      return parsed === undefined ? [] : sourceFrom(parsed, relative(root, file));
    });
  } finally {
    api.close();
  }
}

/** Clock, randomness, timers and input or output that need no import. */
const WORLD = new Set(['process', 'performance', 'crypto', 'fetch', 'console', 'globalThis', 'queueMicrotask']);
const MAKERS = ['RegExp', 'eval', 'Function'];
const TIMERS = /^(set|clear)(Timeout|Interval|Immediate)$/;

function sourceFrom(file: ts.SourceFile, path: string): Source {
  const imports: Import[] = [];
  const functions: { name: string; lines: number }[] = [];
  const reaches = new Set<string>();
  const makers: string[] = [];
  const expressions: string[] = [];
  const sqlParts: string[] = [];
  const lineOf = (position: number) => file.text.slice(0, position).split('\n').length;
  const visit = (node: ts.Node, parent: ts.Node | undefined, name: string): void => {
    const found = importIn(node, path);
    if (found !== undefined) imports.push(found);
    const own = nameOf(node) ?? name;
    if (isFunction(node)) {
      const start = node.getStart(file);
      functions.push({ name: own, lines: lineOf(node.end) - lineOf(start) + 1 });
    }
    const reached = worldIn(node, parent);
    if (reached !== undefined) reaches.add(reached);
    if ((is.isNewExpression(node) || is.isCallExpression(node)) && is.isIdentifier(node.expression))
      makers.push(...MAKERS.filter(maker => maker === (node.expression as ts.Identifier).text));
    if (is.isRegularExpressionLiteral(node)) expressions.push(node.text);
    sqlParts.push(...partsOfSql(node).map(part => part.getText(file)));
    node.forEachChild(child => visit(child, node, own));
  };
  visit(file, undefined, '');
  const lines = file.text.trimEnd().split('\n').length;
  return { path, lines, imports, functions, reaches: [...reaches], makers, expressions, sqlParts };
}

const isFunction = (node: ts.Node): boolean =>
  is.isFunctionDeclaration(node) ||
  is.isFunctionExpression(node) ||
  is.isArrowFunction(node) ||
  is.isMethodDeclaration(node) ||
  is.isConstructorDeclaration(node) ||
  is.isGetAccessorDeclaration(node);

function nameOf(node: ts.Node): string | undefined {
  const named = is.isFunctionDeclaration(node) || is.isMethodDeclaration(node) || is.isVariableDeclaration(node);
  return named && node.name !== undefined && 'text' in node.name ? String(node.name.text) : undefined;
}

/** `import`, `export ... from`, `import(...)` and `require(...)` of a name that is written out. */
function importIn(node: ts.Node, path: string): Import | undefined {
  if (is.isImportDeclaration(node) || is.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (moduleSpecifier === undefined || !is.isStringLiteral(moduleSpecifier)) return undefined;
    const names = namesIn(node);
    const typeOnly = names.length > 0 ? names.every(({ typeOnly: gone }) => gone) : isTypeOnly(node);
    const values = names.filter(({ typeOnly: gone }) => !gone).map(({ name }) => name);
    return { from: resolved(moduleSpecifier.text, path), typeOnly, names: values };
  }
  if (!is.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  const callee = node.expression;
  const loads =
    callee.kind === ts.SyntaxKind.ImportKeyword || (is.isIdentifier(callee) && /require$/i.test(callee.text));
  if (!loads || first === undefined || !is.isStringLiteral(first)) return undefined;
  return { from: resolved(first.text, path), typeOnly: false, names: [] };
}

function namesIn(node: ts.ImportDeclaration | ts.ExportDeclaration): { name: string; typeOnly: boolean }[] {
  const clause = is.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  const whole = isTypeOnly(node);
  const main = is.isImportDeclaration(node) ? node.importClause?.name?.text : undefined;
  const names = main === undefined ? [] : [{ name: main, typeOnly: whole }];
  if (clause === undefined || !('elements' in clause)) return names;
  return [
    ...names,
    ...clause.elements.map(element => ({ name: element.name.text, typeOnly: whole || element.isTypeOnly })),
  ];
}

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean =>
  is.isImportDeclaration(node) ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword : node.isTypeOnly;

const resolved = (specifier: string, path: string): string =>
  specifier.startsWith('.') ? posix.join(dirname(path), specifier) : specifier;

/** Keywords as our SQL is written; no sentence for people has them in capitals. */
const SQL = /\b(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|FROM|WHERE|VALUES|ORDER BY|LIMIT|CREATE|DROP)\b/;

/** One text of ours or another. */
const isChoice = (part: ts.Expression): boolean =>
  is.isConditionalExpression(part) && is.isStringLiteral(part.whenTrue) && is.isStringLiteral(part.whenFalse);

/** What a text of SQL is put together from, besides the text itself. */
function partsOfSql(node: ts.Node): readonly ts.Expression[] {
  if (is.isTemplateExpression(node)) {
    const texts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
    const parts = node.templateSpans.map(({ expression }) => expression);
    return texts.some(text => SQL.test(text)) ? parts.filter(part => !isChoice(part)) : [];
  }
  if (!is.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return [];
  const sides = [node.left, node.right];
  const isText = (side: ts.Expression) => is.isStringLiteral(side) || is.isNoSubstitutionTemplateLiteral(side);
  return sides.some(side => isText(side) && SQL.test((side as ts.StringLiteral).text))
    ? sides.filter(side => !isText(side) && !is.isTemplateExpression(side) && !is.isBinaryExpression(side))
    : [];
}

function worldIn(node: ts.Node, parent: ts.Node | undefined): string | undefined {
  if (is.isNewExpression(node) && is.isIdentifier(node.expression) && node.expression.text === 'Date')
    return 'new Date';
  if (is.isPropertyAccessExpression(node) && is.isIdentifier(node.expression)) {
    const access = `${node.expression.text}.${node.name.text}`;
    if (access === 'Date.now' || access === 'Math.random') return access;
  }
  if (!is.isIdentifier(node) || (!WORLD.has(node.text) && !TIMERS.test(node.text))) return undefined;
  const isProperty = parent !== undefined && 'name' in parent && parent.name === node;
  return isProperty ? undefined : node.text;
}
