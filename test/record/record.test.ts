import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { Exchange } from '../../src/core/exchange.ts';
import { Metrics } from '../../src/record/metrics.ts';
import { RequestRing } from '../../src/record/recent-requests.ts';
import { record } from '../../src/record/record.ts';

const metrics = new Metrics({
  keyLookups: () => ({}),
  keyCooldowns: () => [],
  objectLookups: () => ({}),
  cache: () => ({ results: {}, errors: 0, replies: 0, bytes: 0 }),
  version: '1.2.3',
  inflight: () => 0,
  inflightLimit: () => 10_000,
  redactionFailsOpen: () => true,
  checkStore: () => Promise.resolve(),
  rollouts: () => [],
  analyses: () => [],
  regressions: () => [],
  circuits: () => [],
  audit: () => ({ chain: 0, spool: 0, lost: 0, failures: 0, queue: 0 }),
  spool: () => ({ bytes: 0, spooled: 0 }),
  lastReloadSucceeded: () => true,
  budgets: () => Promise.resolve([]),
});

function recorded(change: (exchange: Exchange) => void): { entry: RequestRecord; lines: Record<string, unknown>[] } {
  const recent = new RequestRing(10);
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { base: null },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const exchange = new Exchange('request-1', 'chat', 'openai', 1_000, 5_000);
  change(exchange);
  record({ clock: { now: () => 1_012.345_678, wall: () => 0 }, metrics, recent, log }, exchange);
  const entries = recent.query({ limit: 10 });
  expect(entries).toHaveLength(1);
  return { entry: entries[0]!, lines };
}

afterAll(() => metrics.close());

describe('the record of an exchange', () => {
  it('tells what happened, once to the recent requests and once to the log', () => {
    const { entry, lines } = recorded((exchange) => {
      Object.assign(exchange, {
        route: 'chat-*',
        requestedModel: 'chat-fast',
        keyName: 'dev',
        isStream: true,
        rollout: 'fast',
        arm: 'canary',
        provider: 'sim',
        upstreamModel: 'v2',
        attempts: 2,
        status: 200,
        finishReason: 'stop',
        firstTokenAt: 1_004.5,
        overheadMs: 0.123_456,
        attackScore: 0.066,
        usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 0 },
      });
      exchange.found(
        'request',
        { rule: 'pii.email', category: 'emails', action: 'mask', start: 0, end: 1, hash: '00ff00ff00ff00ff' },
        'messages[0].content',
      );
    });
    expect(entry).toEqual({
      requestId: 'request-1',
      at: 5_000,
      operation: 'chat',
      route: 'chat-*',
      requestedModel: 'chat-fast',
      key: 'dev',
      team: '',
      rollout: 'fast',
      arm: 'canary',
      provider: 'sim',
      model: 'v2',
      status: 200,
      outcome: 'success',
      errorType: '',
      stream: true,
      attempts: 2,
      durationMs: 12.346,
      firstTokenMs: 4.5,
      overheadMs: 0.123,
      inputTokens: 3,
      outputTokens: 2,
      costUsd: null,
      estimated: false,
      finishReason: 'stop',
      redacted: 'pii.email=1',
      findings: [
        {
          rule: 'pii.email',
          direction: 'request',
          action: 'mask',
          where: 'messages[0].content',
          hash: '00ff00ff00ff00ff',
        },
      ],
      attackScore: 0.07,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'request', level: 30, ...(JSON.parse(JSON.stringify(entry)) as object) });
  });

  it('is a warning where the gateway or the provider failed', () => {
    expect(recorded((exchange) => (exchange.status = 502)).lines[0]).toMatchObject({ level: 40 });
    expect(recorded((exchange) => (exchange.status = 404)).lines[0]).toMatchObject({ level: 30 });
  });

  it('has no figures where the provider told none', () => {
    expect(recorded(() => {}).entry).toMatchObject({
      firstTokenMs: null,
      inputTokens: null,
      outputTokens: null,
      costUsd: null,
      redacted: '',
    });
  });

  it('bounds and cleans the names that callers and providers choose', () => {
    const hostile = `\u001b[2J\r\nx\u2028${'y'.repeat(300)}`;
    const { entry } = recorded((exchange) =>
      Object.assign(exchange, { requestedModel: hostile, upstreamModel: hostile, finishReason: hostile }),
    );
    for (const text of [entry.requestedModel, entry.model, entry.finishReason])
      expect(text).toMatch(/^[\x20-\x7e]{128}$/);
  });
});
