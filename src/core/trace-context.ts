import type { Chars } from './units.ts';

/** A span of another process, as `traceparent` tells it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * Null where the header is not there or not valid: then a trace begins here. One that is sent twice is not valid.
 * @source W3C Trace Context, section 3.2: `ff` is no version, 00 has nothing behind its flags, later ones may
 */
export function readTraceparent(header: string | string[] | undefined): TraceParent | null {
  if (typeof header !== 'string') return null;
  const match = TRACEPARENT.exec(header.trim());
  if (match === null) return null;
  const [, version, traceId, spanId, flags, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (traceId === NO_TRACE || spanId === NO_SPAN) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent(traceId: string, spanId: string, isSampled: boolean): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

const MOST_MEMBERS = 32;
/** @source W3C Trace Context, section 3.3.1.5: vendors should pass on at least so much */
const MOST_STATE: Chars = 512;
const LONG_MEMBER: Chars = 128;
const MEMBER = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** What of `tracestate` goes on; empty where it is not valid. Long members go first, then the last ones. */
export function cappedTracestate(header: string | string[] | undefined): string {
  if (header === undefined) return '';
  const text = typeof header === 'string' ? header : header.join(',');
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length > MOST_MEMBERS || !members.every((member) => MEMBER.test(member))) return '';
  const isLong = members.join(',').length > MOST_STATE;
  const kept = isLong ? members.filter(({ length }) => length <= LONG_MEMBER) : members;
  while (kept.join(',').length > MOST_STATE) kept.pop();
  return kept.join(',');
}
