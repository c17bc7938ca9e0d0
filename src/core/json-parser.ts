import { GatewayError } from './errors.ts';
import type { Chars } from './units.ts';
import { JsonKind, JsonNode } from './json-node.ts';

/** Nesting allowed in a request; deeper input exhausts the stack of many JSON libraries. */
export const MAX_JSON_DEPTH = 64;
/** A reply may quote a request and wraps it. */
export const MAX_REPLY_DEPTH = 2 * MAX_JSON_DEPTH;
/** Values with a place, of about 130 bytes each: `[{},{},…]` must not cost a hundred times its own size. */
const MAX_JSON_VALUES = 250_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SMALL_OBJECT = 12;

/** A parser of RFC 8259 that remembers where every value stands. One per text. */
export class JsonParser {
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
    let far = at + NEAR;
    while (at < length) {
      if (at >= far) {
        at = nextSpecial(text, at);
        far = at + NEAR;
      }
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

/** In long strings the next character that is not plain is far: native code finds it in a fourth of the time. */
const NEAR: Chars = 128;
const SPECIAL = /["\\\0-\x1f]/g;

/** The text's length where there is none. */
function nextSpecial(text: string, from: number): number {
  SPECIAL.lastIndex = from;
  return SPECIAL.test(text) ? SPECIAL.lastIndex - 1 : text.length;
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
