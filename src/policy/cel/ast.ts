import type { ASTNode } from '@marcbachmann/cel-js';

export type { ASTNode };

/** The type that the checker found, as CEL writes it: `list<string>`. */
export function typeOf(node: ASTNode): string {
  return (node as ASTNode & { readonly checkedType?: { readonly name: string } }).checkedType?.name ?? 'dyn';
}

/** Functions that go over a list, by their last arguments: a variable and an expression. */
const LIST_MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return NONE;
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

const NONE: readonly ASTNode[] = [];

/** A macro whose body runs for every entry of a list. */
export function isListMacro(node: ASTNode): boolean {
  return node.op === 'rcall' && LIST_MACROS.has(node.args[0]) && node.args[2].length >= 2;
}
