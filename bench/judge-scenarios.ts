import type { Outcome } from '../src/core/outcome.ts';

/** Requests a second in every scenario. */
export const RATE = 20;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type Draft = Mutable<Outcome>;

/** What is different about the canary. */
export interface Harm {
  /** Times the stable rate of errors. */
  readonly errors: number;
  /** Times the stable latency. */
  readonly latency: number;
  /** Share of the canary's requests whose latency is four times as long. */
  readonly tail: number;
  /** Only requests in this language suffer. */
  readonly language: string | null;
}

export const NO_HARM: Harm = { errors: 1, latency: 1, tail: 0, language: null };

/** One way in which traffic comes: what both arms have in common. */
export interface Scenario {
  readonly name: string;
  /** A new run of it: draws the next outcome into the draft that it returns each time. */
  begin(random: Random, harm: Harm, weight: number): () => Draft;
}

/** Small and fast, good enough for simulation. @source sfc32 by Chris Doty-Humphrey (PractRand), public domain */
export class Random {
  private a = 0;
  private b = 0;
  private c: number;
  private counter = 1;

  constructor(seed: number) {
    this.c = seed | 0;
    for (let round = 0; round < 15; round++) this.uniform();
  }

  uniform(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Of median 1 (shape 1: so heavy that it has no mean). */
  pareto(shape: number): number {
    return ((1 - this.uniform()) * 2) ** (-1 / shape);
  }
}

const ERROR_RATE = 0.01;
const LATENCY_MS = 800;
/** Of the logarithm of the latency. */
export const SPREAD = 0.6;
const LANGUAGES = ['en', 'en', 'en', 'de', 'fr'];
const METADATA = new Map(LANGUAGES.map((language) => [language, new Map([['language', language]])]));

/** What both arms see at one moment. */
interface Conditions {
  errorRate: number;
  /** Factor on the latency. */
  slowness: number;
  weight: number;
}

type Weather = (random: Random) => (conditions: Conditions, at: number) => void;

/** Traffic of independent requests under conditions that move. */
function requests(name: string, weather: Weather, latency: (random: Random) => number): Scenario {
  return {
    name,
    begin(random, harm, weight) {
      const change = weather(random);
      const draft = newDraft();
      return () => {
        const conditions = { errorRate: ERROR_RATE, slowness: 1, weight };
        draft.at += 1 / RATE;
        change(conditions, draft.at);
        draft.probability = conditions.weight;
        draft.arm = random.uniform() < conditions.weight ? 1 : 0;
        fill(draft, conditions, harm, latency(random), random);
        return draft;
      };
    },
  };
}

function newDraft(): Draft {
  return { at: 0, unit: null, arm: 0, probability: 0, error: false, latencyMs: 0, costUsd: 0, metadata: new Map() };
}

function fill(draft: Draft, { errorRate, slowness }: Conditions, harm: Harm, latency: number, random: Random): void {
  const language = LANGUAGES[Math.floor(random.uniform() * LANGUAGES.length)]!;
  draft.metadata = METADATA.get(language)!;
  const isHarmed = draft.arm === 1 && (harm.language === null || harm.language === language);
  draft.error = random.uniform() < errorRate * (isHarmed ? harm.errors : 1);
  const tail = random.uniform() < harm.tail ? 4 : 1;
  draft.latencyMs = LATENCY_MS * latency * slowness * (isHarmed ? harm.latency * tail : 1);
  draft.costUsd = 0.0004 * latency * slowness;
}

const lognormal = (random: Random) => Math.exp(SPREAD * random.normal());
const calm: Weather = () => () => {};

/** Ten minutes, at a random time, in which both arms fail and are slow. */
const incident: Weather = (random) => {
  const start = random.uniform() * 2400;
  return (conditions, at) => {
    if (at < start || at > start + 600) return;
    conditions.errorRate = 0.3;
    conditions.slowness = 3;
  };
};

/** A day of an hour, so that a run sees more than one. */
const diurnal: Weather = () => (conditions, at) => {
  const wave = Math.sin((2 * Math.PI * at) / 3600);
  conditions.errorRate = ERROR_RATE * (1 + 0.9 * wave);
  conditions.slowness = 1.5 ** wave;
};

/** Load that moves as an autoregression with a half-life of about a minute. */
const autocorrelated: Weather = (random) => {
  let state = 0;
  const memory = 0.9994;
  return (conditions) => {
    state = memory * state + Math.sqrt(1 - memory * memory) * random.normal();
    conditions.errorRate = Math.min(0.5, ERROR_RATE * Math.exp(1.2 * state));
    conditions.slowness = Math.exp(0.5 * state);
  };
};

/** The weight climbs all the time while errors get more frequent and replies slower, on both arms. */
const ramping: Weather = () => (conditions, at) => {
  const progress = Math.min(1, at / 3000);
  conditions.weight = 0.05 + 0.65 * progress;
  conditions.errorRate = ERROR_RATE * (1 + 4 * progress);
  conditions.slowness = 1 + progress;
};

/** 300 keys with Pareto volumes, each with an error rate and a speed of its own; the weight climbs in steps. */
const clustered: Scenario = {
  name: 'clustered units',
  begin(random, harm, weight) {
    const keys = Array.from({ length: 300 }, (_, index) => ({
      name: `key-${index}`,
      position: random.uniform(),
      volume: random.pareto(1.1),
      errorRate: Math.min(0.9, 0.003 * random.pareto(1)),
      slowness: Math.exp(0.7 * random.normal()),
    }));
    let total = 0;
    const until = keys.map(({ volume }) => (total += volume));
    const draft = newDraft();
    return () => {
      draft.at += 1 / RATE;
      draft.probability = Math.min(0.5, weight * 2 ** Math.floor(draft.at / 300));
      const key = keys[firstAbove(until, random.uniform() * total)]!;
      draft.unit = key.name;
      draft.arm = key.position < draft.probability ? 1 : 0;
      fill(draft, { ...key, weight: draft.probability }, harm, lognormal(random), random);
      return draft;
    };
  },
};

/** 300 users who keep coming back while the weight climbs all the time, and errors and latency with it. */
const returning: Scenario = {
  name: 'returning users',
  begin(random, harm, weight) {
    const arrive = requests('', ramping, lognormal).begin(random, harm, weight);
    const positions = Array.from({ length: 300 }, () => random.uniform());
    return () => {
      const draft = arrive();
      const user = Math.floor(random.uniform() * positions.length);
      draft.unit = `user-${user}`;
      // Without harm, for which alone this is, an outcome is the same on either arm.
      draft.arm = positions[user]! < draft.probability ? 1 : 0;
      return draft;
    };
  },
};

function firstAbove(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Outcomes are told when the request is over, heavy tails of many minutes included, so slow ones come late. */
const delayed: Scenario = {
  name: 'delayed outcomes',
  begin(random, harm, weight) {
    const arrive = requests('', incident, (source) => 20 * source.pareto(0.8)).begin(random, harm, weight);
    const waiting: Draft[][] = [];
    let second = 0;
    let ready: Draft[] = [];
    return () => {
      while (ready.length === 0) {
        for (let request = 0; request < RATE; request++) {
          const outcome = { ...arrive() };
          const done = Math.floor(outcome.at + Math.min(outcome.latencyMs! / 1000, 1800));
          outcome.at = done;
          (waiting[done] ??= []).push(outcome);
        }
        ready = waiting[second] ?? [];
        delete waiting[second++];
      }
      return ready.pop()!;
    };
  },
};

export const INDEPENDENT = requests('independent', calm, lognormal);

export const SCENARIOS: readonly Scenario[] = [
  INDEPENDENT,
  requests('shared incident', incident, lognormal),
  requests('diurnal', diurnal, lognormal),
  requests('autocorrelated', autocorrelated, lognormal),
  requests('ramping weights', ramping, lognormal),
  clustered,
  returning,
  requests('heavy tails', calm, (random) => random.pareto(1.1)),
  delayed,
];
