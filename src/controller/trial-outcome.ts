import type { LogEntry, Outcome } from '../core/outcome.ts';

export type TrialEntry = Extract<LogEntry, { kind: 'trial' }>;

const NO_METADATA: ReadonlyMap<string, string> = new Map();

/**
 * A log entry as the judge takes it.
 * @param arm 0: the arm compared with, 1: the one that is judged
 * @param probability of arm 1, given that it is one of the two
 */
export function toOutcome(entry: TrialEntry, arm: number, probability: number): Outcome {
  const { at, unit, rejected, refusal, invalidJson, truncated, ttftMs, latencyMs } = entry;
  const { outputTokens, costUsd, finishReason, language, key, metadata } = entry;
  return {
    at,
    unit,
    arm,
    probability,
    error: rejected === true ? true : entry.error,
    refusal,
    invalidJson,
    truncated,
    ttftMs,
    latencyMs,
    outputTokens,
    costUsd,
    finishReason,
    language,
    key,
    metadata: metadata === undefined ? NO_METADATA : new Map(Object.entries(metadata)),
  };
}
