import { describe, expect, it } from 'vitest';
import { HangWatch, LOOK_EVERY } from '../../src/workers/hang-watch.ts';

const PATIENCE = 30_000;

function open({ patience = PATIENCE as number | null } = {}) {
  const clock = { time: 0, now: () => clock.time, wall: () => clock.time };
  const settings = { patience };
  const workers = ['one', 'two'];
  const questions: { readonly worker: string; answer(): void; isGone(): void }[] = [];
  /** Of the thread of each that the machine lets wait most. */
  const waits = new Map<string, number>();
  const told: (readonly [string, string, number])[] = [];
  const watch = new HangWatch<string>({
    clock,
    workers: () => workers,
    ask(worker) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      questions.push({ worker, answer: resolve, isGone: () => reject(new Error('gone')) });
      return promise;
    },
    cpuWaits: (worker) =>
      waits.has(worker)
        ? new Map([
            ['main', waits.get(worker)!],
            ['other', 5],
          ])
        : null,
    patience: () => settings.patience,
    slow: (worker, silence) => void told.push(['slow', worker, silence]),
    hangs: (worker, silence) => void told.push(['hangs', worker, silence]),
  });
  /** @param took between two looks @param answering who answers at once */
  const look = async (times: number, answering: readonly string[] = [], took = LOOK_EVERY): Promise<void> => {
    for (let time = 0; time < times; time++) {
      clock.time += took;
      watch.look();
      for (const { worker, answer } of questions) if (answering.includes(worker)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { look, told, questions, workers, settings, waits };
}

describe('the watch over workers that hang', () => {
  it('finds the one that does not answer for as long as there is patience, tells of it early, and once', async () => {
    const { look, told } = open();
    await look(31, ['two']);
    expect(told).toEqual([['slow', 'one', 10_000]]);
    await look(31, ['two']);
    expect(told).toEqual([
      ['slow', 'one', 10_000],
      ['hangs', 'one', 30_000],
    ]);
  });

  it('leaves one alone that answers late, however often', async () => {
    const { look, told } = open();
    for (let round = 0; round < 20; round++) {
      await look(29);
      await look(1, ['one', 'two']);
    }
    expect(told.filter(([what]) => what === 'hangs')).toEqual([]);
  });

  it('asks one question at a time', async () => {
    const { look, questions } = open();
    await look(10, ['two']);
    expect(questions.filter(({ worker }) => worker === 'one')).toHaveLength(1);
    expect(questions.filter(({ worker }) => worker === 'two')).toHaveLength(10);
  });

  it('does not count the time for which a worker had no processor', async () => {
    const { look, told, waits } = open();
    waits.set('one', 0);
    for (let second = 0; second < 100; second++) {
      waits.set('one', waits.get('one')! + 900);
      await look(1, ['two']);
    }
    expect(told).toEqual([]);
    for (let second = 0; second < 220; second++) {
      waits.set('one', waits.get('one')! + 900);
      await look(1, ['two']);
    }
    expect(told.map(([what, worker]) => [what, worker])).toEqual([
      ['slow', 'one'],
      ['hangs', 'one'],
    ]);
  });

  it('counts nothing while it is late itself, as after a sleep of the machine', async () => {
    const { look, told } = open();
    await look(1, ['one', 'two']);
    await look(50, [], 60_000);
    await look(9);
    expect(told).toEqual([]);
    await look(1);
    expect(told.map(([what, , silence]) => [what, silence])).toEqual([
      ['slow', 10_000],
      ['slow', 10_000],
    ]);
  });

  it('forgets one that is gone', async () => {
    const { look, told, questions, workers } = open();
    await look(20);
    workers.shift();
    for (const { isGone } of questions) isGone();
    await look(9);
    expect(told.map(([what]) => what)).toEqual(['slow', 'slow']);
  });

  it('ends nobody where there is endless patience, and at once where that changes', async () => {
    const { look, told, settings } = open({ patience: null });
    await look(1_000);
    expect(told).toEqual([]);
    settings.patience = PATIENCE;
    await look(1);
    expect(told.map(([what]) => what)).toEqual(['hangs', 'hangs']);
  });
});
