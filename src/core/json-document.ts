import { GatewayError } from './errors.ts';

/** Nesting allowed in a request; deeper input exhausts the stack of many JSON libraries. */
export const MAX_JSON_DEPTH = 64;
/** A reply may quote a request and wraps it. */
const MAX_REPLY_DEPTH = 2 * MAX_JSON_DEPTH;
/** Values with a place, of about 130 bytes each: `[{},{},…]` must not cost a hundred times its own size. */
export const MAX_JSON_VALUES = 250_000;

export const JsonKind = { object: 0, array: 1, string: 2, number: 3, literal: 4 } as const;
export type JsonKind = (typeof JsonKind)[keyof typeof JsonKind];

/** One value with its place in the source text. Numbers and literals inside arrays are checked but get no node. */
export class JsonNode {
  readonly kind: JsonKind;
  readonly parent: JsonNode | null;
  /** Decoded member name; null in arrays and at the root. */
  readonly key: string | null;
  /** Offset of the key's opening quote, -1 where there is none. */
  readonly keyStart: number;
  /** Position among the parent's values, counted from 0. */
  readonly index: number;
  readonly start: number;
  /** One past the last character. */
  end: number;
  children: readonly JsonNode[];
  hasEscape: boolean;

  constructor(
    kind: JsonKind,
    parent: JsonNode | null,
    key: string | null,
    keyStart: number,
    index: number,
    start: number,
  ) {
    this.kind = kind;
    this.parent = parent;
    this.key = key;
    this.keyStart = keyStart;
    this.index = index;
    this.start = start;
    this.end = start;
    this.children = NO_CHILDREN;
    this.hasEscape = false;
  }
}

