/** Characters up to 0x7f each, and one for all others. */
const OTHER = 0x80;
const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: ' \t\n\r\f\v\u00a0' };
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };
/** Texts in which something is repeated without end are no longer. */
const LONGEST_TEXT = 256;
/** A group that takes more of what it gave away with each of so many rounds does so with every one. */
const ROUNDS = 4;

type Chars = ReadonlySet<number>;

/** What an expression is made of. */
type Node =
  | { readonly kind: 'chars'; readonly chars: Chars }
  | { readonly kind: 'all'; readonly nodes: readonly Node[] }
  | { readonly kind: 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

/** Where a match may be: in how many ways the last characters may have been shared out, and which of them. */
interface State {
  readonly ways: number;
  readonly shared: Chars;
}

const START: State = { ways: 1, shared: new Set() };

/**
 * An upper bound for the ways in which the parts of an expression share out one text. Parts of variable length multiply
 * as long as they can take characters from each other; a character in between that none of them can take ends that.
 */
export function waysToMatch(source: string): number {
  const walk = new Walk();
  walk.through(withoutRest(new Reader(source).alternatives()), [START]);
  return walk.most;
}

/** What may be of any length at the end of all never fails: nothing before it is tried again for it. */
function withoutRest(node: Node): Node {
  const last = node.kind === 'all' ? node.nodes.at(-1) : undefined;
  if (node.kind !== 'all' || last?.kind !== 'repeat' || last.node.kind !== 'chars') return node;
  return { kind: 'all', nodes: [...node.nodes.slice(0, -1), { ...last, most: last.least }] };
}

class Walk {
  most = 1;

  through(node: Node, states: readonly State[]): State[] {
    switch (node.kind) {
      case 'chars':
        return this.noted(states.map((state) => (overlap(state.shared, node.chars) ? state : START)));
      case 'all':
        return node.nodes.reduce<State[]>((reached, each) => this.through(each, reached), [...states]);
      case 'any':
        return this.noted(node.nodes.flatMap((each) => this.through(each, states)));
      case 'repeat':
        return node.node.kind === 'chars' ? this.run(node.node.chars, node, states) : this.rounds(node, states);
    }
  }

  /** One character class, repeated. */
  private run(chars: Chars, { least, most }: { least: number; most: number }, states: readonly State[]): State[] {
    if (least === most) return this.through({ kind: 'chars', chars }, states);
    const lengths = most - least + 1;
    const taken = states.map(({ ways, shared }) =>
      overlap(shared, chars)
        ? { ways: ways * lengths, shared: new Set([...shared, ...chars]) }
        : { ways: lengths, shared: chars },
    );
    return this.noted(least === 0 ? [...states, ...taken] : taken);
  }

  private rounds({ node, least, most }: Extract<Node, { kind: 'repeat' }>, states: readonly State[]): State[] {
    const reached: State[] = least === 0 ? [...states] : [];
    let round = states;
    const ways: number[] = [];
    for (let i = 0; i < Math.min(most, ROUNDS); i++) {
      round = this.through(node, round);
      ways.push(Math.max(...round.map((state) => state.ways)));
      reached.push(...round);
    }
    if (most > ROUNDS && ways[ROUNDS - 1]! > ways[ROUNDS - 2]!) this.most = Infinity;
    if (most > 1 && branchesOverlap(node)) this.most = most > ROUNDS ? Infinity : this.most * 2 ** most;
    return this.noted(reached);
  }

  /** Of states that share the same characters the one of most ways. */
  private noted(states: readonly State[]): State[] {
    const kept = new Map<string, State>();
    for (const state of states) {
      this.most = Math.max(this.most, state.ways);
      const key = [...state.shared].sort((a, b) => a - b).join();
      if (state.ways > (kept.get(key)?.ways ?? 0)) kept.set(key, state);
    }
    return [...kept.values()];
  }
}

function overlap(a: Chars, b: Chars): boolean {
  return [...b].some((char) => a.has(char));
}

/** Two alternatives of a repeated group begin alike: each round may be matched by either. */
function branchesOverlap(node: Node): boolean {
  if (node.kind !== 'any') return false;
  const firsts = node.nodes.map(firstChars);
  return firsts.some((first, i) => firsts.slice(i + 1).some((other) => overlap(first, other)));
}

function firstChars(node: Node): Chars {
  if (node.kind === 'chars') return node.chars;
  if (node.kind === 'repeat') return firstChars(node.node);
  if (node.kind === 'any') return new Set(node.nodes.flatMap((each) => [...firstChars(each)]));
  const first = new Set<number>();
  for (const each of node.nodes) {
    for (const char of firstChars(each)) first.add(char);
    if (each.kind !== 'repeat' || each.least > 0) break;
  }
  return first;
}

/** Reads the syntax that the rules use; anchors and what is looked for ahead match nothing. */
class Reader {
  private readonly source: string;
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  alternatives(): Node {
    const nodes = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at++;
      nodes.push(this.sequence());
    }
    return nodes.length === 1 ? nodes[0]! : { kind: 'any', nodes };
  }

  private sequence(): Node {
    const nodes: Node[] = [];
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!)) {
      nodes.push(this.quantified(this.atom()));
    }
    return { kind: 'all', nodes };
  }

  private atom(): Node {
    const char = this.source[this.at++]!;
    if (char === '(') return this.group();
    if (char === '[') return this.bracket();
    if (char === '^') return NOTHING;
    if (char === '$') return END;
    if (char === '.') return complement(new Set([0x0a, 0x0d]));
    if (char !== '\\') return ofRanges(char);
    return 'bB'.includes(this.source[this.at]!) ? this.skip() : { kind: 'chars', chars: this.escaped() };
  }

  private skip(): Node {
    this.at++;
    return NOTHING;
  }

  private group(): Node {
    const [prefix] = /^\?(?:[:=!]|<[=!])/.exec(this.source.slice(this.at)) ?? [''];
    this.at += prefix.length;
    const node = this.alternatives();
    this.at++;
    return /[=!]$/.test(prefix) ? NOTHING : node;
  }

  /** Behind the backslash; a group that is repeated as it was found may be anything. */
  private escaped(): Chars {
    const char = this.source[this.at++]!;
    if (/[1-9]/.test(char)) return complement(new Set()).chars;
    const named = CLASSES[char.toLowerCase()];
    if (named !== undefined)
      return char === char.toLowerCase() ? ofRanges(named).chars : complement(ofRanges(named).chars).chars;
    const digits = { x: 2, u: 4 }[char];
    if (digits === undefined) return ofRanges(CONTROLS[char] ?? char).chars;
    this.at += digits;
    return new Set([unitOf(Number.parseInt(this.source.slice(this.at - digits, this.at), 16))]);
  }

  private bracket(): Extract<Node, { kind: 'chars' }> {
    const isNegated = this.source[this.at] === '^';
    if (isNegated) this.at++;
    const chars = new Set<number>();
    while (this.source[this.at] !== ']') for (const code of this.range()) chars.add(code);
    this.at++;
    return isNegated ? complement(chars) : { kind: 'chars', chars };
  }

  private range(): Chars {
    const first = this.member();
    if (first.size !== 1 || this.source[this.at] !== '-' || this.source[this.at + 1] === ']') return first;
    this.at++;
    const [from] = first;
    const [to] = this.member();
    return new Set(Array.from({ length: to! - from! + 1 }, (_, i) => from! + i));
  }

  private member(): Chars {
    const char = this.source[this.at++]!;
    return char === '\\' ? this.escaped() : new Set([unitOf(char.charCodeAt(0))]);
  }

  private quantified(node: Node): Node {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.source.slice(this.at));
    if (found === null) return node;
    this.at += found[0].length;
    const [least, most] = bounds(found);
    return { kind: 'repeat', node, least, most };
  }
}

