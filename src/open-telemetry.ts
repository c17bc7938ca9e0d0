import type { Logger } from 'pino';
import type { Clock } from './core/clock.ts';
import type { Config } from './core/config.ts';
import type { Exchange } from './core/exchange.ts';
import type { Tracer } from './core/tracer.ts';
import type { Metrics } from './record/metrics.ts';
import { VERSION } from './version.ts';

/** What an OpenTelemetry collector is told. */
export interface Telemetry {
  /** Null: requests are not traced. */
  readonly tracer: Tracer | null;
  /** Once per exchange, at its end. */
  finished(exchange: Exchange): void;
}

interface TelemetryBase {
  /** What is in force. */
  readonly source: { readonly config: Config };
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Null where the configuration names no collector: then nothing of the SDK is even loaded. */
export async function openTelemetry(
  { source, log, clock, metrics }: TelemetryBase,
  opened: AsyncDisposableStack,
): Promise<Telemetry | null> {
  const { telemetry: config } = source.config;
  if (config === null) return null;
  const { LiveTelemetry } = await import('./telemetry/live-telemetry.ts');
  const telemetry = new LiveTelemetry({
    config,
    version: VERSION,
    clock,
    log,
    // Without the section a reload asks for a restart; until then it is as it was.
    rules: () => (source.config.telemetry ?? config).traces,
    providers: () => source.config.providers,
    samples: () => metrics.samples(),
    counted: (signal, result, count) => metrics.exported(signal, result, count),
  });
  metrics.hasExemplars = telemetry.tracer !== null;
  opened.defer(() => telemetry.close());
  return telemetry;
}
