import { describe, expect, it } from 'vitest';
import { RegressionJudge, type RegressionSnapshot } from '../../../src/judge/regression/judge.ts';
import { SETTINGS, Traffic } from '../../../bench/regression-scenarios.ts';
import { FAST, INDEPENDENT, judgeOf, trafficEntry } from './traffic.ts';

const told = ({ events }: ReturnType<typeof judgeOf>) =>
  events.map(({ action, regression: { metric, segment } }) => [action, metric, segment]);

describe('a route that changes', () => {
  it('is told of once, with levels, effect and requests that show it', () => {
    const { judge, events } = judgeOf(FAST, [{ from: 60, world: { refusals: 0.2 } }], 90);
    expect(events).toHaveLength(1);
    const { action, regression, reason } = events[0]!;
    expect(action).toBe('opened');
    expect(regression).toMatchObject({ route: 'chat', metric: 'refusal_rate', segment: null, isActive: true });
    expect(regression.since).toBeGreaterThan(60_000);
    expect(regression.since).toBeLessThan(80_000);
    expect(regression.logE).toBeGreaterThanOrEqual(regression.threshold);
    expect(regression.baseline).toBeCloseTo(0.01, 2);
    expect(regression.recent).toBeGreaterThan(0.1);
    expect(regression.effect.low).toBeGreaterThan(1);
    expect(regression.samples).toHaveLength(5);
    expect(reason).toMatch(/^refusal_rate: [\d.]+ % before, [\d.]+ % now$/);
    expect(judge.states().filter(({ isActive }) => isActive)).toHaveLength(1);
  });

  it('names requests that have the event', () => {
    const refused = new Set<string>();
    const { events } = judgeOf(FAST, [{ from: 60, world: { refusals: 0.2 } }], 90, (entry) => {
      if (entry.refusal === true) refused.add(entry.requestId);
      return { ...entry };
    });
    expect(events[0]!.regression.samples.filter((id) => !refused.has(id))).toEqual([]);
  });

  it.each([
    ['error_rate', { errors: 0.2 }],
    ['latency', { latency: 2 }],
    ['output_tokens', { outputTokens: 0.4 }],
    ['output_tokens', { outputTokens: 2.5 }],
    ['input_tokens', { inputTokens: 3 }],
    ['cost', { inputTokens: 3 }],
    ['language', { french: 0.6 }],
  ])('is found by %s: %o', (metric, world) => {
    const { events } = judgeOf(FAST, [{ from: 60, world }], 120);
    expect(events.map(({ regression }) => regression.metric)).toContain(metric);
  });

  it('is named by the kind that grew where a mix changed', () => {
    const { events } = judgeOf(FAST, [{ from: 60, world: { french: 0.6 } }], 100);
    expect(events[0]!.regression).toMatchObject({ metric: 'language', kind: 'fr' });
    expect(events[0]!.reason).toMatch(/^language, share of fr: [12]\d % before, [4-6]\d % now$/);
  });

  it.each([
    [0.3, ['finish_reason']],
    [0.01, []],
  ])('is found where a kind appears that was not there before, unless it is rare: %d', (errors, metrics) => {
    const { events } = judgeOf(FAST, [{ from: 60, world: { errors } }], 100, (entry) => ({
      ...entry,
      error: false,
      finishReason: entry.error && entry.at > 60 ? 'content_filter' : 'stop',
    }));
    expect(events.map(({ regression }) => regression.metric)).toEqual(metrics);
    expect(events.every(({ regression }) => regression.kind === 'content_filter')).toBe(true);
  });

  it('is not told of while nothing is known of it', () => {
    const config = { ...FAST, minimum: { requests: 100_000, time: 10_000 } };
    const { judge, events } = judgeOf(config, [{ from: 60, world: { errors: 0.5 } }], 120);
    expect(events).toEqual([]);
    expect(judge.states().every(({ baseline, logE }) => baseline === null && logE === 0)).toBe(true);
  });

  it('is not told of by a metric that is not watched', () => {
    const { refusal_rate: _, ...guard } = FAST.guard;
    expect(judgeOf({ ...FAST, guard }, [{ from: 60, world: { refusals: 0.5 } }], 120).events).toEqual([]);
  });

  it('is not told of for an incident of five blocks', () => {
    const phases = [
      { from: 60, world: { errors: 0.9, latency: 10 } },
      { from: 65, world: {} },
    ];
    expect(judgeOf(FAST, phases, 110).events).toEqual([]);
  });
});

