import { serialize } from '@marcbachmann/cel-js';
import type { PolicyFacts } from '../facts.ts';
import { typeOf, type ASTNode } from './ast.ts';
import type { CheckedCondition } from './check.ts';
import { environment, LINEAR_MATCHES, OR_DEFAULT, toContext } from './environment.ts';

/** The condition as the library evaluates it: all of CEL, slower, and the measure of our own compiler. */
export function libraryCondition({ ast }: CheckedCondition): (facts: PolicyFacts) => boolean {
  const evaluate = environment.parse(rewritten(ast));
  evaluate.check();
  return (facts) => evaluate(toContext(facts)) === true;
}

/**
 * The node as CEL again, in which patterns run on the linear engine and names that a map lacks read as its default.
 * Everything stands in brackets, so that nothing depends on precedence.
 */
function rewritten(node: ASTNode): string {
  switch (node.op) {
    case 'value':
      // As it was written: what `serialize` makes of emoji and of 1e300 the library does not read again.
      return node.input.slice(node.start, node.end);
    case 'id':
      return node.args;
    case 'call':
      return node.args[0] === 'has' ? serialize(node) : `${node.args[0]}(${joined(node.args[1])})`;
    case 'rcall':
      return rewrittenMethod(node.args[0], node.args[1], node.args[2]);
    case '.':
      return isMap(node.args[0])
        ? `${OR_DEFAULT}(${rewritten(node.args[0])}, ${JSON.stringify(node.args[1])})`
        : `${rewritten(node.args[0])}.${node.args[1]}`;
    case '[]':
      return isMap(node.args[0])
        ? `${OR_DEFAULT}(${joined(node.args)})`
        : `${rewritten(node.args[0])}[${rewritten(node.args[1])}]`;
    case 'list':
      return `[${joined(node.args)}]`;
    case 'map':
      return `{${node.args.map(([key, value]) => `${rewritten(key)}: ${rewritten(value)}`).join(', ')}}`;
    case '?:':
      return `(${rewritten(node.args[0])} ? ${rewritten(node.args[1])} : ${rewritten(node.args[2])})`;
    case '!_':
    case '-_':
      return `(${node.op[0]}${rewritten(node.args)})`;
    case '.?':
    case '[?]':
      return serialize(node);
    default:
      return `(${rewritten(node.args[0])} ${node.op} ${rewritten(node.args[1])})`;
  }
}

function rewrittenMethod(name: string, receiver: ASTNode, args: readonly ASTNode[]): string {
  if (name === 'matches') return `${LINEAR_MATCHES}(${joined([receiver, ...args])})`;
  return `${rewritten(receiver)}.${name}(${joined(args)})`;
}

function joined(nodes: readonly ASTNode[]): string {
  return nodes.map(rewritten).join(', ');
}

function isMap(node: ASTNode): boolean {
  const type = typeOf(node);
  return type === 'map<string, string>' || type === 'map<string, int>';
}
