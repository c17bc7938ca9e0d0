import { bounded } from '../bounds.ts';
import { READERS, type PolicyFacts } from '../facts.ts';
import { typeOf, type ASTNode } from './ast.ts';
import { pathOf, type CheckedCondition } from './check.ts';
import type { Closure } from './closure.ts';
import { compileCall, compileMethod } from './functions.ts';
import { guardOf } from './guard.ts';
import { libraryCondition } from './library.ts';
import { ARITHMETIC, COMPARISONS, negated } from './operators.ts';

/** A condition ready to be asked many times. */
export interface Condition {
  /** @throws Error where CEL has no answer either */
  holds(facts: PolicyFacts): boolean;
  /** Our own compiler knows all of it; otherwise the library evaluates it. */
  readonly isNative: boolean;
  /** What must be so for it to hold; null: nothing that can be looked up. */
  readonly guard: ConditionGuard | null;
}

export interface ConditionGuard {
  readonly key: string;
  readonly values: readonly string[];
  readonly read: Closure<string>;
}

/** A part that only the library knows. */
class NotNative extends Error {}

/** The variable of a macro, whose bodies run one at a time. */
interface Scope {
  readonly name: string;
  item: unknown;
}

/**
 * Closures for what conditions are made of, by the types that the checker found, so that nothing is looked up or tested
 * again at each request. Whatever throws is asked of the library, whose answer is the one that counts: errors on one side
 * of `||` and whole numbers beyond 2^53 come out as CEL has them.
 */
export function compileCondition(checked: CheckedCondition): Condition {
  const library = libraryCondition(checked);
  const native = nativeCondition(checked);
  if (native === null) return { holds: library, isNative: false, guard: null };
  const guard = guardOf(checked.ast);
  return {
    isNative: true,
    guard: guard === null ? null : { ...guard, read: compile(guard.text, null) as Closure<string> },
    holds(facts) {
      try {
        return native(facts);
      } catch {
        return library(facts);
      }
    },
  };
}

/** Null where a part of it is none of the common subset. */
export function nativeCondition({ ast }: CheckedCondition): Closure<boolean> | null {
  try {
    return compile(ast, null) as Closure<boolean>;
  } catch (error) {
    if (error instanceof NotNative) return null;
    throw error;
  }
}

function compile(node: ASTNode, scope: Scope | null): Closure {
  const path = pathOf(node);
  if (path !== null && !(node.op === 'id' && scope?.name === node.args)) return READERS[path];
  switch (node.op) {
    case 'value':
      return constant(literal(node));
    case 'id':
      if (scope === null || scope.name !== node.args) throw new NotNative();
      return () => scope.item;
    case '&&':
      return and(compile(node.args[0], scope), compile(node.args[1], scope));
    case '||':
      return or(compile(node.args[0], scope), compile(node.args[1], scope));
    case '!_':
      return not(compile(node.args, scope) as Closure<boolean>);
    case '-_':
      return negated(compile(node.args, scope) as Closure<number>);
    case '?:':
      return choice(node.args, scope);
    case '.':
      return member(node.args[0], constant(node.args[1]), scope);
    case '[]':
      return member(node.args[0], compile(node.args[1], scope), scope);
    case 'in':
      return membership(node.args[0], node.args[1], scope);
    case 'call':
      return call(node, scope);
    case 'rcall':
      return method(node, scope);
    case 'list':
      return listOf(node.args.map((each) => compile(each, scope)));
    case 'map':
    case '.?':
    case '[?]':
      throw new NotNative();
    default:
      return binary(node.op, node.args[0], node.args[1], scope);
  }
}

function constant<T>(value: T): Closure<T> {
  return () => value;
}

