import type { RE2JS } from 're2js';

/** What a boundary or an anchor can tell about a character, or about where the text begins or ends. */
const WORD = 1;
const LINE_FEED = 2;
const OTHER = 4;
const EDGE = 8;
const KINDS = [WORD, LINE_FEED, OTHER, EDGE] as const;
type Kind = (typeof KINDS)[number];

/** Of the engine's program: operations and conditions. */
const ALT = 1;
const ALT_MATCH = 2;
const EMPTY_WIDTH = 4;
const FAIL = 5;
const MATCH = 6;
const RUNE = 8;
const RUNE_ANY_NOT_NL = 11;
const BEGIN_LINE = 1;
const END_LINE = 2;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
const BOUNDARY = 16;
const NO_BOUNDARY = 32;

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  /** Pairs of first and last code points; one alone stands for itself. */
  readonly runes: ArrayLike<number>;
  matchRune(rune: number): boolean;
}

interface Program {
  readonly start: number;
  readonly inst: readonly Instruction[];
}

/** An instruction, what stands before it and what comes next. */
interface State {
  readonly at: number;
  readonly before: Kind;
  readonly after: Kind;
}

/**
 * Some text makes the pattern match. `$a`, `a\bb` and an empty class never do: of all states that the engine can be in,
 * told apart by what boundaries and anchors look at, none is a match.
 */
export function canMatch(pattern: RE2JS): boolean {
  const program = (pattern.re2() as unknown as { readonly prog: Program }).prog;
  const seen = new Set<number>();
  const open: State[] = [];
  const visit = (at: number, before: Kind, after: Kind): void => {
    const key = (at * 16 + before) * 16 + after;
    if (seen.has(key)) return;
    seen.add(key);
    open.push({ at, before, after });
  };
  for (const before of KINDS) for (const after of KINDS) visit(program.start, before, after);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (program.inst[state.at]!.op === MATCH) return true;
    step(program.inst[state.at]!, state, visit);
  }
  return false;
}

function step(
  instruction: Instruction,
  { before, after }: State,
  visit: (at: number, before: Kind, after: Kind) => void,
): void {
  const { op, out, arg } = instruction;
  if (op === FAIL) return;
  if (op === ALT || op === ALT_MATCH) visit(arg, before, after);
  if (op >= RUNE && op <= RUNE_ANY_NOT_NL) {
    if (accepts(instruction, after)) for (const next of KINDS) visit(out, after, next);
  } else if (op !== EMPTY_WIDTH || (arg & ~conditions(before, after)) === 0) visit(out, before, after);
}

function conditions(before: Kind, after: Kind): number {
  const isBoundary = (before === WORD) !== (after === WORD);
  return (
    (isBoundary ? BOUNDARY : NO_BOUNDARY) |
    (before === EDGE ? BEGIN_TEXT | BEGIN_LINE : 0) |
    (before === LINE_FEED ? BEGIN_LINE : 0) |
    (after === EDGE ? END_TEXT | END_LINE : 0) |
    (after === LINE_FEED ? END_LINE : 0)
  );
}

function kindOf(rune: number): Kind {
  if (rune === 0x0a) return LINE_FEED;
  return rune < 0x80 && /\w/.test(String.fromCharCode(rune)) ? WORD : OTHER;
}

/** Looks at the edges of the ranges: a range that goes on beyond ASCII has other characters there. */
function accepts(instruction: Instruction, kind: Kind): boolean {
  const { op, runes } = instruction;
  if (kind === EDGE) return false;
  if (op > RUNE + 1) return kind !== LINE_FEED || op !== RUNE_ANY_NOT_NL;
  for (let rune = 0; rune < 0x80; rune++) if (kindOf(rune) === kind && instruction.matchRune(rune)) return true;
  return kind === OTHER && Array.from(runes).some((rune) => rune >= 0x80);
}
