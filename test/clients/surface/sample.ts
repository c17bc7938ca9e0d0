import ts from 'typescript';

/** How much of a type a sample has. */
export interface Measure {
  /** Optional members, too. */
  readonly isFull: boolean;
  /** Which member of each union: counted round. */
  readonly variant: number;
}

/** Deeper than this a sample has only what it must. */
const FULL_DEPTH = 5;
/** Deeper than this a required object of a type that holds itself is empty. */
const MOST_DEPTH = 14;

/** States in which helpers that wait for an end stop waiting. */
const ENDED: ReadonlySet<unknown> = new Set(['completed', 'processed', 'ready', 'succeeded', 'active']);

/** What cannot be left out although there is nothing to say. */
export const NOTHING = Symbol('nothing');

/** Makes values of the SDK's own types: plausible arguments, replies that its parsers take. */
export class Sampler {
  private readonly checker: ts.TypeChecker;
  private readonly measure: Measure;

  constructor(checker: ts.TypeChecker, measure: Measure) {
    this.checker = checker;
    this.measure = measure;
  }

  /** @returns NOTHING where the type has no value that can be sent */
  of(type: ts.Type, name: string, depth = 0): unknown {
    const { flags } = type;
    // SDKs warn of some that they know.
    if (name === 'model') return 'a-model';
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return { anything: [1, 'two', null] };
    if (flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return NOTHING;
    if (flags & ts.TypeFlags.Null) return null;
    if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
    if (flags & ts.TypeFlags.BooleanLiteral) return this.checker.typeToString(type) === 'true';
    if (flags & ts.TypeFlags.Boolean) return true;
    if (flags & ts.TypeFlags.StringLike) return this.text(name);
    if (flags & ts.TypeFlags.NumberLike) return 7;
    if (type.aliasSymbol?.name === 'Uploadable') return fileFor(name);
    if (type.isUnion()) return this.ofUnion(type, name, depth);
    if (type.isIntersection() && type.types.some(isText)) return this.text(name);
    if (flags & ts.TypeFlags.TypeParameter) return this.ofConstraint(type, name, depth);
    return this.ofObject(type, name, depth);
  }

  private text(name: string): string {
    return textFor(name, this.measure.variant);
  }

  private ofConstraint(type: ts.Type, name: string, depth: number): unknown {
    const constraint = this.checker.getBaseConstraintOfType(type);
    return constraint === undefined || constraint === type ? { anything: true } : this.of(constraint, name, depth);
  }

  private ofUnion({ types }: ts.UnionType, name: string, depth: number): unknown {
    if (name === 'status') {
      const ended = types.find((each) => each.isStringLiteral() && ENDED.has(each.value));
      if (ended !== undefined) return this.of(ended, name);
    }
    const said = types.filter((each) => !(each.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
    const plain = said.filter((each) => !(each.flags & ts.TypeFlags.Object));
    const eligible = depth > FULL_DEPTH && plain.length > 0 ? plain : said;
    if (eligible.length === 0) return null;
    for (let i = 0; i < eligible.length; i++) {
      const value = this.of(eligible[(this.measure.variant + i) % eligible.length]!, name, depth);
      if (value !== NOTHING) return value;
    }
    return types.some((each) => each.flags & ts.TypeFlags.Null) ? null : NOTHING;
  }

  private ofObject(type: ts.Type, name: string, depth: number): unknown {
    const { checker } = this;
    if (checker.isTupleType(type))
      return checker.getTypeArguments(type as ts.TypeReference).map((each) => this.of(each, name, depth + 1));
    if (checker.isArrayType(type)) {
      const entry =
        depth > MOST_DEPTH ? NOTHING : this.of(checker.getTypeArguments(type as ts.TypeReference)[0]!, name, depth + 1);
      return entry === NOTHING ? [] : [entry];
    }
    if (type.getCallSignatures().length > 0 || type.symbol?.name === 'AbortSignal') return NOTHING;
    if (type.symbol?.name === 'Date') return new Date(0);
    if (/^(?:Blob|File|ArrayBuffer|Uint8Array)$/.test(type.symbol?.name ?? '')) return NOTHING;
    return depth > MOST_DEPTH ? {} : this.members(type, depth);
  }

  private members(type: ts.Type, depth: number): Record<string, unknown> {
    const { checker, measure } = this;
    const value: Record<string, unknown> = {};
    for (const member of type.getProperties()) {
      const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0;
      if (isOptional && (!measure.isFull || depth > FULL_DEPTH)) continue;
      if (member.flags & ts.SymbolFlags.Method || /^(?:#|__@)/.test(member.name)) continue;
      if (SAID_TWICE.has(member.name)) continue;
      const each = this.of(checker.getTypeOfSymbol(member), member.name, depth + 1);
      if (each !== NOTHING) value[member.name] = each;
    }
    const indexed = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    const entry = indexed === undefined ? NOTHING : this.of(indexed, 'entry', depth + 1);
    if (entry !== NOTHING) value['entry'] = entry;
    return value;
  }
}

function isText({ flags }: ts.Type): boolean {
  return (flags & ts.TypeFlags.StringLike) !== 0;
}

/** Members that say the same as another one, which the SDK refuses. */
const SAID_TWICE = new Set(['output_format']);

/** As somebody would fill in a form, or as a test would that only needs some text. */
function textFor(name: string, variant: number): string {
  if (name === 'path') return '/workspace/a/file.txt';
  if (/url$/i.test(name)) return 'https://example.com/a?b=c';
  if (/_at$|date|time$/i.test(name)) return '2019-12-27T18:11:19.117Z';
  if (/data$|b64/i.test(name)) return 'QSBzYW1wbGUgb2YgYnl0ZXM=';
  if (/email/i.test(name)) return 'dev@example.com';
  if (variant % 3 === 1) return name;
  if (/(?:^|_)ids?$|ID$|Id$/.test(name)) return `${name.toLowerCase()}_01AbCdEf9`;
  return variant % 3 === 2 ? 'x' : `${name} as tëxt`;
}

/** Bytes that are no text. */
function fileFor(name: string): File {
  return new File([Uint8Array.from({ length: 700 }, (_, at) => (at * 7) % 256)], `${name} ü.bin`);
}