function literal(node: ASTNode): unknown {
  const value = node.op === 'value' ? node.args : null;
  if (typeof value === 'bigint') {
    if (value > MAX_SAFE || value < -MAX_SAFE) throw new NotNative();
    return Number(value);
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new NotNative();
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function and(left: Closure, right: Closure): Closure<boolean> {
  return (facts) => left(facts) === true && right(facts) === true;
}

function or(left: Closure, right: Closure): Closure<boolean> {
  return (facts) => left(facts) === true || right(facts) === true;
}

function not(operand: Closure<boolean>): Closure<boolean> {
  return (facts) => !operand(facts);
}

function choice([test, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope | null): Closure {
  const [holds, then, otherwise] = [compile(test, scope), compile(yes, scope), compile(no, scope)];
  return (facts) => (holds(facts) === true ? then(facts) : otherwise(facts));
}

function listOf(items: readonly Closure[]): Closure<readonly unknown[]> {
  return (facts) => items.map((item) => item(facts));
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'int', 'double', 'bool']);

function binary(op: string, leftNode: ASTNode, rightNode: ASTNode, scope: Scope | null): Closure {
  const [left, right] = [typeOf(leftNode), typeOf(rightNode)];
  if (!SCALARS.has(left) || !SCALARS.has(right)) throw new NotNative();
  const isMixed = left !== right;
  // The library compares whole numbers with doubles, and nothing else across types.
  if (isMixed && !(isNumber(left) && isNumber(right) && ORDERS.has(op))) throw new NotNative();
  const make = COMPARISONS[op] ?? ARITHMETIC[`${left} ${op}`];
  if (make === undefined) throw new NotNative();
  // The commonest condition of all gets its constant at once.
  if (op === '==' && rightNode.op === 'value') return equals(compile(leftNode, scope), literal(rightNode));
  return make(compile(leftNode, scope) as Closure<never>, compile(rightNode, scope) as Closure<never>);
}

const ORDERS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

function isNumber(type: string): boolean {
  return type === 'int' || type === 'double';
}

function equals(read: Closure, value: unknown): Closure<boolean> {
  return (facts) => read(facts) === value;
}

/** Of a map or of a list; a name that a map lacks reads as the default of its type. */
function member(of: ASTNode, name: Closure, scope: Scope | null): Closure {
  const type = typeOf(of);
  const read = compile(of, scope);
  if (type === 'map<string, string>') {
    const map = read as Closure<ReadonlyMap<string, string>>;
    return (facts) => bounded(map(facts).get(name(facts) as string) ?? '');
  }
  if (type === 'map<string, int>') {
    const map = read as Closure<ReadonlyMap<string, number>>;
    return (facts) => map(facts).get(name(facts) as string) ?? 0;
  }
  if (type !== 'list<string>' && type !== 'list<int>') throw new NotNative();
  return (facts) => {
    const list = read(facts) as readonly unknown[];
    const index = name(facts) as number;
    if (!(index >= 0 && index < list.length)) throw new RangeError('index out of bounds');
    return list[index];
  };
}

function membership(left: ASTNode, right: ASTNode, scope: Scope | null): Closure<boolean> {
  const type = typeOf(left);
  if (!SCALARS.has(type)) throw new NotNative();
  const value = compile(left, scope);
  if (typeOf(right) === 'map<string, string>' || typeOf(right) === 'map<string, int>') {
    const map = compile(right, scope) as Closure<ReadonlyMap<string, unknown>>;
    return (facts) => map(facts).has(value(facts) as string);
  }
  if (typeOf(right) !== `list<${type}>`) throw new NotNative();
  if (right.op === 'list' && type !== 'double' && right.args.every((item) => item.op === 'value')) {
    const known = new Set(right.args.map(literal));
    return (facts) => known.has(value(facts));
  }
  const list = compile(right, scope) as Closure<readonly unknown[]>;
  return (facts) => {
    const wanted = value(facts);
    return list(facts).some((item) => item === wanted);
  };
}

function call(node: ASTNode & { op: 'call' }, scope: Scope | null): Closure {
  const [name, args] = node.args;
  const [first] = args;
  if (name === 'has' && first?.op === '.') {
    const map = compile(first.args[0], scope) as Closure<ReadonlyMap<string, unknown>>;
    const key = first.args[1];
    return (facts) => map(facts).has(key);
  }
  const made = compileCall(name, args.map(typeOf), (index) => compile(args[index]!, scope));
  if (made === null) throw new NotNative();
  return made;
}

function method(node: ASTNode & { op: 'rcall' }, scope: Scope | null): Closure {
  const [name, receiver, args] = node.args;
  if (QUANTIFIERS.has(name) && args.length === 2) return quantifier(name, receiver, args);
  const made = compileMethod(name, [receiver, ...args].map(typeOf), (index) =>
    compile(index === 0 ? receiver : args[index - 1]!, scope),
  );
  if (made === null) throw new NotNative();
  return made;
}

const QUANTIFIERS: ReadonlySet<string> = new Set(['exists', 'all', 'exists_one']);

function quantifier(name: string, receiver: ASTNode, [variable, body]: readonly ASTNode[]): Closure<boolean> {
  if (variable?.op !== 'id' || body === undefined) throw new NotNative();
  const list = compile(receiver, null) as Closure<readonly unknown[]>;
  const scope: Scope = { name: variable.args, item: undefined };
  const holds = compile(body, scope) as Closure<boolean>;
  const holdsFor = (facts: PolicyFacts, item: unknown): boolean => {
    scope.item = item;
    return holds(facts);
  };
  if (name === 'exists_one') return (facts) => list(facts).filter((item) => holdsFor(facts, item)).length === 1;
  // `all` ends at the first that does not hold, `exists` at the first that does.
  const ending = name === 'exists';
  return (facts) => {
    const items = list(facts);
    for (let i = 0; i < items.length; i++) if (holdsFor(facts, items[i]) === ending) return ending;
    return !ending;
  };
}
