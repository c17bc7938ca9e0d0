import { RE2JS } from 're2js';
import { VARIABLES, VARIABLE_PATHS, namespaceOf, type VariablePath } from '../variables.ts';
import { childrenOf, isListMacro, typeOf, type ASTNode } from './ast.ts';
import { environment, fieldOf, LINEAR_MATCHES, LONGEST_EXPRESSION, OR_DEFAULT, pathsIn } from './environment.ts';

/** What is wrong with a condition, and where in its text. */
export class ConditionError extends Error {
  /** From 0. */
  readonly offset: number;
  readonly fix: string;

  constructor(message: string, offset: number, fix: string) {
    super(message);
    this.name = 'ConditionError';
    this.offset = offset;
    this.fix = fix;
  }
}

/** A condition that is well formed, of type bool and bounded in what it costs. */
export interface CheckedCondition {
  readonly text: string;
  readonly ast: ASTNode;
  readonly reads: ReadonlySet<VariablePath>;
}

/** Names for a person who mistyped one. */
type Suggest = (name: string, known: readonly string[]) => string;

const NAMESPACES = [...new Set(VARIABLE_PATHS.map(namespaceOf))];
const PLAIN_FIX = 'correct it; docs/policies.md lists the variables and functions';

/** @throws ConditionError */
export function checkCondition(text: string, suggest: Suggest = () => PLAIN_FIX): CheckedCondition {
  if (text.length > LONGEST_EXPRESSION)
    throw new ConditionError(`is longer than ${LONGEST_EXPRESSION} characters`, 0, 'split it into several policies');
  if (!text.isWellFormed()) throw new ConditionError('holds half a character', 0, 'write it as UTF-8');
  const ast = parseAndCheck(text, suggest);
  if (typeOf(ast) !== 'bool')
    throw new ConditionError(`is of type ${typeOf(ast)}, not bool`, ast.start, 'compare it, e.g. with == or >');
  const reads = new Set<VariablePath>();
  refuseCostly(ast, false);
  collectReads(ast, reads);
  return { text, ast, reads };
}

/** The library's errors, with the names that would have been right. */
function parseAndCheck(text: string, suggest: Suggest): ASTNode {
  try {
    const parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid) throw checked.error;
    return parsed.ast;
  } catch (error) {
    const { code, summary, range } = error as { code?: string; summary?: string; range?: { start: number } };
    const offset = range?.start ?? 0;
    if (summary === undefined) throw new ConditionError('is not valid CEL', 0, PLAIN_FIX);
    throw new ConditionError(
      `is not valid: ${lowerFirst(summary)}`,
      offset,
      fixOf(code, summary, text, offset, suggest),
    );
  }
}

function fixOf(code: string | undefined, summary: string, text: string, offset: number, suggest: Suggest): string {
  const name = summary.slice(summary.lastIndexOf(' ') + 1);
  if (code === 'unknown_variable') return suggest(name, NAMESPACES);
  if (code === 'no_such_key') {
    const namespace = /(\w+)\s*\.\s*$/.exec(text.slice(0, offset))?.[1] ?? '';
    return suggest(name, pathsIn(namespace).map(fieldOf));
  }
  if (code?.startsWith('no_such_overload') || code === 'no_matching_overload')
    return 'compare values of one type: numbers such as request.max_tokens with 1024, a double such as attack.score with 0.5, texts with "text"';
  return PLAIN_FIX;
}

function lowerFirst(text: string): string {
  return text[0]!.toLowerCase() + text.slice(1);
}

/** @param isInside a macro, whose body runs for every entry of its list */
function refuseCostly(node: ASTNode, isInside: boolean): void {
  if (node.op === 'call') refuseCall(node.args[0], node.args[1], node);
  if (node.op === 'id' && OWN_FUNCTIONS.has(node.args)) throw unknownFunction(node.args, node);
  if (node.op === 'rcall' && node.args[0] === 'matches') checkPattern(node.args[2][0]!);
  const isMacro = isListMacro(node);
  if (isMacro && isInside)
    throw new ConditionError('has a macro inside another', node.start, 'write it as two policies, or use `in`');
  if (isMacro && node.op === 'rcall' && !isBoundedList(node.args[1]))
    throw new ConditionError(
      `goes over a list of unknown length`,
      node.args[1].start,
      'use the macro with request.tools or a list that is written out',
    );
  for (const child of childrenOf(node)) refuseCostly(child, isInside || isMacro);
}

const OWN_FUNCTIONS: ReadonlySet<string> = new Set([LINEAR_MATCHES, OR_DEFAULT]);

function refuseCall(name: string, args: readonly ASTNode[], node: ASTNode): void {
  if (OWN_FUNCTIONS.has(name)) throw unknownFunction(name, node);
  if (name === 'dyn')
    throw new ConditionError('uses dyn(), which takes the type away', node.start, 'leave it out: variables have types');
  const [field] = args;
  // The library's `has` says yes to any name of an object.
  if (name === 'has' && field?.op === '.' && !isMapVariable(field.args[0]))
    throw new ConditionError(
      'asks has() of a variable that is always there',
      node.start,
      'compare it with "", 0 or false; has() is for metadata.NAME and key.metadata.NAME',
    );
}

function isMapVariable(node: ASTNode): boolean {
  const path = pathOf(node);
  return path !== null && VARIABLES[path].type.startsWith('map<');
}

function unknownFunction(name: string, node: ASTNode): ConditionError {
  return new ConditionError(`is not valid: unknown function ${name}`, node.start, PLAIN_FIX);
}

function checkPattern(pattern: ASTNode): void {
  if (pattern.op !== 'value' || typeof pattern.args !== 'string')
    throw new ConditionError('has a pattern that is not written out', pattern.start, 'write matches("PATTERN")');
  try {
    RE2JS.compile(pattern.args);
  } catch (error) {
    const why = (error as Error).message;
    throw new ConditionError(`has a bad pattern: ${why}`, pattern.start, 'write a pattern of RE2, without look-around');
  }
}

function isBoundedList(list: ASTNode): boolean {
  return list.op === 'list' || pathOf(list) !== null;
}

function collectReads(node: ASTNode, reads: Set<VariablePath>): void {
  const path = pathOf(node);
  if (path !== null) reads.add(path);
  // Whatever is done with an object as a whole may read all of it.
  else if (node.op === 'id') for (const each of pathsIn(node.args)) reads.add(each);
  if (path === null || node.op !== '.') for (const child of childrenOf(node)) collectReads(child, reads);
}

/** The variable that a node names; null where it names none. */
export function pathOf(node: ASTNode): VariablePath | null {
  if (node.op === 'id') return node.args === 'metadata' ? 'metadata' : null;
  if (node.op !== '.' || node.args[0].op !== 'id') return null;
  const path = `${node.args[0].args}.${node.args[1]}`;
  return Object.hasOwn(VARIABLES, path) ? (path as VariablePath) : null;
}
