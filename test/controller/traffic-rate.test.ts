import { describe, expect, it } from 'vitest';
import { TrafficRate } from '../../src/controller/traffic-rate.ts';

const NOW = 1_767_225_600;

describe('the rate of requests', () => {
  it('is that of the last five minutes, also after a restart', () => {
    const rate = new TrafficRate();
    for (let second = 0; second < 600; second++) rate.add(NOW + second);
    const restored = new TrafficRate(JSON.parse(JSON.stringify(rate)));
    for (const each of [rate, restored]) expect(each.perSecond(NOW + 599)).toBeCloseTo(1, 1);
    expect(restored.count(NOW + 1_000)).toBe(0);
  });

  it('begins anew after a request of a clock that was far ahead, which would hide all others', () => {
    const rate = new TrafficRate();
    rate.add(NOW);
    rate.add(NOW + 86_400);
    expect(rate.count(NOW + 1)).toBe(0);
    for (let second = 0; second < 10; second++) rate.add(NOW + second);
    expect(rate.count(NOW + 10)).toBe(10);
    expect(rate.perSecond(NOW + 10)).toBe(1);
  });

  it('counts requests of a clock that is a little ahead', () => {
    const rate = new TrafficRate();
    rate.add(NOW + 50);
    rate.add(NOW);
    expect(rate.count(NOW)).toBe(2);
  });

  it.each([null, 3, {}, { first: null, newest: null, counts: [] }, { first: 1, newest: 2, counts: [null] }])(
    'is not known from what other software saved as %j',
    (saved) => {
      const rate = new TrafficRate(saved as never);
      rate.add(NOW);
      expect(rate.count(NOW)).toBe(1);
    },
  );
});
