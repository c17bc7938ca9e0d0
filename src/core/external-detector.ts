import type { RedactionAction } from './redaction-actions.ts';
import type { Chars, Milliseconds } from './units.ts';

/** What is done with what a detector calls by this name. */
export interface EntityRule {
  /** The detector's name for it, e.g. `PERSON`. */
  readonly entity: string;
  /** Ours, e.g. `pii.person`: several entities may share one. */
  readonly rule: string;
  readonly request: RedactionAction;
}

/** A detector outside the process, which is asked by HTTP about what no rule can know: names, addresses. */
export interface DetectorConfig {
  readonly name: string;
  readonly type: 'presidio';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Those that it knows; a text in another one is judged as one in the first. */
  readonly languages: readonly string[];
  readonly entities: readonly EntityRule[];
  /** Below it a finding does not count. */
  readonly minScore: number;
  /** Of one call. */
  readonly timeout: Milliseconds;
  /** What becomes of a request that it cannot judge: `open` passes and is counted, `closed` is refused. */
  readonly failure: 'open' | 'closed';
  /** Of one call. */
  readonly maxText: Chars;
  /** Calls at one time; others wait. */
  readonly concurrency: number;
  readonly allowAddresses: readonly string[];
}

/** Offsets in UTF-16 units of the text that was asked about. */
export interface ExternalSpan {
  readonly entity: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/**
 * How a call ended. `circuit_open`: it was not made, because those before it failed. `cancelled`: nobody waits for it any
 * more.
 */
export type DetectorResult =
  | 'ok'
  | 'timeout'
  | 'unreachable'
  | 'http_error'
  | 'bad_answer'
  | 'circuit_open'
  | 'cancelled';

export interface DetectorCall {
  readonly detector: string;
  readonly result: DetectorResult;
  readonly durationMs: Milliseconds;
  /** `down`: the first one that failed, `up`: the first one that came to something again; null: as before. */
  readonly change: 'down' | 'up' | null;
}

/** Who asks. */
export interface AskingExchange {
  /** ISO 639 of the prompt; empty where it is not known. */
  language(): string;
  /** Its reason is a word such as `client_gone`. */
  readonly signal: AbortSignal;
  called(call: DetectorCall): void;
}

export interface DetectorQuestion extends AskingExchange {
  readonly texts: readonly string[];
  /** Nobody learns from how fast an answer is what another tenant has sent. */
  readonly tenant: string;
}

export interface ExternalDetector {
  readonly config: DetectorConfig;
  /**
   * What it found in each text, in the order of the texts.
   * @throws GatewayError `detector_unavailable` where it cannot judge them and `failure` is `closed`
   */
  ask(question: DetectorQuestion): Promise<readonly (readonly ExternalSpan[])[]>;
}
