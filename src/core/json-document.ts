import { JsonKind, type JsonNode } from './json-node.ts';
import { JsonParser, MAX_JSON_DEPTH, MAX_REPLY_DEPTH } from './json-parser.ts';

export { JsonKind, JsonNode } from './json-node.ts';

/** A replacement of `text[start, end)`. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * JSON text with the place of every value, so that a change is spliced into the original: big integers, key order and
 * white space survive, and text without changes is still the text that came. Accepts exactly RFC 8259, as `JSON.parse` does.
 */
export class JsonDocument {
  readonly text: string;
  /** Some member name holds an upper-case or non-ASCII character: a name may differ from another by case only. */
  readonly hasUnusualKeys: boolean;
  private readonly maxDepth: number;
  private tree: JsonNode | null;

  private constructor(text: string, tree: JsonNode | null, hasUnusualKeys: boolean, maxDepth: number) {
    this.text = text;
    this.tree = tree;
    this.hasUnusualKeys = hasUnusualKeys;
    this.maxDepth = maxDepth;
  }

  /**
   * A request: exactly what every parser reads alike.
   * @throws GatewayError `invalid_json`, `json_too_deep`, `body_too_large` (too many values), `ambiguous_json` (one name
   * twice in an object)
   */
  static parse(text: string): JsonDocument {
    return JsonDocument.parseWith(new JsonParser(text, MAX_JSON_DEPTH, true), text, MAX_JSON_DEPTH);
  }

  /** A provider's reply: it is not ours to refuse a name that stands twice; both are read. @throws as `parse` */
  static parseReply(text: string): JsonDocument {
    return JsonDocument.parseWith(new JsonParser(text, MAX_REPLY_DEPTH, false), text, MAX_REPLY_DEPTH);
  }

  private static parseWith(parser: JsonParser, text: string, maxDepth: number): JsonDocument {
    const root = parser.parseDocument();
    return new JsonDocument(text, root, parser.hasUnusualKeys, maxDepth);
  }

  get root(): JsonNode {
    return (this.tree ??= new JsonParser(this.text, this.maxDepth, false).parseDocument());
  }

  /** The document with these changes, which must leave it valid; parsed again only where its values are asked for. */
  edited(edits: readonly TextEdit[]): JsonDocument {
    return new JsonDocument(applyEdits(this.text, edits), null, this.hasUnusualKeys, this.maxDepth);
  }

  member(node: JsonNode, key: string): JsonNode | null {
    if (node.kind !== JsonKind.object) return null;
    const { children } = node;
    for (let i = 0; i < children.length; i++) if (children[i]!.key === key) return children[i]!;
    return null;
  }

  /** The decoded string, or null where the node is absent or no string. */
  string(node: JsonNode | null): string | null {
    if (node === null || node.kind !== JsonKind.string) return null;
    if (node.hasEscape) return JSON.parse(this.text.slice(node.start, node.end)) as string;
    return this.text.slice(node.start + 1, node.end - 1);
  }

  number(node: JsonNode | null): number | null {
    return node !== null && node.kind === JsonKind.number ? Number(this.text.slice(node.start, node.end)) : null;
  }

  isTrue(node: JsonNode | null): boolean {
    return node !== null && node.kind === JsonKind.literal && this.text.charCodeAt(node.start) === 0x74;
  }

  isNull(node: JsonNode | null): boolean {
    return node !== null && node.kind === JsonKind.literal && this.text.charCodeAt(node.start) === 0x6e;
  }

  /** One past the closing quote of its name. */
  nameEnd({ start }: JsonNode): number {
    return this.text.lastIndexOf('"', this.text.lastIndexOf(':', start)) + 1;
  }

  /** The plain value; for use off the hot path. */
  value(node: JsonNode): unknown {
    return JSON.parse(this.text.slice(node.start, node.end));
  }

  /** Where a value stands, for people: `messages[2].content`. */
  path(node: JsonNode): string {
    if (node.parent === null) return '';
    const outer = this.path(node.parent);
    if (node.key === null) return `${outer}[${node.index}]`;
    return outer === '' ? node.key : `${outer}.${node.key}`;
  }
}

/** Applies edits that do not overlap; their order does not matter. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  if (edits.length === 0) return text;
  const sorted = edits.length === 1 ? edits : [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let from = 0;
  for (const edit of sorted) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}
