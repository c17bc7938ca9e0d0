import type { RegressionConfig } from '../src/core/config.ts';
import type { TrafficEntry } from '../src/judge/regression/metrics.ts';
import { Random } from './judge-scenarios.ts';

export const DAY = 86_400;
const MINUTE = 60;

/** The defaults of the configuration, and segments. */
export const SETTINGS: RegressionConfig = {
  enabled: true,
  guard: {
    error_rate: 1.5,
    truncation_rate: 1.5,
    refusal_rate: 1.5,
    invalid_json: 1.5,
    ttft: 1.25,
    latency: 1.25,
    cost: 1.25,
    output_tokens: 1.25,
    input_tokens: 1.25,
    finish_reason: 0.1,
    language: 0.1,
  },
  segments: ['language'],
  baseline: DAY * 1000,
  falseAlarmEvery: 30 * DAY * 1000,
  minimum: { requests: 200, time: 10 * MINUTE * 1000 },
};

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The state of the provider and of its callers at one moment. */
export interface World {
  errors: number;
  refusals: number;
  /** Factors on the medians. */
  latency: number;
  outputTokens: number;
  inputTokens: number;
  /** Share of prompts in French. */
  french: number;
  /** Only requests in this language have other errors than `WORLD`. */
  onlyIn: string | null;
}

export const WORLD: Readonly<World> = {
  errors: 0.01,
  refusals: 0.01,
  latency: 1,
  outputTokens: 1,
  inputTokens: 1,
  french: 0.2,
  onlyIn: null,
};

/** How the world moves while nothing is wrong, beside independent chance. */
export interface Weather {
  readonly name: string;
  begin(random: Random): (world: World, at: number) => void;
  /** Of the latency, before the world's factor. */
  readonly latency?: (random: Random) => number;
}

const lognormal = (random: Random, spread: number) => Math.exp(spread * random.normal());

/** Everything twice as high at noon as at midnight. */
const diurnal: Weather = {
  name: 'day and night, levels 0.71 to 1.41',
  begin: () => (world, at) => {
    const level = 2 ** (-0.5 * Math.cos((2 * Math.PI * at) / DAY));
    world.errors *= level;
    world.refusals *= level;
    world.latency *= level;
    world.outputTokens *= level;
    world.inputTokens *= level;
    world.french *= level;
  },
};

/** Every two hours on average, for two minutes, a third of the requests fail and the others are three times as slow. */
const bursts: Weather = {
  name: 'incidents of two minutes',
  begin(random) {
    let start = 0;
    return (world, at) => {
      if (at > start + 2 * MINUTE) start = at - 120 * MINUTE * Math.log(1 - random.uniform());
      if (at < start) return;
      world.errors = 0.33;
      world.latency *= 3;
    };
  },
};

/** The logarithm of latency and error rate moves as an autoregression. */
function autocorrelated(name: string, halfLife: number, spread: number): Weather {
  return {
    name,
    begin(random) {
      let state = 0;
      let second = 0;
      const memory = 2 ** (-1 / halfLife);
      return (world, at) => {
        for (; second < at; second++) state = memory * state + Math.sqrt(1 - memory * memory) * random.normal();
        world.latency *= Math.exp(spread * state);
        world.errors *= Math.exp(2 * spread * state);
      };
    },
  };
}

export const NULLS: readonly Weather[] = [
  { name: 'independent', begin: () => () => {} },
  diurnal,
  bursts,
  autocorrelated('autocorrelated, 25 %, half-life 1 min', MINUTE, 0.25),
  autocorrelated('autocorrelated, 8 %, half-life 30 min', 30 * MINUTE, 0.08),
  { name: 'heavy tails (Pareto 1.1)', begin: () => () => {}, latency: (random) => random.pareto(1.1) },
];

/** Moves beyond the margins again and again, for half an hour: no null, but what a detector makes of it is worth knowing. */
export const ROUGH: Weather = autocorrelated('autocorrelated, 25 %, half-life 30 min', 30 * MINUTE, 0.25);

export interface Change {
  readonly name: string;
  /** What it moves; the first one is to be found. */
  readonly metrics: readonly string[];
  /** The one that is to be named; left out: all traffic. */
  readonly segment?: string;
  readonly world: Partial<World>;
}

export const CHANGES: readonly Change[] = [
  { name: 'errors 1 -> 5 %', metrics: ['error_rate'], world: { errors: 0.05 } },
  { name: 'refusals 1 -> 4 %', metrics: ['refusal_rate'], world: { refusals: 0.04 } },
  { name: 'latency x 1.5', metrics: ['latency', 'ttft'], world: { latency: 1.5 } },
  { name: 'latency x 2', metrics: ['latency', 'ttft'], world: { latency: 2 } },
  { name: 'output tokens x 0.6', metrics: ['output_tokens'], world: { outputTokens: 0.6 } },
  { name: 'prompt length x 2', metrics: ['input_tokens', 'cost'], world: { inputTokens: 2 } },
  { name: 'French 20 -> 45 %', metrics: ['language'], world: { french: 0.45 } },
  {
    name: 'French only: errors 1 -> 20 %',
    metrics: ['error_rate'],
    segment: 'language=fr',
    world: { errors: 0.2, onlyIn: 'fr' },
  },
];

/** One route's traffic, in order. Draws the next request into the entry that it returns each time. */
export class Traffic {
  private at: number;
  private count = 0;
  private readonly random: Random;
  private readonly perSecond: number;
  private readonly weather: Weather;
  private readonly move: (world: World, at: number) => void;
  private readonly world: World = { ...WORLD };
  private readonly entry: Mutable<TrafficEntry> = {
    kind: 'traffic',
    route: 'chat',
    requestId: '',
    at: 0,
    error: false,
  };

  constructor(weather: Weather, perSecond: number, seed: number, from = 0) {
    this.at = from;
    this.weather = weather;
    this.perSecond = perSecond;
    this.random = new Random(seed);
    this.move = weather.begin(this.random);
  }

  /** @param change what is different from now on */
  next(change: Partial<World> = {}): TrafficEntry {
    const { random, world, entry } = this;
    this.at -= Math.log(1 - random.uniform()) / this.perSecond;
    Object.assign(world, WORLD, change);
    this.move(world, this.at);
    entry.at = this.at;
    entry.requestId = `request-${++this.count}`;
    entry.language = random.uniform() < world.french ? 'fr' : random.uniform() < 0.25 ? 'de' : 'en';
    const isSpared = world.onlyIn !== null && world.onlyIn !== entry.language;
    entry.error = random.uniform() < (isSpared ? WORLD.errors : world.errors);
    entry.refusal = random.uniform() < world.refusals;
    entry.truncated = random.uniform() < 0.002;
    const size = world.outputTokens * lognormal(random, 0.7);
    const pace = this.weather.latency?.(random) ?? lognormal(random, 0.6);
    entry.latencyMs = 900 * world.latency * pace;
    entry.ttftMs = 250 * world.latency * lognormal(random, 0.5);
    entry.outputTokens = Math.ceil(180 * size);
    entry.inputTokens = Math.ceil(400 * world.inputTokens * lognormal(random, 1));
    entry.costUsd = 1e-6 * entry.inputTokens + 4e-6 * entry.outputTokens;
    entry.finishReason = random.uniform() < 0.06 ? 'length' : 'stop';
    return entry;
  }
}
