import type { Milliseconds } from '../core/units.ts';
import { isObject } from './json.ts';
import { LANGUAGES, type Language } from './phrases.ts';
import type { Random } from './random.ts';

const ERROR_STATUSES = [429, 500, 503, 529] as const;
type ErrorStatus = (typeof ERROR_STATUSES)[number];

/** A delay. `constant` takes the median itself; a median of 0 means no timer at all. */
interface Delay {
  distribution: 'constant' | 'lognormal';
  medianMs: Milliseconds;
  /** Standard deviation of the delay's logarithm. */
  sigma: number;
}

/** Log-normal length of a free-text reply, in tokens. */
interface OutputTokens {
  median: number;
  sigma: number;
}

/** How a simulated model behaves; what is left out comes from the defaults. Rates are from 0 to 1. */
export interface SimulatorProfile {
  /** Before a buffered reply. */
  latency?: Partial<Delay>;
  /** Before the first event of a stream. */
  ttft?: Partial<Delay>;
  /** Between the events of a stream; fractions count. */
  interTokenMs?: Milliseconds;
  outputTokens?: Partial<OutputTokens>;
  errorRate?: number;
  errorStatus?: ErrorStatus;
  refusalRate?: number;
  /** Share of structured replies whose JSON is broken off. */
  invalidJsonRate?: number;
  /** Share of the turns that may call tools, and are not told to, which do so. */
  toolCallRate?: number;
  /** Calls in one turn, where the request allows more than one. */
  parallelToolCalls?: number;
  language?: Language;
  /** `echo` repeats the last user message, `echo-request` the received body. */
  reply?: 'text' | 'echo' | 'echo-request';
}

/** A profile with every field filled in. */
export interface ResolvedProfile extends Required<Omit<SimulatorProfile, 'latency' | 'ttft' | 'outputTokens'>> {
  latency: Delay;
  ttft: Delay;
  outputTokens: OutputTokens;
}

const BASE: ResolvedProfile = {
  latency: { distribution: 'lognormal', medianMs: 10, sigma: 0.25 },
  ttft: { distribution: 'lognormal', medianMs: 5, sigma: 0.25 },
  interTokenMs: 1,
  outputTokens: { median: 60, sigma: 0.3 },
  errorRate: 0,
  errorStatus: 500,
  refusalRate: 0,
  invalidJsonRate: 0,
  toolCallRate: 1,
  parallelToolCalls: 1,
  language: 'en',
  reply: 'text',
};

/** Models with a behaviour of their own. The fast ones set no delay, so that defaults of zero reach them. */
const BUILT_IN_PROFILES: Readonly<Record<string, SimulatorProfile>> = {
  'fast-v0': { outputTokens: { median: 72 } },
  'fast-v1': { outputTokens: { median: 60 } },
  'fast-v2': { outputTokens: { median: 50 } },
  candidate: { outputTokens: { median: 44 }, parallelToolCalls: 2 },
  echo: { reply: 'echo' },
  'echo-request': { reply: 'echo-request' },
  slow: { latency: { medianMs: 2000 }, ttft: { medianMs: 800 }, interTokenMs: 40 },
  flaky: { errorRate: 0.2, errorStatus: 503 },
  refuser: { refusalRate: 1 },
};

/** The later profile wins, field by field, inside the nested ones too. */
function merge(base: ResolvedProfile, over: SimulatorProfile): ResolvedProfile {
  return {
    ...base,
    ...over,
    latency: { ...base.latency, ...over.latency },
    ttft: { ...base.ttft, ...over.ttft },
    outputTokens: { ...base.outputTokens, ...over.outputTokens },
  };
}

/** The profiles of one simulator. Later layers win: base, defaults, built-in model, profile set for the model. */
export class Profiles {
  readonly #defaults: ResolvedProfile;
  readonly #byModel = new Map<string, ResolvedProfile>();

  /** @throws Error naming the bad field */
  constructor(defaults: SimulatorProfile, profiles: Readonly<Record<string, SimulatorProfile>>) {
    this.#defaults = merge(BASE, checkProfile(defaults));
    for (const [model, profile] of Object.entries(BUILT_IN_PROFILES)) this.set(model, profile);
    for (const [model, profile] of Object.entries(profiles)) this.set(model, profile);
  }

  /** Replaces what was set for the model before. @throws Error naming the bad field */
  set(model: string, profile: SimulatorProfile): void {
    const builtIn = Object.hasOwn(BUILT_IN_PROFILES, model) ? BUILT_IN_PROFILES[model] : undefined;
    this.#byModel.set(model, merge(merge(this.#defaults, builtIn ?? {}), checkProfile(profile)));
  }

  of(model: string): ResolvedProfile {
    return this.#byModel.get(model) ?? this.#defaults;
  }

  /** Every model with a profile of its own. */
  names(): string[] {
    return [...this.#byModel.keys()];
  }
}

export function drawDelay(delay: Delay, random: Random): Milliseconds {
  return delay.distribution === 'constant' ? delay.medianMs : random.logNormal(delay.medianMs, delay.sigma);
}

type Check = (value: unknown) => string | null;

const rate: Check = (value) => (isNumber(value, 0, 1) ? null : 'must be a number from 0 to 1');
const amount: Check = (value) => (isNumber(value, 0, 1e9) ? null : 'must be a number of 0 or more');
const count: Check = (value) =>
  isNumber(value, 1, 128) && Number.isInteger(value) ? null : 'must be a whole number from 1 to 128';
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value) ? null : `must be one of ${values.join(', ')}`;

const DELAY_CHECKS = { distribution: oneOf(['constant', 'lognormal']), medianMs: amount, sigma: amount };

const PROFILE_CHECKS: Readonly<Record<string, Check | Readonly<Record<string, Check>>>> = {
  latency: DELAY_CHECKS,
  ttft: DELAY_CHECKS,
  interTokenMs: amount,
  outputTokens: { median: amount, sigma: amount },
  errorRate: rate,
  errorStatus: oneOf(ERROR_STATUSES),
  refusalRate: rate,
  invalidJsonRate: rate,
  toolCallRate: rate,
  parallelToolCalls: count,
  language: oneOf(LANGUAGES),
  reply: oneOf(['text', 'echo', 'echo-request']),
};

/** @throws Error naming the bad field, what it may hold and what it held */
export function checkProfile(value: unknown): SimulatorProfile {
  checkFields(value, PROFILE_CHECKS, '');
  return value as SimulatorProfile;
}

function checkFields(value: unknown, checks: typeof PROFILE_CHECKS, path: string): void {
  if (!isObject(value)) throw new Error(`${path || 'a profile'} must be an object, got ${JSON.stringify(value)}`);
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const where = path ? `${path}.${name}` : name;
    if (check === undefined) throw new Error(`${where}: no such field; there are ${Object.keys(checks).join(', ')}`);
    if (typeof check === 'object') checkFields(field, check, where);
    else refuse(check(field), where, field);
  }
}

function refuse(problem: string | null, where: string, value: unknown): void {
  if (problem !== null) throw new Error(`${where}: ${problem}, got ${JSON.stringify(value)}`);
}

function isNumber(value: unknown, low: number, high: number): boolean {
  return typeof value === 'number' && value >= low && value <= high;
}
