import { describe, expect, it } from 'vitest';
import { OutcomeBuffer, type OutcomeBufferDeps } from '../../src/controller/outcome-buffer.ts';
import { Exchange } from '../../src/core/exchange.ts';
import type { LogEntry, RequestResult } from '../../src/core/outcome.ts';
import { rollout } from '../rollout/fixtures.ts';

const RESULT: RequestResult = { requestId: 'r', at: 5, error: false, latencyMs: 100 };
const VALUE = { kind: 'feedback', requestId: 'x', at: 1, name: 'up', value: 1, key: 'k', trials: [] } as const;
const NO_METADATA: ReadonlyMap<string, string> = new Map();

function setup(change: Partial<OutcomeBufferDeps> = {}) {
  const batches: LogEntry[][] = [];
  const lost = { count: 0, repeated: 0, full: 0 };
  const buffer = new OutcomeBuffer({
    append: async (batch) => batches.push(JSON.parse(batch) as LogEntry[]),
    patienceOf: () => null,
    trafficSegments: () => ['metadata.language'],
    dropped: (count) => (lost.count += count),
    droppedFeedback: (loss, count) => (lost[loss] += count),
    ...change,
  });
  return { buffer, batches, lost, written: () => batches.flat() };
}

function exchange(segments: readonly string[] = [], unit = 'abc'): Exchange {
  const made = new Exchange('r', 'chat', 'openai', 1_000, 0);
  const { spec, ...rest } = rollout({}, { weight: 25, epoch: 3 });
  const judged = { ...rest, spec: { ...spec, judgement: { ...spec.judgement, segments } } };
  made.route = 'chat-fast';
  made.trials = [{ rollout: judged, arm: 1, unit }];
  return made;
}

describe('what a request came to', () => {
  it('is told of its trial and its route, with the values of declared segments only', async () => {
    const { buffer, written } = setup();
    const made = exchange(['metadata.team']);
    const metadata = new Map([
      ['team', 'search'],
      ['language', 'fr'],
      ['secret', 'x'],
    ]);
    expect(buffer.observes(made, metadata)).toBe(true);
    buffer.finished(made, RESULT);
    await buffer.flush();
    const told = { ...RESULT, metadata: { team: 'search', language: 'fr' } };
    expect(written()).toEqual([
      { kind: 'trial', rollout: 'fast-v2', epoch: 3, arm: 1, unit: 'abc', probability: 0.25, ...told },
      { kind: 'traffic', route: 'chat-fast', ...told },
    ]);
  });

  it('is sampled in each window, by its unit, whatever it comes to', async () => {
    const { buffer, written } = setup();
    for (let window = 0; window < 8; window++) {
      const all = Array.from({ length: 1_000 }, (_, index) => exchange([], `unit-${index}`));
      for (const each of all) buffer.observes(each, NO_METADATA);
      for (const each of all.filter(({ isObserved }) => isObserved)) buffer.finished(each, RESULT);
      buffer.renew();
    }
    const before = written().length;
    const count = (kind: string) => written().filter((entry) => entry.kind === kind).length;
    expect(before).toBe(0);
    await buffer.flush();
    expect(count('traffic')).toBe(8 * 13);
    expect(count('trial')).toBeGreaterThan(8 * 100);
    expect(count('trial')).toBeLessThan(4 * 500 + 4 * 140);
  });

  it('is sampled for each of its rollouts apart', () => {
    const { buffer } = setup({ trafficSegments: () => null });
    const busy = () => Array.from({ length: 1_000 }, (_, index) => exchange([], `unit-${index}`));
    for (let window = 0; window < 8; window++) {
      for (const each of busy()) buffer.observes(each, NO_METADATA);
      buffer.renew();
    }
    const both = busy().map((one) => {
      one.trials = [one.trials[0]!, { ...one.trials[0]!, rollout: rollout({ name: 'other' }), unit: 'rare' }];
      buffer.observes(one, NO_METADATA);
      return one.judged.map((trial) => trial.rollout.spec.name).join();
    });
    expect(new Set(both)).toEqual(new Set(['other', 'fast-v2,other', 'fast-v2', '']));
    expect(both.slice(0, 10).every((names) => names.endsWith('other'))).toBe(true);
  });

  it('is that its caller left where it did not wait for an answer', async () => {
    const { buffer, written } = setup({ patienceOf: () => ({ latencyMs: 800, ttftMs: null }) });
    const [early, late] = [exchange(), exchange()];
    for (const made of [early, late]) buffer.observes(made, NO_METADATA);
    buffer.left(early, 3_000);
    buffer.waiting(late, 1_800, 9_000);
    buffer.left(late, 4_000);
    await buffer.flush();
    const left = { kind: 'left', rollout: 'fast-v2', epoch: 3, arm: 1 };
    expect(written()).toEqual([
      { ...left, at: 3, isLate: false },
      expect.objectContaining({ kind: 'trial' }),
      { ...left, at: 4, isLate: true },
    ]);
  });

  it('is not looked at where nobody judges it', () => {
    const { buffer } = setup({ trafficSegments: () => null });
    const plain = new Exchange('r', 'chat', 'openai', 0, 0);
    expect(buffer.observes(plain, NO_METADATA)).toBe(false);
  });
});

