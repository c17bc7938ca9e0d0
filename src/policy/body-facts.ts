import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import type { Chars } from '../core/units.ts';
import { whole } from './bounds.ts';

/** What policies read of a request's body. */
export interface BodyFacts {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly tools: readonly string[];
  readonly messages: number;
  readonly images: number;
  readonly hasSystem: boolean;
  /** Of its texts, as they stand in the JSON. */
  readonly chars: Chars;
}

/** The names of the field that bounds the output, in any protocol. */
export const OUTPUT_LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'] as const;

export function readBody(document: JsonDocument, operation: Operation): BodyFacts {
  const { root } = document;
  const limits = OUTPUT_LIMITS.map((name) => numberAt(document, name, 0));
  const said = document.member(root, saidIn(operation));
  const counted = { images: 0, chars: 0 };
  for (const child of root.children) if (TEXT_FIELDS.has(child.key!)) count(document, child, counted);
  return {
    maxTokens: whole(Math.max(...limits)),
    temperature: numberAt(document, 'temperature', 1),
    tools: toolNames(document),
    messages: said === null ? 0 : said.kind === JsonKind.array ? said.children.length : 1,
    hasSystem: hasSystem(document, said),
    ...counted,
  };
}

/** What is no number reads as the largest: nobody knows what a provider makes of it. */
function numberAt(document: JsonDocument, name: string, absent: number): number {
  const node = document.member(document.root, name);
  return node === null || document.isNull(node) ? absent : (document.number(node) ?? Infinity);
}

function saidIn(operation: Operation): string {
  if (operation === 'chat' || operation === 'messages' || operation === 'count_tokens') return 'messages';
  return operation === 'text_completion' ? 'prompt' : 'input';
}

const TEXT_FIELDS = new Set('messages input prompt suffix system instructions tools functions'.split(' '));
/** What they hold is no text that a model reads as such. */
const MEDIA_FIELDS = new Set('url data image_url file_data signature encrypted_content'.split(' '));
const IMAGE_TYPES = new Set(['image_url', 'input_image', 'image']);

function count(document: JsonDocument, node: JsonNode, into: { images: number; chars: number }): void {
  if (node.kind === JsonKind.string) {
    if (node.key === null || !MEDIA_FIELDS.has(node.key)) into.chars += node.end - node.start - 2;
    return;
  }
  if (node.kind > JsonKind.array) return;
  if (node.kind === JsonKind.object && IMAGE_TYPES.has(document.string(document.member(node, 'type')) ?? ''))
    into.images++;
  for (const child of node.children) count(document, child, into);
}

/** Of `mcp_servers` the names of the servers, whose tools nobody lists. */
const TOOL_LISTS = ['tools', 'functions', 'mcp_servers'];

function toolNames(document: JsonDocument): readonly string[] {
  const names: string[] = [];
  for (const list of TOOL_LISTS)
    for (const tool of document.member(document.root, list)?.children ?? [])
      if (tool.kind === JsonKind.object) names.push(toolName(document, tool));
  // No list, but a tool of the provider's all the same.
  if (document.member(document.root, 'web_search_options') !== null) names.push('web_search');
  return names;
}

/** A tool of the provider's own may have no name but its type. */
function toolName(document: JsonDocument, tool: JsonNode): string {
  for (const holder of [tool, document.member(tool, 'function'), document.member(tool, 'custom')]) {
    const name = holder === null ? null : document.string(document.member(holder, 'name'));
    if (name !== null) return name;
  }
  return document.string(document.member(tool, 'type')) ?? '';
}

function hasSystem(document: JsonDocument, said: JsonNode | null): boolean {
  for (const name of ['system', 'instructions']) {
    const node = document.member(document.root, name);
    if (node !== null && !document.isNull(node)) return true;
  }
  for (const message of said?.children ?? []) {
    const role = message.kind === JsonKind.object ? document.string(document.member(message, 'role')) : null;
    if (role === 'system' || role === 'developer') return true;
  }
  return false;
}
