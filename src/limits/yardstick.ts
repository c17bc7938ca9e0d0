import type { Exchange, Written } from '../core/exchange.ts';
import { BYTES_PER_TOKEN } from './estimate.ts';
import type { CountTokens } from './tokenizer.ts';
import { LateCache } from '../core/late-cache.ts';

/** What of the past counts is this much less with each reply that told its usage. */
const KEPT = 0.9;
/** A measure that is so near is what the provider counts, but for the token that ends a reply. */
const NEAR = 0.03;
/** Of a delta that is one token: longer ones hold several. */
const TOKEN_BYTES = 8;
/** All of the first replies are looked at, then one in so many: the tokenizer takes its time. */
const FIRST = 8;
const ONE_IN = 16;
const MOST_MODELS = 1_000;

/** How far measures were from what a provider told, and so what they mean. */
class Fit {
  private readonly near: number;
  private told = 0;
  private readonly guessed: number[];
  private readonly missed: number[];

  constructor(measures: number, near: number) {
    this.near = near;
    this.guessed = Array.from({ length: measures }, () => 0);
    this.missed = Array.from({ length: measures }, () => 0);
  }

  /** @param guesses by measure; null: it could not be taken */
  learn(guesses: readonly (number | null)[], told: number): void {
    this.told = this.told * KEPT + told;
    for (const [index, guess] of guesses.entries()) {
      this.guessed[index] = this.guessed[index]! * KEPT + (guess ?? 0);
      this.missed[index] = this.missed[index]! * KEPT + Math.abs(told - (guess ?? 0));
    }
  }

  /** By the measure that was nearest; null: nothing was told yet. */
  apply(guesses: readonly (number | null)[]): number | null {
    let best = -1;
    for (const [index, guess] of guesses.entries())
      if (guess !== null && this.guessed[index]! > 0 && (best < 0 || this.missed[index]! < this.missed[best]!))
        best = index;
    if (best < 0) return null;
    const isNear = this.missed[best]! <= this.told * this.near;
    return Math.round(guesses[best]! * (isNear ? 1 : this.told / this.guessed[best]!));
  }
}

/** What deltas, text and input of one model are in tokens: learned from the replies that told their usage. */
export class Yardstick {
  private readonly input = new Fit(1, 0);
  private readonly output = new Fit(3, NEAR);
  private replies = 0;

  /** Whether the next reply is one of those that are looked at. */
  mayLearn(): boolean {
    const number = this.replies++;
    return number < FIRST || number % ONE_IN === 0;
  }

  learnInput(likely: number, told: number): void {
    if (likely > 0 && told > 0) this.input.learn([likely], told);
  }

  learnOutput(written: Written, count: CountTokens | null, told: number): void {
    if (written.deltas > 0 && told > 0) this.output.learn(measuresOf(written, count), told);
  }

  inputTokens(likely: number): number {
    return this.input.apply([likely]) ?? likely;
  }

  outputTokens(written: Written, count: CountTokens | null): number {
    if (written.chars === 0) return 0;
    const [deltas, counted, bytes] = measuresOf(written, count);
    return this.output.apply([deltas, counted, bytes]) ?? unlearned(deltas, counted, bytes);
  }
}

type Measures = [deltas: number, counted: number | null, bytes: number];

/** Most servers send a delta for each token. A buffered reply has none. */
function unlearned(deltas: number, counted: number | null, bytes: number): number {
  return deltas > 0 && bytes * BYTES_PER_TOKEN <= deltas * TOKEN_BYTES ? deltas : (counted ?? bytes);
}

/** In the order in which they are believed where they say the same. */
function measuresOf({ deltas, text, chars }: Written, count: CountTokens | null): Measures {
  // The text beyond what was kept is taken to be like it.
  const whole = chars / Math.max(1, text.length);
  const counted = count === null ? null : Math.ceil(count(text) * whole);
  return [deltas, counted, Math.ceil((Buffer.byteLength(text) * whole) / BYTES_PER_TOKEN)];
}

/** Of each model that answered lately. */
export class Yardsticks {
  private readonly byModel = new LateCache<string, Yardstick>({ max: MOST_MODELS });

  of({ provider, upstreamModel }: Exchange): Yardstick {
    const name = `${provider}/${upstreamModel}`;
    let yardstick = this.byModel.get(name);
    if (yardstick === undefined) this.byModel.set(name, (yardstick = new Yardstick()));
    return yardstick;
  }
}
