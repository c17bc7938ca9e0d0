import { describe, expect, it } from 'vitest';
import { RegressionQuiet } from '../../src/controller/regression-quiet.ts';
import { RegressionWatch } from '../../src/controller/regression-watch.ts';
import type { RegressionEvent } from '../../src/judge/regression/route-trends.ts';
import { Traffic } from '../../bench/regression-scenarios.ts';
import { FAST, INDEPENDENT } from '../judge/regression/traffic.ts';

const HOUR = 3_600;

function event(
  action: RegressionEvent['action'],
  change: Partial<RegressionEvent['regression']> = {},
): RegressionEvent {
  const place = { route: 'chat', metric: 'error_rate', segment: null, ...change };
  return { action, reason: `${action} ${place.metric}`, regression: place as RegressionEvent['regression'] };
}

/** What is told at each hour, of what is found then. */
function told(
  found: Readonly<Record<number, readonly RegressionEvent[]>>,
  until: number,
  quiet = new RegressionQuiet(),
) {
  const all: string[] = [];
  for (let hour = 0; hour <= until; hour++)
    for (const { action } of quiet.pass(found[hour] ?? [], hour * HOUR)) all.push(`${hour} ${action}`);
  return all;
}

describe('a metric that leaves its margin again and again', () => {
  it('is told of once in six hours', () => {
    const found = Object.fromEntries(
      Array.from({ length: 48 }, (_, hour) => [hour, [event(hour % 2 === 0 ? 'opened' : 'closed')]]),
    );
    expect(told(found, 47)).toEqual([0, 8, 16, 24, 32, 40].flatMap((hour) => [`${hour} opened`, `${hour + 1} closed`]));
  });

  it('is told of late where it stays', () => {
    const found = { 0: [event('opened')], 1: [event('closed')], 3: [event('opened')], 9: [event('closed')] };
    expect(told(found, 12)).toEqual(['0 opened', '1 closed', '7 opened', '9 closed']);
  });

  it('is told of as closed, however long it was open', () => {
    expect(told({ 0: [event('opened')], 40: [event('closed')] }, 50)).toEqual(['0 opened', '40 closed']);
  });

  it('is apart from other metrics, segments and routes', () => {
    const others = [{ metric: 'latency' }, { segment: 'language=fr' }, { route: 'other' }];
    const found = { 0: [event('opened')], 1: others.map((other) => event('opened', other)), 2: [event('closed')] };
    expect(told(found, 3)).toEqual(['0 opened', '1 opened', '1 opened', '1 opened', '2 closed']);
  });

  it('is remembered by who takes over', () => {
    const first = new RegressionQuiet();
    expect(told({ 0: [event('opened')], 1: [event('closed')], 2: [event('opened')] }, 2, first)).toHaveLength(2);
    const second = new RegressionQuiet(JSON.parse(JSON.stringify(first)));
    expect(told({ 3: [event('closed')], 5: [event('opened')] }, 8, second)).toEqual(['7 opened']);
    expect(JSON.parse(JSON.stringify(second))).toHaveLength(1);
    expect(told({}, 20, second)).toEqual([]);
    expect(JSON.parse(JSON.stringify(second))).toEqual([]);
  });
});

it('a watch tells of the first regression alone, and shows every one', () => {
  let watch = new RegressionWatch(FAST);
  const traffic = new Traffic(INDEPENDENT, 50, 1);
  const told: string[] = [];
  let openings = 0;
  let wasActive = false;
  for (let at = 0, next = 0; at < 400;) {
    const entry = traffic.next(Math.floor(at / 60) % 2 === 1 ? { refusals: 0.2 } : {});
    at = entry.at;
    watch.observe(entry);
    if (at < next) continue;
    next = at + 1;
    watch.tick(at);
    told.push(...watch.unsaid.splice(0).map(({ action, regression }) => `${action} ${regression.metric}`));
    const isActive = watch.states().some((state) => state.metric === 'refusal_rate' && state.isActive);
    if (isActive && !wasActive) openings++;
    wasActive = isActive;
    watch = new RegressionWatch(FAST, JSON.stringify(watch));
  }
  expect(openings).toBeGreaterThan(1);
  expect(told.filter((each) => each.endsWith('refusal_rate'))).toEqual(['opened refusal_rate', 'closed refusal_rate']);
});
