import type { JsonValue } from '../core/rollout.ts';
import { isObject } from './provider-json.ts';

/** How arguments are cut into events, whom a cache serves, what is told of it: none changes what is said. */
const HINT = /^(?:diagnostics|cache_control|.*\.(?:eager_input_streaming|cache_control\.scope))$/;

/** Members of Anthropic's format that ask another vendor for nothing that changes the reply. */
export function isHint(path: string, value: JsonValue): boolean {
  return path === 'context_management' ? onlyClearsThinking(value) : HINT.test(path);
}

/** Other vendors are not sent Anthropic's thoughts to begin with. */
function onlyClearsThinking(value: JsonValue): boolean {
  const edits = isObject(value) ? value['edits'] : null;
  return Array.isArray(edits) && edits.every((edit: JsonValue) => isObject(edit) && isThinkingEdit(edit['type']));
}

function isThinkingEdit(type: JsonValue | undefined): boolean {
  return typeof type === 'string' && type.startsWith('clear_thinking_');
}
