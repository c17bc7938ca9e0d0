import type { Registry } from '@prometheus-io/client';
import type { Exchange, ExchangeOutcome } from '../core/exchange.ts';
import { METRICS } from './metric-definitions.ts';
import { NumberFamily, type Series } from './series.ts';

/** Keys can be made while the gateway runs, and each has ten series. */
const MOST_KEYS = 1_000;
const OTHER = 'other';
const OUTCOMES: readonly ExchangeOutcome[] = ['success', 'error', 'truncated', 'cancelled', 'denied'];

interface KeySeries {
  readonly key: string;
  readonly team: string;
  readonly outcomes: Readonly<Record<ExchangeOutcome, Series>>;
  readonly inputTokens: Series;
  readonly outputTokens: Series;
  readonly cost: Series;
}

/** What each key and its team used. Apart from the metrics by model, or their labels would multiply. */
export class KeyMetrics {
  private readonly requests: NumberFamily;
  private readonly tokens: NumberFamily;
  private readonly cost: NumberFamily;
  private readonly keys = new Map<string, KeySeries>();
  /** Of the request before: the next one is often of the same key. */
  private latest: KeySeries | null = null;

  constructor(registry: Registry) {
    this.requests = new NumberFamily(registry, METRICS.keyRequests);
    this.tokens = new NumberFamily(registry, METRICS.keyTokens);
    this.cost = new NumberFamily(registry, METRICS.keyCost);
  }

  finished({ keyName, teamName, outcome, usage, costUsd }: Exchange): void {
    const series = this.seriesOf(keyName, teamName);
    series.outcomes[outcome].value++;
    if (usage !== null) {
      series.inputTokens.value += usage.inputTokens;
      series.outputTokens.value += usage.outputTokens;
    }
    if (costUsd !== null) series.cost.value += costUsd;
  }

  private seriesOf(key: string, team: string): KeySeries {
    const { latest } = this;
    if (latest !== null && latest.key === key && latest.team === team) return latest;
    const known = this.keys.get(key);
    const series = known !== undefined && known.team === team ? known : this.add(key, team);
    this.latest = series;
    return series;
  }

  /** A key that has moved to another team has series of its own there. */
  private add(key: string, team: string): KeySeries {
    if (this.keys.size >= MOST_KEYS && !this.keys.has(key)) return this.seriesFor(OTHER, OTHER);
    const series = this.seriesFor(key, team);
    this.keys.set(key, series);
    return series;
  }

  private seriesFor(key: string, team: string): KeySeries {
    const outcomes = OUTCOMES.map((outcome) => [outcome, this.requests.child(key, team, outcome)] as const);
    return {
      key,
      team,
      outcomes: Object.fromEntries(outcomes) as Record<ExchangeOutcome, Series>,
      inputTokens: this.tokens.child(key, team, 'input'),
      outputTokens: this.tokens.child(key, team, 'output'),
      cost: this.cost.child(key, team),
    };
  }
}
