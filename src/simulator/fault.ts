import { isObject } from './json.ts';
import type { Random } from './random.ts';

/** What can go wrong on purpose, with the words that explain it to a user. */
export const FAULTS = {
  reset: 'the connection is reset before the headers',
  'reset-mid': 'the connection is reset in the middle of the reply',
  stall: 'headers and, with afterEvents, events, then silence until the client leaves',
  hang: 'no answer at all until the client leaves',
  cut: 'the connection ends in the middle of the reply, with the body unfinished by its framing',
  eof: 'the reply ends in the middle, with its framing finished as if all were said',
  malformed: 'one event, or the buffered body, is not JSON',
  html: 'status 200 with an HTML page',
  'error-200': 'status 200 with an error as JSON',
  'http-429': 'status 429 with retry-after',
  'http-500': 'status 500',
  'http-503': 'status 503 with retry-after',
  'http-529': 'status 529 with retry-after',
  'slow-drip': 'the whole reply, a few bytes each millisecond, cut anywhere',
} as const;

export type FaultKind = keyof typeof FAULTS;

export interface SimulatorFault {
  kind: FaultKind;
  /** Share of the requests that it hits, from 0 to 1; all when left out. */
  rate?: number;
  /** The only model that it hits; every one when left out. */
  model?: string;
  /** Events of a stream that are sent whole before it strikes; 3 when left out, of a stall none. */
  afterEvents?: number;
  /** The `retry-after` of an http fault, in seconds; 1 when left out. */
  retryAfterSeconds?: number;
}

/**
 * Reads `kind[:rate][@model]`, such as `cut`, `http-429:0.2` or `reset:0.5@fast-v2`.
 * @throws Error naming the input and listing the valid kinds
 */
export function parseFault(text: string): SimulatorFault {
  const at = text.indexOf('@');
  const [kind = '', rate, ...rest] = (at === -1 ? text : text.slice(0, at)).split(':');
  const isRate = rate === undefined || /^\d*\.?\d+$/.test(rate);
  if (rest.length > 0 || !isRate) throw notAFault(text);
  return checkFault(
    {
      kind,
      ...(rate === undefined ? {} : { rate: Number(rate) }),
      ...(at === -1 ? {} : { model: text.slice(at + 1) }),
    },
    text,
  );
}

/** @throws Error naming the first bad element */
export function checkFaults(value: unknown): SimulatorFault[] {
  if (!Array.isArray(value)) throw new Error(`faults must be an array, got ${JSON.stringify(value)}`);
  return value.map((fault: unknown) => checkFault(fault, JSON.stringify(fault)));
}

/** The first fault of the list that hits this request. Each one draws, so that one's rate does not shift another's. */
export function strikingFault(faults: readonly SimulatorFault[], model: string, random: Random): SimulatorFault | null {
  let struck: SimulatorFault | null = null;
  for (const fault of faults) {
    const hits = random.chance(fault.rate ?? 1) && (fault.model === undefined || fault.model === model);
    if (hits) struck ??= fault;
  }
  return struck;
}

const FIELD_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  kind: (value) => typeof value === 'string' && Object.hasOwn(FAULTS, value),
  rate: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  model: (value) => typeof value === 'string' && value !== '',
  afterEvents: (value) => Number.isInteger(value) && Number(value) >= 0,
  retryAfterSeconds: (value) => typeof value === 'number' && value >= 0,
};

function checkFault(value: unknown, input: string): SimulatorFault {
  if (!isObject(value) || !('kind' in value)) throw notAFault(input);
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(FIELD_CHECKS, name) || !FIELD_CHECKS[name]?.(field)) throw notAFault(input);
  }
  return value as unknown as SimulatorFault;
}

function notAFault(input: string): Error {
  const kinds = Object.keys(FAULTS).join(', ');
  return new Error(
    `not a fault: '${input}'. Write kind[:rate][@model] with a rate from 0 to 1, such as cut or http-429:0.2@fast-v2; kinds: ${kinds}`,
  );
}
