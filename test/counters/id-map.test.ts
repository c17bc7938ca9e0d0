import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdMap } from '../../src/counters/id-map.ts';

describe('a map by id', () => {
  it('does as a Map does, whatever comes and goes', () => {
    const id = fc.integer({ min: 0, max: 700 }).map((number) => `id-${number}`);
    const step = fc.record({ id, value: fc.option(fc.integer({ min: 1 }), { freq: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000, size: 'max' }), (steps) => {
        const map = new IdMap<number>(0);
        const model = new Map<string, number>();
        for (const { id, value } of steps) {
          const before = model.get(id) ?? 0;
          expect(value === null ? map.take(id) : map.get(id)).toBe(before);
          if (value === null) model.delete(id);
          else {
            map.set(id, value);
            model.set(id, value);
          }
          expect(map.size).toBe(model.size);
        }
        for (const [id, value] of model) expect(map.get(id)).toBe(value);
        expect([...map].sort()).toEqual([...model.values()].sort());
      }),
      { seed: 41, numRuns: 50 },
    );
  });

  it('sweeps out what is idle, and nothing else', () => {
    const map = new IdMap<number>(0);
    for (let number = 1; number <= 5_000; number++) map.set(`id-${number}`, number);
    for (let turn = 0; turn < 2_000; turn++) map.sweep(16, (value, now) => value <= now, 2_000);
    expect(map.size).toBe(3_000);
    expect(map.get('id-2000')).toBe(0);
    expect(map.get('id-2001')).toBe(2_001);
  });

  it('tells ids apart that differ in one character', () => {
    const map = new IdMap<number>(0);
    for (let number = 1; number <= 100_000; number++) map.set(`${number}`, number);
    expect(map.size).toBe(100_000);
    for (let number = 1; number <= 100_000; number++) expect(map.get(`${number}`)).toBe(number);
  });
});
