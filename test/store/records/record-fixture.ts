import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { RequestRecord } from '../../../src/core/recent.ts';

/** A request that came to its end without anything special. */
export function recordOf(change: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: '00000000-0000-4000-8000-000000000000',
    at: Date.UTC(2026, 5, 15, 12),
    operation: 'chat',
    route: 'chat',
    requestedModel: 'chat',
    key: 'app',
    team: '',
    rollout: '',
    arm: '',
    provider: 'sim',
    model: 'chat',
    status: 200,
    outcome: 'success',
    errorType: '',
    stream: false,
    attempts: 1,
    durationMs: 120.5,
    firstTokenMs: null,
    overheadMs: 0.4,
    inputTokens: 10,
    outputTokens: 20,
    costUsd: 0.0001,
    estimated: false,
    finishReason: 'stop',
    redacted: '',
    findings: [],
    attackScore: null,
    traceId: undefined,
    spanId: undefined,
    ...change,
  };
}

/** Makes SQL of what it is given, and asks nobody. */
export function compiler(): Kysely<unknown> {
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (each) => new PostgresIntrospector(each),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