describe('a regression', () => {
  it('is closed when the route is as it was', () => {
    const phases = [
      { from: 60, world: { latency: 2 } },
      { from: 100, world: {} },
    ];
    const run = judgeOf(FAST, phases, 160);
    expect(told(run).toSorted()).toEqual([
      ['closed', 'latency', null],
      ['closed', 'ttft', null],
      ['opened', 'latency', null],
      ['opened', 'ttft', null],
    ]);
    expect(run.events.at(-1)!.reason).toMatch(/^as usual again; /);
    expect(run.events.at(-1)!.regression).toMatchObject({ isActive: false, since: null });
    expect(run.judge.states().filter(({ isActive }) => isActive)).toEqual([]);
  });

  it('stays open while the route is between usual and what it became', () => {
    const phases = [
      { from: 60, world: { errors: 0.3 } },
      { from: 100, world: { errors: 0.15 } },
    ];
    expect(told(judgeOf(FAST, phases, 160))).toEqual([['opened', 'error_rate', null]]);
  });

  it('is closed when it has lasted as long as the baseline, which it is from then on', () => {
    const run = judgeOf(FAST, [{ from: 60, world: { refusals: 0.2 } }], 240);
    expect(told(run)).toEqual([
      ['opened', 'refusal_rate', null],
      ['closed', 'refusal_rate', null],
    ]);
    expect(run.events[1]!.reason).toMatch(/^it has lasted for the whole span of the baseline/);
    const state = run.judge.states().find(({ metric }) => metric === 'refusal_rate')!;
    expect(state.baseline).toBeCloseTo(0.2, 1);
  });

  it('is told of again where the new baseline is left', () => {
    const phases = [
      { from: 60, world: { latency: 2 } },
      { from: 260, world: { latency: 5 } },
    ];
    const actions = told(judgeOf(FAST, phases, 300)).filter(([, metric]) => metric === 'latency');
    expect(actions.map(([action]) => action)).toEqual(['opened', 'closed', 'opened']);
  });

  it('is closed when nothing was heard of its route for as long as the baseline', () => {
    const { judge } = judgeOf(FAST, [{ from: 60, world: { refusals: 0.2 } }], 90);
    judge.tick(91);
    expect(judge.takeEvents()).toEqual([]);
    judge.tick(211);
    expect(judge.takeEvents()).toMatchObject([
      { action: 'closed', reason: 'the route had no traffic for the whole span of the baseline' },
    ]);
    expect(judge.states()).toEqual([]);
  });
});

describe('a segment', () => {
  const bySegment = { ...FAST, segments: ['metadata.tenant', 'language'] };

  it('is named where only it changes', () => {
    const run = judgeOf(bySegment, [{ from: 90, world: { errors: 0.6, onlyIn: 'fr' } }], 150);
    expect(told(run)).toContainEqual(['opened', 'error_rate', 'language=fr']);
    expect(told(run)).not.toContainEqual(['opened', 'error_rate', 'language=en']);
    expect(told(run)).not.toContainEqual(['opened', 'error_rate', 'language=de']);
  });

  it('is not named where everything changes', () => {
    const run = judgeOf(bySegment, [{ from: 90, world: { errors: 0.3 } }], 150);
    expect(told(run)).toEqual([['opened', 'error_rate', null]]);
  });

  it('is named by a value of the metadata', () => {
    const run = judgeOf(bySegment, [{ from: 90, world: { errors: 0.6, onlyIn: 'fr' } }], 150, (entry) => ({
      ...entry,
      metadata: { tenant: entry.language === 'fr' ? 'acme' : 'other' },
    }));
    expect(told(run)).toContainEqual(['opened', 'error_rate', 'metadata.tenant=acme']);
  });

  it('is shown only where it is another or nearly so', () => {
    const { judge } = judgeOf(bySegment, [{ from: 90, world: { errors: 0.6, onlyIn: 'fr' } }], 150);
    const segments = judge.states().filter(({ segment }) => segment !== null);
    expect(segments.map(({ metric, segment }) => [metric, segment])).toEqual([['error_rate', 'language=fr']]);
  });
});