const NO_CHILDREN: readonly JsonNode[] = [];

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
  readonly root: JsonNode;
  /** Some member name holds an upper-case or non-ASCII character: a name may differ from another by case only. */
  readonly hasUnusualKeys: boolean;

  private constructor(text: string, root: JsonNode, hasUnusualKeys: boolean) {
    this.text = text;
    this.root = root;
    this.hasUnusualKeys = hasUnusualKeys;
  }

  /**
   * A request: exactly what every parser reads alike.
   * @throws GatewayError `invalid_json`, `json_too_deep`, `body_too_large` (too many values), `ambiguous_json` (one name
   * twice in an object)
   */
  static parse(text: string): JsonDocument {
    return JsonDocument.parseWith(new Parser(text, MAX_JSON_DEPTH, true), text);
  }

  /** A provider's reply: it is not ours to refuse a name that stands twice; both are read. @throws as `parse` */
  static parseReply(text: string): JsonDocument {
    return JsonDocument.parseWith(new Parser(text, MAX_REPLY_DEPTH, false), text);
  }

  private static parseWith(parser: Parser, text: string): JsonDocument {
    const root = parser.parseDocument();
    return new JsonDocument(text, root, parser.hasUnusualKeys);
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_OBJECT = 12;

class Parser {
  hasUnusualKeys = false;
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly refusesDuplicates: boolean;
  private at = 0;
  private values = 0;
  private sawEscape = false;

  constructor(text: string, maxDepth: number, refusesDuplicates: boolean) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.refusesDuplicates = refusesDuplicates;
  }

  parseDocument(): JsonNode {
    this.skipSpace();
    const root = this.parseValue(null, null, -1, 0, 0);
    this.skipSpace();
    if (this.at !== this.text.length) this.fail('text after the end of the value');
    return root!;
  }

  /** Returns null for a number or literal in an array: checked, but nobody asks for it. */
  private parseValue(
    parent: JsonNode | null,
    key: string | null,
    keyStart: number,
    index: number,
    depth: number,
  ): JsonNode | null {
    const start = this.at;
    const kind = this.kindAt(start);
    if (kind > JsonKind.string && key === null && parent !== null) {
      this.skipScalar(kind);
      return null;
    }
    if (++this.values > MAX_JSON_VALUES) throw tooManyValues();
    const node = new JsonNode(kind, parent, key, keyStart, index, start);
    if (kind === JsonKind.string) {
      this.skipString();
      node.hasEscape = this.sawEscape;
    } else if (kind === JsonKind.object) this.parseObject(node, depth + 1);
    else if (kind === JsonKind.array) this.parseArray(node, depth + 1);
    else this.skipScalar(kind);
    node.end = this.at;
    return node;
  }

  private kindAt(at: number): JsonKind {
    const code = this.text.charCodeAt(at);
    if (code === QUOTE) return JsonKind.string;
    if (code === 0x7b) return JsonKind.object;
    if (code === 0x5b) return JsonKind.array;
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return JsonKind.number;
    if (code === 0x74 || code === 0x66 || code === 0x6e) return JsonKind.literal;
    return this.fail('a value is expected');
  }

  private parseObject(node: JsonNode, depth: number): void {
    this.enter(depth);
    if (this.closes(0x7d)) return;
    const children: JsonNode[] = [];
    for (let index = 0; ; index++) {
      if (this.text.charCodeAt(this.at) !== QUOTE) this.fail('a member name in double quotes is expected');
      const keyStart = this.at;
      const key = this.parseKey();
      this.skipSpace();
      if (this.text.charCodeAt(this.at) !== 0x3a) this.fail('":" is expected');
      this.at++;
      this.skipSpace();
      children.push(this.parseValue(node, key, keyStart, index, depth)!);
      if (this.closesAfterValue(0x7d)) break;
    }
    node.children = children;
    if (this.refusesDuplicates) rejectDuplicateKeys(node);
  }

  private parseArray(node: JsonNode, depth: number): void {
    this.enter(depth);
    if (this.closes(0x5d)) return;
    const children: JsonNode[] = [];
    for (let index = 0; ; index++) {
      const child = this.parseValue(node, null, -1, index, depth);
      if (child !== null) children.push(child);
      if (this.closesAfterValue(0x5d)) break;
    }
    if (children.length > 0) node.children = children;
  }

  private enter(depth: number): void {
    if (depth > this.maxDepth) {
      throw new GatewayError(
        'json_too_deep',
        `The body nests deeper than ${this.maxDepth} levels at character ${this.at}; flatten it.`,
      );
    }
    this.at++;
    this.skipSpace();
  }

  private closes(bracket: number): boolean {
    if (this.text.charCodeAt(this.at) !== bracket) return false;
    this.at++;
    return true;
  }

  private closesAfterValue(bracket: number): boolean {
    this.skipSpace();
    if (this.closes(bracket)) return true;
    if (this.text.charCodeAt(this.at) !== 0x2c)
      this.fail(bracket === 0x7d ? '"," or "}" is expected' : '"," or "]" is expected');
    this.at++;
    this.skipSpace();
    return false;
  }

  private parseKey(): string {
    const start = this.at;
    this.skipString();
    const key = this.sawEscape
      ? (JSON.parse(this.text.slice(start, this.at)) as string)
      : this.text.slice(start + 1, this.at - 1);
    if (!this.hasUnusualKeys) this.hasUnusualKeys = isUnusual(key);
    return key;
  }

  private skipString(): void {
    const { text } = this;
    const { length } = text;
    this.sawEscape = false;
    let at = this.at + 1;
    while (at < length) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return;
      }
      if (code === BACKSLASH) {
        this.sawEscape = true;
        at = this.skipEscape(at);
      } else if (code < 0x20) {
        this.at = at;
        this.fail('a control character in a string must be escaped');
      } else at++;
    }
    this.at = length;
    this.fail('a string is not closed');
  }

  private skipEscape(at: number): number {
    const code = this.text.charCodeAt(at + 1);
    if (code === 0x75) {
      for (let i = at + 2; i < at + 6; i++) if (!isHex(this.text.charCodeAt(i))) this.failAt(at, 'a bad \\u escape');
      return at + 6;
    }
    if (!SIMPLE_ESCAPES.has(code)) this.failAt(at, 'an unknown escape');
    return at + 2;
  }

  private skipScalar(kind: JsonKind): void {
    const pattern = kind === JsonKind.number ? NUMBER : LITERAL;
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) this.fail('a value is expected');
    this.at = pattern.lastIndex;
  }

  private skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  private failAt(at: number, what: string): never {
    this.at = at;
    return this.fail(what);
  }

  /** Names the place, never the text: bodies hold secrets, messages are logged. */
  private fail(what: string): never {
    const before = this.text.slice(0, this.at);
    const line = before.split('\n').length;
    const column = this.at - before.lastIndexOf('\n');
    throw new GatewayError('invalid_json', `The body is not valid JSON: ${what} at line ${line}, column ${column}.`);
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const SIMPLE_ESCAPES = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

function tooManyValues(): GatewayError {
  return new GatewayError(
    'body_too_large',
    `The body holds more than ${MAX_JSON_VALUES} values; send fewer at a time.`,
  );
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function isUnusual(key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if ((code >= 0x41 && code <= 0x5a) || code > 0x7e) return true;
  }
  return false;
}

/** Parsers disagree on which of two equal names wins, so what we judged might not be what the provider reads. */
function rejectDuplicateKeys(node: JsonNode): void {
  const { children } = node;
  if (children.length > SMALL_OBJECT) {
    const seen = new Set<string>();
    for (const child of children) if (seen.size === seen.add(child.key!).size) failDuplicate(child);
    return;
  }
  for (let i = 1; i < children.length; i++) {
    for (let j = 0; j < i; j++) if (children[i]!.key === children[j]!.key) failDuplicate(children[i]!);
  }
}

function failDuplicate(node: JsonNode): never {
  const name = JSON.stringify(node.key!.slice(0, 64));
  throw new GatewayError(
    'ambiguous_json',
    `The name ${name} stands twice in one object (character ${node.keyStart}); send it once.`,
  );
}