describe('a store that cannot be written', () => {
  it('loses nothing that fits, in order, and counts the rest', async () => {
    let isDown = true;
    const batches: LogEntry[][] = [];
    const append = async (batch: string): Promise<void> => {
      if (isDown) throw new Error('locked');
      batches.push(JSON.parse(batch) as LogEntry[]);
    };
    const { buffer, lost } = setup({ append });
    const add = (index: number) => buffer.add({ kind: 'traffic', route: String(index), ...RESULT });
    for (let index = 0; index <= 10; index++) add(index);
    await expect(buffer.flush()).rejects.toThrow('locked');
    for (let index = 11; index < 50_010; index++) add(index);
    isDown = false;
    await buffer.flush();
    const routes = batches.flat().map((entry) => (entry.kind === 'traffic' ? entry.route : ''));
    expect([routes.length, routes[0], routes.at(-1), lost.count]).toEqual([50_000, '0', '49999', 10]);
  });
});

describe('feedback', () => {
  it('that may be made up has little room, and takes none from what requests came to', async () => {
    const { buffer, lost, written } = setup();
    for (let index = 0; index < 60_000; index++) buffer.add({ ...VALUE, requestId: `x-${index}`, trials: null });
    expect(lost).toEqual({ count: 0, repeated: 0, full: 59_000 });
    buffer.add(VALUE);
    buffer.add({ kind: 'traffic', route: 'chat-fast', ...RESULT });
    await buffer.flush();
    expect(lost).toEqual({ count: 0, repeated: 0, full: 59_000 });
    expect(written()[0]).toMatchObject({ kind: 'traffic' });
    expect(written()).toHaveLength(1_002);
  });

  it('that repeats a value of the request keeps no other one out, and is not what may be made up of it', async () => {
    const { buffer, lost, written } = setup();
    for (let index = 0; index < 50_000; index++) buffer.add({ ...VALUE, value: index });
    for (let index = 0; index < 5_000; index++) buffer.add({ ...VALUE, requestId: `x-${index}` });
    for (let index = 0; index < 900; index++) buffer.add({ ...VALUE, requestId: `x-${index}`, trials: null });
    buffer.add({ ...VALUE, name: 'stars' });
    buffer.add({ ...VALUE, key: 'other' });
    expect(lost).toEqual({ count: 0, repeated: 49_999, full: 0 });
    await buffer.flush();
    expect(written()).toHaveLength(5_903);
    expect(written()[0]).toMatchObject({ requestId: 'x', value: 0 });
    buffer.add(VALUE);
    expect(lost.repeated).toBe(50_000);
  });

  it('is known again for long, and that which is made up pushes it out of nowhere', () => {
    const { buffer, lost } = setup();
    buffer.add(VALUE);
    for (let round = 0; round < 100; round++) {
      for (let index = 0; index < 900; index++)
        buffer.add({ ...VALUE, requestId: `made-up-${round}-${index}`, trials: null });
      void buffer.flush();
    }
    buffer.add(VALUE);
    expect(lost.repeated).toBe(1);
  });

  it('that had no room any more after a failed write may be sent again', async () => {
    let failure: Error | null = new Error('locked');
    const batches: string[] = [];
    const append = async (batch: string) => {
      if (failure !== null) throw failure;
      return batches.push(batch);
    };
    const { buffer, lost } = setup({ append });
    for (let index = 0; index < 10_000; index++) buffer.add({ ...VALUE, requestId: `x-${index}` });
    const flushed = buffer.flush();
    buffer.add({ ...VALUE, requestId: 'one more' });
    await expect(flushed).rejects.toThrow('locked');
    expect(lost).toEqual({ count: 0, repeated: 0, full: 1 });
    failure = null;
    await buffer.flush();
    buffer.add({ ...VALUE, requestId: 'one more' });
    buffer.add({ ...VALUE, requestId: 'x-1' });
    await buffer.flush();
    expect(batches.at(-1)).toContain('one more');
    expect(lost).toEqual({ count: 0, repeated: 1, full: 1 });
  });

  it('is not lost by a store that fails, and only counted where there is no room for it', async () => {
    const { buffer, lost, written, batches } = setup();
    const { buffer: failing, lost: lostThere } = setup({ append: () => Promise.reject(new Error('full')) });
    for (let index = 0; index < 10_000; index++) failing.add({ ...VALUE, requestId: `x-${index}` });
    const flushed = failing.flush();
    failing.add({ ...VALUE, requestId: 'one more' });
    await expect(flushed).rejects.toThrow('full');
    expect(lostThere).toEqual({ count: 0, repeated: 0, full: 1 });
    buffer.add(VALUE);
    await buffer.flush();
    expect([batches.length, written().length, lost.full]).toEqual([1, 1, 0]);
  });

  it('and outcomes that were never written are counted as lost at the end', () => {
    const { buffer, lost } = setup();
    buffer.add({ kind: 'traffic', route: 'chat-fast', ...RESULT });
    buffer.add(VALUE);
    buffer.close();
    expect(lost).toEqual({ count: 1, repeated: 0, full: 1 });
  });
});

