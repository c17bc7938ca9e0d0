import type { Bytes, Milliseconds, Percent } from './units.ts';

/** What is kept of requests. */
export interface RecordConfig {
  /** Records in memory. */
  readonly recent: number;
  /** What was said is kept as well, redacted. */
  readonly content: boolean;
  readonly contentBytes: Bytes;
  /** Null: none are written. */
  readonly files: {
    /** Absolute. */
    readonly directory: string;
    readonly maxBytes: Bytes;
    readonly maxAge: Milliseconds;
    readonly gzip: boolean;
    readonly retention: Milliseconds;
  } | null;
  /** Null: none are written. */
  readonly postgres: {
    /** Of the records, with its schema; may hold a password. */
    readonly url: string;
    readonly retention: Milliseconds;
  } | null;
  /** Records that may wait to be written. */
  readonly queue: number;
}

/** As OpenTelemetry's specification names them. */
export const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;

export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

/** What goes to an OpenTelemetry collector, and how. */
export interface TelemetryConfig {
  /** May hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** For one batch with its retries; null: as the exporter finds it in the environment. */
  readonly timeout: Milliseconds | null;
  readonly compression: 'none' | 'gzip' | null;
  /** Of this process, as the collector is told. */
  readonly resource: Readonly<Record<string, string>>;
  readonly traces: TracesConfig;
  readonly metrics: {
    readonly url: string;
    readonly protocol: OtlpProtocol;
    readonly enabled: boolean;
    readonly interval: Milliseconds;
    /** Those of `/metrics`, too. */
    readonly own: boolean;
  };
}

export interface TracesConfig {
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly enabled: boolean;
  /** Of the traces that begin here. */
  readonly sample: Percent;
  /** Requests that failed are told of, sampled or not. */
  readonly keepErrors: boolean;
  /** Whose `traceparent` is continued: anybody's, or that of nobody. */
  readonly trustIncoming: boolean;
  /** Spans wait so long for others to be sent with. */
  readonly delay: Milliseconds;
  /** Spans that may wait in memory. */
  readonly queue: number;
  /** What was asked and answered is told as well, redacted. */
  readonly content: boolean;
}
