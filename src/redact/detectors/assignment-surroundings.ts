import type { Chars } from '../../core/units.ts';
import { CharSet, EDGE_CODE, LEFT_CONTEXT } from '../char-set.ts';
import type { Link, Tie } from './assigned-value.ts';
import type { Surroundings } from './assignment-values.ts';
import { isAllUpper } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';

/** What stands behind a value tells where it stands. */
export const LOOKAHEAD: Chars = 3;
export const BLANK = new CharSet(' \t');
const LINE_LEAD =
  /(?:^|[\r\n]|\\n|\uffff)[\s"'`{*>#$-]*(?:(?:export|set|setx|env|arg|declare|local)[ \t]+(?:-[a-z]+[ \t]+)?)?["'$]?$/i;
export const LONGEST_LEAD: Chars = 48;
const STOPS_STATEMENT = new CharSet(',;');
const FIRST_COLUMN = /(?:^|[\r\n\uffff]|\\n)$/;
const YAML_BEFORE = /(?:^|\n)[ -]{0,24}[A-Za-z0-9_.-]{1,40}:(?:[ \t][^\n,;{}()'"<>]{0,60})?\r?\n[ -]{0,24}$/;
const INI_BEFORE = /(?:^|\n)\[[A-Za-z0-9_. :"-]{1,40}\]\r?\n[^{}()]{0,100}$/;
/** `name=value ` before a name, ` name=` behind a value. */
const PAIR_BEFORE =
  /(?:^|[\s"'`\uffff])[A-Za-z][A-Za-z0-9_.-]{0,24}=(?:'[^'\n]{0,32}'|[^\s'"`;(){}<>]{0,32}[^\s'"`,;(){}<>])[ \t]$/;
const PAIR_BEHIND = /[ \t][A-Za-z][A-Za-z0-9_.-]{0,24}=[^\s=>~]/y;
const CLOSING_BRACE = 0x7d;
const BACKSLASH = 0x5c;
const AMPERSAND = 0x26;
const HASH = 0x23;

/** A name whose value is judged. */
export interface Name {
  readonly kind: NameKind;
  readonly start: number;
  readonly end: number;
  /** The keyword ends it. */
  readonly isLast: boolean;
}

/** `${NAME:-value}` */
export function isSubstitution(text: string, { start }: Name, end: number): boolean {
  return text.startsWith('${', start - 2) && text.charCodeAt(end) === CLOSING_BRACE;
}

/** @param end behind the value; @param stop where it was cut off, before trailing punctuation */
export function surroundingsOf(text: string, name: Name, link: Link, end: number, stop: number): Surroundings {
  const isCut = end < stop || STOPS_STATEMENT.has(text.charCodeAt(stop));
  const behind = text.charCodeAt(BLANK.runEnd(text, stop, stop + LOOKAHEAD));
  const endsLine = !isCut && !(behind >= 0x20 && behind !== HASH && behind !== EDGE_CODE && behind !== BACKSLASH);
  const lead = text.slice(Math.max(0, name.start - LONGEST_LEAD), name.start);
  const isTight = link.tie === 'equals' && link.isTight;
  const isLine = endsLine && LINE_LEAD.test(lead.length < LONGEST_LEAD ? lead : ` ${lead}`);
  return {
    isEnv: !isCut && isTight && isAllUpper(text, name.start, name.end),
    isLine: isLine || link.tie === 'named',
    isProperty: isLine && isTight && FIRST_COLUMN.test(lead),
    isQuery: isQuery(text, name, link) || isSubstitution(text, name, end) || (isTight && isPair(text, lead, stop)),
    isColon: link.tie === 'colon' || link.tie === 'named',
    isConfiguration: isLine && (isConfiguration(text, name.start, link.tie) || isOfEnvironment(text, name, link.tie)),
  };
}

/** One of several `name=value` with nothing but a blank between. */
function isPair(text: string, lead: string, stop: number): boolean {
  PAIR_BEHIND.lastIndex = stop;
  return PAIR_BEFORE.test(lead) || PAIR_BEHIND.test(text);
}

/** `POSTGRES_PASSWORD: …` of a container, by itself. */
function isOfEnvironment(text: string, { start, end }: Name, tie: Tie): boolean {
  return tie === 'colon' && isAllUpper(text, start, end) && text.slice(start, end).includes('_');
}

/** Lines of YAML, and of sections of INI files: code looks alike only where it ends lines with no punctuation. */
function isConfiguration(text: string, at: number, tie: Tie): boolean {
  const before = text.slice(Math.max(0, at - LEFT_CONTEXT), at);
  return tie === 'colon' ? YAML_BEFORE.test(before) : tie === 'equals' && INI_BEFORE.test(before);
}

export function isQuery(text: string, { start }: Name, { tie, isTight }: Link): boolean {
  const before = text.charCodeAt(start - 1);
  return tie === 'equals' && isTight && (before === AMPERSAND || before === 0x3f);
}