describe('a request that takes longer than every threshold', () => {
  const patienceOf = () => ({ latencyMs: 800, ttftMs: 300 });

  it('is told of while it goes on, once, and at its end only by what was not told then', async () => {
    const { buffer, written } = setup({ patienceOf, trafficSegments: () => null });
    const made = exchange();
    buffer.observes(made, NO_METADATA);
    buffer.waiting(made, 1_799, 9_000);
    expect(made.late).toBe(null);
    buffer.waiting(made, 1_800, 9_000);
    buffer.waiting(made, 2_500, 9_700);
    buffer.finished(made, { ...RESULT, error: true });
    await buffer.flush();
    expect(written()).toMatchObject([
      { kind: 'trial', arm: 1, at: 9, latencyMs: 800 },
      { kind: 'trial', arm: 1, at: 5, error: true, isRest: true },
    ]);
    expect(written()[0]).not.toHaveProperty('error');
    expect(written()[0]).not.toHaveProperty('ttftMs');
    expect(written()[1]).not.toHaveProperty('latencyMs');
  });

  it('is late for one rollout and tells another one everything at its end', async () => {
    const { buffer, written } = setup({
      patienceOf: (name) => (name === 'fast-v2' ? patienceOf() : null),
      trafficSegments: () => null,
    });
    const made = exchange();
    made.trials = [made.trials[0]!, { rollout: rollout({ name: 'other' }), arm: 0, unit: null }];
    buffer.observes(made, NO_METADATA);
    buffer.waiting(made, 1_800, 9_000);
    buffer.finished(made, { ...RESULT, error: true });
    await buffer.flush();
    expect(written()).toMatchObject([
      { rollout: 'fast-v2', latencyMs: 800 },
      { rollout: 'fast-v2', error: true, isRest: true },
      { rollout: 'other', error: true, latencyMs: 100 },
    ]);
    expect(written()[2]).not.toHaveProperty('isRest');
  });

  it('tells the first token of a stream as it was, or as long as it has been waited for', async () => {
    const { buffer, written } = setup({ patienceOf, trafficSegments: () => null });
    const [begun, silent] = [exchange(), exchange()];
    begun.firstTokenAt = 1_250;
    for (const each of [begun, silent]) {
      each.wantsStream = true;
      buffer.observes(each, NO_METADATA);
      buffer.waiting(each, 1_900, 9_000);
    }
    await buffer.flush();
    expect(written()).toMatchObject([{ ttftMs: 250 }, { ttftMs: 900 }]);
  });

  it('is told of by its first token alone where only that is guarded', async () => {
    const { buffer, written } = setup({
      patienceOf: () => ({ latencyMs: null, ttftMs: 300 }),
      trafficSegments: () => null,
    });
    const [buffered, stream] = [exchange(), exchange()];
    stream.wantsStream = true;
    for (const each of [buffered, stream]) {
      buffer.observes(each, NO_METADATA);
      buffer.waiting(each, 1_400, 9_000);
    }
    await buffer.flush();
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatchObject({ ttftMs: 400 });
  });
});
