import { RE2JS } from 're2js';
import type { CustomRule } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { EDGE } from './char-set.ts';
import type { RuleInfo } from './detector.ts';
import { longestMatch } from './pattern-length.ts';

/** A longer match would make streams wait for too much text. */
const LONGEST_CUSTOM_MATCH: Chars = 1024;
/** Finds win over all bundled rules: the operator knows best. */
const CUSTOM_RANK = 5;

/** A rule of the configuration, judged on the text up to the next EDGE as if that were all. */
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
    if (this.pattern.matcher('').find())
      throw refusal(rule, 'matches the empty text; make it need at least one character');
  }

  test(text: string): boolean {
    return this.pattern.test(text);
  }

  canonical(value: string): string {
    return value;
  }

  /**
   * The first match at or after `from` that further text cannot change; null where there is none yet.
   * @param final the text ends where the string ends
   */
  find(text: string, from: number, final: boolean): { readonly start: number; readonly end: number } | null {
    for (let start = from; start < text.length;) {
      const edge = text.indexOf(EDGE, start);
      const found = this.findBefore(text, start, edge < 0 ? text.length : edge, final || edge >= 0);
      if (found !== null || edge < 0) return found;
      start = edge + 1;
    }
    return null;
  }

  private findBefore(text: string, from: number, to: number, final: boolean): { start: number; end: number } | null {
    const edge = from === 0 ? -1 : text.lastIndexOf(EDGE, from - 1);
    const offset = edge + 1;
    const matcher = this.pattern.matcher(text.slice(offset, to));
    for (let at = from - offset; at < to - offset && matcher.find(at); at = matcher.start() + 1) {
      const start = matcher.start() + offset;
      const end = matcher.end() + offset;
      if (!final && start + this.longest + 1 > to) return null;
      if (end > start) return { start, end };
    }
    return null;
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

function refusal(rule: CustomRule, problem: string): Error {
  return new Error(`redaction.rules: the pattern of "${rule.id}" ${problem}.`);
}
