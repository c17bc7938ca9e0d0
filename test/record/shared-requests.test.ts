import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../src/core/recent.ts';
import { RequestBatch, SharedRequests } from '../../src/record/shared-requests.ts';

function record(requestId: string, at: number, durationMs = 0, rollout = ''): RequestRecord {
  return { requestId, at, durationMs, rollout, arm: '' } as unknown as RequestRecord;
}

const ids = (records: readonly RequestRecord[]): string[] => records.map(({ requestId }) => requestId);

describe('requests on their way to another process', () => {
  it('are taken once, oldest first', () => {
    const batch = new RequestBatch(3);
    for (const id of ['a', 'b']) batch.add(record(id, 0));
    expect(ids(batch.take())).toEqual(['a', 'b']);
    expect(batch.take()).toEqual([]);
  });

  it('are of more than there is room for the newest', () => {
    const batch = new RequestBatch(3);
    for (const id of ['a', 'b', 'c', 'd', 'e']) batch.add(record(id, 0));
    expect(ids(batch.take())).toEqual(['c', 'd', 'e']);
  });
});

describe('the latest requests of several processes', () => {
  it('come in the order of their ends, newest first, whoever served them', async () => {
    const requests = new SharedRequests(4, () => Promise.resolve());
    requests.add([record('a', 10, 5), record('b', 12, 30)]);
    requests.add([record('c', 0, 20), record('d', 14, 2)]);
    expect(ids(await requests.query({ limit: 10 }))).toEqual(['b', 'c', 'd', 'a']);
    requests.add([record('e', 100)]);
    expect(ids(await requests.query({ limit: 10 }))).toEqual(['e', 'b', 'c', 'd']);
    expect(ids(await requests.query({ limit: 2 }))).toEqual(['e', 'b']);
  });

  it('are asked for before they are told, and found by rollout', async () => {
    const requests: SharedRequests = new SharedRequests(10, () => {
      requests.add([record('late', 5, 0, 'r')]);
      return Promise.resolve();
    });
    requests.add([record('early', 1)]);
    expect(ids(await requests.query({ limit: 10, rollout: 'r' }))).toEqual(['late']);
  });
});
