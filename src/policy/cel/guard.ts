import { serialize } from '@marcbachmann/cel-js';
import { typeOf, type ASTNode } from './ast.ts';

/** A text that must be one of these values for a condition to hold, whatever else it asks. */
export interface Guard {
  readonly text: ASTNode;
  /** The text as CEL: the same for the same variable. */
  readonly key: string;
  readonly values: readonly string[];
}

/** The first comparison of a variable with constants that an `&&` of the condition ends in; null where there is none. */
export function guardOf(node: ASTNode): Guard | null {
  if (node.op === '&&') return guardOf(node.args[0]) ?? guardOf(node.args[1]);
  if (node.op !== '==' && node.op !== 'in') return null;
  const [text, values] = node.args;
  if (typeOf(text) !== 'string' || !isVariable(text)) return null;
  const constants = node.op === '==' ? [values] : values.op === 'list' ? values.args : [];
  const texts = constants.map((each) => (each.op === 'value' && typeof each.args === 'string' ? each.args : null));
  if (texts.length === 0 || texts.includes(null)) return null;
  return { text, key: serialize(text), values: texts as string[] };
}

/** Nothing that is worked out: what is read twice is read alike. */
function isVariable(node: ASTNode): boolean {
  if (node.op === 'id') return true;
  if (node.op === '.') return isVariable(node.args[0]);
  return node.op === '[]' && node.args[1].op === 'value' && isVariable(node.args[0]);
}