describe('memory', () => {
  it('keeps 64 routes', () => {
    const judge = new RegressionJudge(FAST);
    for (let route = 0; route < 100; route++) judge.observe(trafficEntry({ route: `route-${route}` }));
    expect(new Set(judge.states().map(({ route }) => route)).size).toBe(64);
  });

  it('takes a new route where an old one has gone silent', () => {
    const judge = new RegressionJudge(FAST);
    for (let route = 0; route < 64; route++) judge.observe(trafficEntry({ route: `route-${route}` }));
    judge.tick(500);
    judge.observe(trafficEntry({ route: 'late', at: 500 }));
    expect(judge.states().map(({ route }) => route)).toEqual(['late']);
  });

  it('keeps 32 segments of a route, and of their names 64 characters', () => {
    const judge = new RegressionJudge({ ...FAST, segments: ['key'] });
    for (let key = 0; key < 100; key++) judge.observe(trafficEntry({ key: `${'k'.repeat(100)}-${key}` }));
    for (let key = 0; key < 100; key++) judge.observe(trafficEntry({ key: `${key}` }));
    const { parts } = judge.toJSON().routes[0]![1];
    expect(parts).toHaveLength(1 + 32);
    expect(parts[1]!.segment).toBe(`key=${'k'.repeat(64)}`);
  });

  it('keeps 192 segments of all routes, and takes new ones where a route has gone silent', () => {
    const judge = new RegressionJudge({ ...FAST, segments: ['key'] });
    const segments = () => judge.toJSON().routes.map(([, { parts }]) => parts.length - 1);
    for (let route = 0; route < 8; route++)
      for (let key = 0; key < 30; key++) judge.observe(trafficEntry({ route: `route-${route}`, key: `${key}` }));
    expect(segments()).toEqual([30, 30, 30, 30, 30, 30, 12, 0]);
    judge.tick(500);
    for (let key = 0; key < 40; key++) judge.observe(trafficEntry({ route: 'late', at: 500, key: `${key}` }));
    expect(segments()).toEqual([32]);
  });

  it('tells eight kinds of a mix apart, the rest together', () => {
    const judge = new RegressionJudge(FAST);
    for (let kind = 0; kind < 100; kind++)
      judge.observe(trafficEntry({ finishReason: kind % 2 === 0 ? `reason-${kind}` : 'x'.repeat(1000) }));
    const kinds = judge.toJSON().routes[0]![1].kinds.flat();
    expect(kinds).toHaveLength(7);
    expect(Math.max(...kinds.map((name) => name.length))).toBe(64);
  });
});

describe('a snapshot', () => {
  const copyOf = (judge: RegressionJudge) => JSON.parse(JSON.stringify(judge)) as RegressionSnapshot;

  it('continues exactly as if nothing had happened', () => {
    const config = { ...FAST, segments: ['language'] };
    const traffic = new Traffic(INDEPENDENT, 50, 4);
    const whole = new RegressionJudge(config);
    let restarted = new RegressionJudge(config);
    for (let count = 0; count < 12_000; count++) {
      const entry = traffic.next(count > 5000 && count < 8000 ? { errors: 0.3, latency: 2 } : {});
      whole.observe(entry);
      restarted.observe(entry);
      if (count % 777 === 0) restarted = RegressionJudge.restore(config, copyOf(restarted));
    }
    expect(copyOf(restarted)).toEqual(copyOf(whole));
    expect(restarted.states()).toEqual(whole.states());
    expect(whole.takeEvents().length).toBeGreaterThan(2);
  });

  it('of other settings is refused', () => {
    const snapshot = copyOf(judgeOf(FAST, [], 20).judge);
    expect(() => RegressionJudge.restore({ ...FAST, baseline: 1000 }, snapshot)).toThrow(RangeError);
    expect(() => RegressionJudge.restore({ ...FAST, guard: { error_rate: 2 } }, snapshot)).toThrow(RangeError);
  });
});

describe('time', () => {
  it('comes from the entries and from ticks alike', () => {
    const judge = new RegressionJudge(FAST);
    const traffic = new Traffic(INDEPENDENT, 50, 5);
    let last = 0;
    for (let count = 0; count < 3000; count++) {
      const entry = traffic.next();
      judge.observe(entry);
      last = entry.at;
    }
    const [state] = judge.states();
    expect(state!.baseline).not.toBeNull();
    const before = judge.toJSON().routes[0]![1].blockStart;
    judge.tick(last + 5);
    expect(judge.toJSON().routes[0]![1].blockStart).toBe(before + 5);
  });

  it('of a gateway whose clock is ahead does not end blocks early', () => {
    const judge = new RegressionJudge(FAST);
    judge.tick(1000);
    judge.observe(trafficEntry({ at: 1000 }));
    judge.observe(trafficEntry({ at: 9000 }));
    expect(judge.toJSON().now).toBe(1001);
    judge.observe(trafficEntry({ at: 1000 }));
    expect(judge.toJSON().now).toBe(1001);
  });

  it('that is set back is followed', () => {
    const judge = new RegressionJudge(FAST);
    judge.tick(9000);
    judge.observe(trafficEntry({ at: 9000 }));
    judge.tick(1000);
    judge.observe(trafficEntry({ at: 1000 }));
    expect(judge.toJSON().now).toBe(1000);
  });
});

it('the settings of the benchmark learn for ten minutes', () => {
  const judge = new RegressionJudge(SETTINGS);
  const traffic = new Traffic(INDEPENDENT, 2, 6);
  const known = () => judge.states().some(({ baseline }) => baseline !== null);
  let at = 0;
  const feedUntil = (end: number) => {
    for (; at < end;) {
      const entry = traffic.next();
      judge.observe(entry);
      at = entry.at;
    }
  };
  feedUntil(590);
  expect(known()).toBe(false);
  feedUntil(661);
  expect(known()).toBe(true);
});
