import { RE2JS } from 're2js';
import type { CustomRule } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { EDGE } from './char-set.ts';
import type { RuleInfo } from './detector.ts';
import { canMatch } from './pattern-liveness.ts';
import { longestMatch } from './pattern-length.ts';

/** A longer match would make streams wait for too much text. */
const LONGEST_CUSTOM_MATCH: Chars = 1024;
/** What the engine looks at for a character at most: {1,1000} of one character fits. */
const MOST_STEPS = 2048;
/** Finds win over all bundled rules: the operator knows best. */
const CUSTOM_RANK = 5;

/**
 * A rule of the configuration, judged on the text up to the next EDGE as if that were all. Linear by construction: the
 * engine follows all ways to match at once, each of its steps at most once a character, and a search that goes on behind
 * a match reads no more characters again than the longest match has.
 */
export class CustomDetector implements RuleInfo {
  readonly id: string;
  readonly category = 'custom';
  readonly description = 'Rule of the configuration';
  readonly rank = CUSTOM_RANK;
  readonly redactsPartial = false;
  readonly longest: Chars;
  private readonly pattern: RE2JS;

  /** @throws Error which names the rule, what is wrong with the pattern and what to write instead. */
  constructor(rule: CustomRule) {
    this.id = rule.id;
    this.pattern = compile(rule);
    this.longest = longestMatch(rule.pattern);
    if (this.longest >= LONGEST_CUSTOM_MATCH) throw refusal(rule, unboundedProblem(this.longest));
    if (this.pattern.programSize() > MOST_STEPS) throw refusal(rule, stepsProblem(this.pattern.programSize()));
    if (!canMatch(this.pattern))
      throw refusal(
        rule,
        'can never match: its anchors or boundaries contradict what stands beside them, or a class is empty',
      );
    if (this.pattern.test('')) throw refusal(rule, 'matches the empty text; make it need at least one character');
  }

  test(text: string): boolean {
    return this.pattern.test(text);
  }

  canonical(value: string): string {
    return value;
  }

  /**
   * Calls `found` for every match at or after `from` that further text cannot change; returns the end of the last one.
   * @param final the text ends where the string ends
   */
  search(text: string, from: number, final: boolean, found: (start: number, end: number) => void): number {
    // A match may look at what stands before `from`, as far as the text before it is the same string.
    let start = from === 0 ? 0 : text.lastIndexOf(EDGE, from - 1) + 1;
    let reached = from;
    while (reached < text.length) {
      const edge = text.indexOf(EDGE, reached);
      const end = edge < 0 ? text.length : edge;
      reached = this.searchString(text, start, reached, end, final || edge >= 0, found);
      if (edge < 0) break;
      start = reached = edge + 1;
    }
    return reached;
  }

  private searchString(
    text: string,
    offset: number,
    from: number,
    to: number,
    final: boolean,
    found: (start: number, end: number) => void,
  ): number {
    const string = text.slice(offset, to);
    // Many times as fast as the search for where a match begins and ends.
    if (!this.pattern.test(string)) return from;
    const matcher = this.pattern.matcher(string);
    let reached = from;
    for (let at = from - offset; at < to - offset && matcher.find(at);) {
      const start = matcher.start() + offset;
      const end = matcher.end() + offset;
      if (!final && start + this.longest + 1 > to) break;
      if (end > start) found(start, (reached = end));
      at = Math.max(end, start + 1) - offset;
    }
    return reached;
  }
}

function compile(rule: CustomRule): RE2JS {
  try {
    return RE2JS.compile(rule.pattern);
  } catch (error) {
    throw refusal(
      rule,
      `is not valid RE2 syntax (${error instanceof Error ? error.message : String(error)}); look-around and back-references do not exist there`,
    );
  }
}

function unboundedProblem(longest: Chars): string {
  const limit = `at most ${LONGEST_CUSTOM_MATCH - 1} characters, so that streams wait for a bounded text`;
  if (longest === Infinity) return `has no longest match; write {0,N} or {1,N} instead of *, + and {N,}: ${limit}`;
  return `can match ${longest} characters; shorten its repetitions to ${limit}`;
}

function stepsProblem(steps: number): string {
  return `takes up to ${steps} steps a character; shorten its repetitions to at most ${MOST_STEPS}`;
}

function refusal(rule: CustomRule, problem: string): Error {
  return new Error(`redaction.rules: the pattern of "${rule.id}" ${problem}.`);
}
