import type { ProviderConfig } from '../core/config.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Milliseconds } from '../core/units.ts';
import { HistogramSeries, observeRequest } from '../record/series.ts';
import { ATTRIBUTES as A, INSTRUMENTS, OPERATION_NAMES, providerNameOf } from './conventions.ts';
import { serverAttributes } from './spans.ts';

export type InstrumentName = keyof typeof INSTRUMENTS;

interface Recorded {
  readonly instrument: InstrumentName;
  readonly series: HistogramSeries;
}

/** The series of one combination of attributes, looked up once per request. */
interface OperationSeries {
  readonly operation: string;
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly errorType: string;
  readonly duration: HistogramSeries;
  readonly firstChunk: HistogramSeries;
  readonly perChunk: HistogramSeries;
  readonly inputTokens: HistogramSeries;
  readonly outputTokens: HistogramSeries;
}

/** The instruments of the GenAI conventions, fed once per request at its end. Nothing is asked of the SDK meanwhile. */
export class GenAiMetrics {
  private readonly recorded = new Map<string, Recorded>();
  /** Of the request before: the next one is mostly like it. */
  private latest: OperationSeries | null = null;

  /** @param provider the one that served it */
  finished(exchange: Exchange, provider: ProviderConfig, duration: Milliseconds): void {
    const operation = OPERATION_NAMES[exchange.operation];
    if (operation === null) return;
    const series = this.seriesOf(operation, provider, exchange.modelLabel, exchange.errorType);
    const seconds = duration / 1000;
    observeRequest(series.duration, seconds, exchange, seconds);
    const { usage, firstTokenAt } = exchange;
    if (usage !== null) {
      observeRequest(series.inputTokens, usage.inputTokens, exchange, seconds);
      observeRequest(series.outputTokens, usage.outputTokens, exchange, seconds);
    }
    if (firstTokenAt === null) return;
    const first = (firstTokenAt - exchange.receivedAt) / 1000;
    observeRequest(series.firstChunk, first, exchange, seconds);
    const tokens = usage?.outputTokens ?? 0;
    if (tokens > 1 && seconds > first)
      observeRequest(series.perChunk, (seconds - first) / (tokens - 1), exchange, seconds);
  }

  /** All that was fed in, by instrument; the attributes are the labels. */
  of(instrument: InstrumentName): readonly HistogramSeries[] {
    return [...this.recorded.values()].filter((each) => each.instrument === instrument).map(({ series }) => series);
  }

  private seriesOf(operation: string, provider: ProviderConfig, model: string, errorType: string): OperationSeries {
    const { latest } = this;
    const isSame =
      latest !== null &&
      latest.operation === operation &&
      latest.provider === provider &&
      latest.model === model &&
      latest.errorType === errorType;
    if (isSame) return latest;
    const labels = {
      [A.operation.name]: operation,
      ...(serverAttributes(provider) as Record<string, string>),
      [A.provider.name]: providerNameOf(provider),
      [A.requestModel.name]: model,
      ...(errorType === '' ? {} : { [A.errorType.name]: errorType }),
    };
    this.latest = {
      operation,
      provider,
      model,
      errorType,
      duration: this.find('duration', labels),
      firstChunk: this.find('firstChunk', labels),
      perChunk: this.find('perChunk', labels),
      inputTokens: this.find('tokens', { ...labels, [A.tokenType.name]: 'input' }),
      outputTokens: this.find('tokens', { ...labels, [A.tokenType.name]: 'output' }),
    };
    return this.latest;
  }

  private find(instrument: InstrumentName, labels: Readonly<Record<string, string>>): HistogramSeries {
    const key = `${instrument}\0${Object.values(labels).join('\0')}`;
    let found = this.recorded.get(key);
    if (found === undefined) {
      found = { instrument, series: new HistogramSeries(labels, INSTRUMENTS[instrument].boundaries) };
      this.recorded.set(key, found);
    }
    return found.series;
  }
}
