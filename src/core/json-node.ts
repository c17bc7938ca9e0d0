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