function bounds([text, least, comma, most]: RegExpExecArray): [least: number, most: number] {
  if (text.startsWith('?')) return [0, 1];
  if (text.startsWith('*') || text.startsWith('+')) return [text.startsWith('*') ? 0 : 1, LONGEST_TEXT];
  if (comma === '') return [Number(least), Number(least)];
  return [Number(least), most === '' ? LONGEST_TEXT : Number(most)];
}

const NOTHING: Node = { kind: 'all', nodes: [] };
const END: Node = { kind: 'any', nodes: [NOTHING] };

function unitOf(code: number): number {
  return Math.min(code, OTHER);
}

/** As inside brackets, without escapes. */
function ofRanges(ranges: string): Extract<Node, { kind: 'chars' }> {
  const chars = new Set<number>();
  for (let i = 0; i < ranges.length; i++) {
    const isRange = ranges[i + 1] === '-' && i + 2 < ranges.length;
    const last = ranges.charCodeAt(isRange ? i + 2 : i);
    for (let code = ranges.charCodeAt(i); code <= last; code++) chars.add(unitOf(code));
    if (isRange) i += 2;
  }
  return { kind: 'chars', chars };
}

function complement(chars: Chars): Extract<Node, { kind: 'chars' }> {
  const all = Array.from({ length: OTHER + 1 }, (_, code) => code);
  return { kind: 'chars', chars: new Set(all.filter((code) => !chars.has(code))) };
}
