import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';

/** `tools`: the provider itself would act. `state`: it would change or go on with what it keeps. */
type SideEffect = 'tools' | 'state';

/** Tools that the app runs, if it likes. */
const APP_TOOLS = new Set(['function', 'custom']);

/**
 * What a copy of the request would do beyond writing a reply; null: nothing.
 * @source https://platform.openai.com/docs/guides/tools and https://platform.claude.com/docs/en/agents-and-tools/tool-use
 */
export function sideEffectOf(operation: Operation, document: JsonDocument): SideEffect | null {
  const has = (name: string): boolean => isGiven(document, document.member(document.root, name));
  if (operation === 'chat') return has('web_search_options') || hasProviderTool(document, APP_TOOLS) ? 'tools' : null;
  if (operation === 'responses') {
    if (hasProviderTool(document, APP_TOOLS)) return 'tools';
    const background = document.member(document.root, 'background');
    // A stored prompt brings tools that are not known here.
    const isStateful = document.isTrue(background) || has('previous_response_id') || has('conversation');
    return isStateful || has('prompt') ? 'state' : null;
  }
  if (operation !== 'messages') return null;
  if (has('mcp_servers') || hasProviderTool(document, CUSTOM)) return 'tools';
  return has('container') ? 'state' : null;
}

/** Anthropic's own tools have a type, and which of them run where is theirs to change. */
const CUSTOM = new Set(['custom']);

function isGiven(document: JsonDocument, node: JsonNode | null): boolean {
  return node !== null && !document.isNull(node);
}

function hasProviderTool(document: JsonDocument, harmless: ReadonlySet<string>): boolean {
  const tools = document.member(document.root, 'tools');
  if (tools === null) return false;
  return tools.children.some((tool) => {
    const type = document.member(tool, 'type');
    return isGiven(document, type) && !harmless.has(document.string(type) ?? '');
  });
}
