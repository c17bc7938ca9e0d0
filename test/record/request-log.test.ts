import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { logRequest } from '../../src/record/request-log.ts';

const ENTRY: RequestRecord = {
  requestId: 'r-1',
  at: 5,
  operation: 'chat',
  route: 'a "quoted" \\ name',
  requestedModel: 'm',
  team: '',
  key: 'dev',
  rollout: '',
  arm: '',
  provider: 'sim',
  model: 'm',
  status: 200,
  outcome: 'success',
  errorType: '',
  stream: false,
  attempts: 1,
  durationMs: 1.5,
  firstTokenMs: null,
  overheadMs: 0.25,
  inputTokens: null,
  outputTokens: 3,
  costUsd: null,
  estimated: false,
  finishReason: 'stop',
  redacted: '',
  findings: [{ rule: 'pii.email', direction: 'request', action: 'mask', where: 'a "b"', hash: '00ff' }],
  attackScore: 0.07,
};

function lines(level: string, write: (log: pino.Logger) => void): string[] {
  const written: string[] = [];
  write(pino({ level, base: null, timestamp: () => ',"time":1234' }, { write: (line) => void written.push(line) }));
  return written;
}

test.each(['info', 'warn'] as const)('a request line at %s is what the logger itself would print', (level) => {
  const own = lines('info', (log) => logRequest(log, level, ENTRY, null, 1234));
  const reference = lines('info', (log) => log[level](ENTRY, 'request'));
  expect(own).toEqual(reference);
});

test('a request line below the level of the log is not printed', () => {
  expect(lines('warn', (log) => logRequest(log, 'info', ENTRY, null, 0))).toEqual([]);
});

test('the line of a request that is traced names its trace', () => {
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const [line] = lines('info', (log) => logRequest(log, 'info', ENTRY, trace, 1234));
  const { trace_id: traceId, span_id: spanId, ...rest } = JSON.parse(line!) as Record<string, unknown>;
  expect({ traceId, spanId }).toEqual(trace);
  expect(rest).toEqual({ level: 30, time: 1234, ...ENTRY, msg: 'request' });
});
