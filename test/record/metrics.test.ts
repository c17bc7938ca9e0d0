import { afterEach, describe, expect, it, vi } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import type { Rollout } from '../../src/core/rollout.ts';
import { METRICS } from '../../src/record/metric-definitions.ts';
import { Metrics } from '../../src/record/metrics.ts';
import type { GaugeSources } from '../../src/record/scraped-metrics.ts';
import { rollout } from '../rollout/fixtures.ts';
import { parseMetrics, type MetricSamples } from '../support/metrics.ts';

const opened: Metrics[] = [];

function open(sources: Partial<GaugeSources> = {}): Metrics {
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
    ...sources,
  });
  opened.push(metrics);
  return metrics;
}

function exchange(fields: Partial<Exchange> = {}): Exchange {
  const made = new Exchange('request-1', 'chat', 'openai', 0, 0);
  return Object.assign(made, {
    route: 'chat-*',
    provider: 'sim',
    modelLabel: 'v1',
    keyName: 'dev-key',
    requestedModel: 'chat-private',
    ...fields,
  });
}

async function scrape(metrics: Metrics): Promise<MetricSamples> {
  return parseMetrics((await metrics.render(null)).body);
}

const CALL = { operation: 'chat', route: 'chat-*', rollout: '', arm: '', provider: 'sim', model: 'v1' };

afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

describe('the metrics', () => {
  it('tell of the process what costs no timer that runs for ever', async () => {
    const { body: text } = await open().render(null);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toContain('nodejs_eventloop_utilization');
  });

  it('are text in the exposition format, each family told once with type and help', async () => {
    const metrics = open();
    metrics.finished(exchange(), 0.5);
    const { contentType, body } = await metrics.render(null);
    expect(contentType).toMatch(/^text\/plain/);
    for (const { name, type } of Object.values(METRICS)) {
      expect(body.split('\n').filter((line) => line === `# TYPE ${name} ${type}`)).toHaveLength(1);
      expect(body.split('\n').filter((line) => line.startsWith(`# HELP ${name} `))).toHaveLength(1);
    }
    for (const line of body.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
      expect(line).toMatch(/^[a-z_][a-z0-9_]*(\{([a-z_]+="([^"\\\n]|\\[\\n"])*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN)$/i);
    }
  });

  it('count each exchange once, by how it ended', async () => {
    const metrics = open();
    metrics.finished(exchange(), 0.1);
    metrics.finished(exchange(), 0.1);
    metrics.finished(exchange({ outcome: 'denied', errorType: 'model_not_found' }), 0.1);
    const all = await scrape(metrics);
    expect(all.sum('sluice_requests_total')).toBe(3);
    expect(all.sum('sluice_requests_total', { ...CALL, outcome: 'success', error_type: '' })).toBe(2);
    expect(all.sum('sluice_requests_total', { ...CALL, outcome: 'denied', error_type: 'model_not_found' })).toBe(1);
    expect(all.sum('sluice_request_duration_seconds_count', CALL)).toBe(3);
    expect(all.sum('sluice_overhead_seconds_count')).toBe(3);
  });

  it('hold cumulative histograms whose last bucket, count and sum agree', async () => {
    const metrics = open();
    const durations = [0, 0.01, 0.010_000_1, 0.5, 2, 1_000];
    for (const duration of durations) metrics.finished(exchange(), duration);
    const all = await scrape(metrics);
    const buckets = all.samples('sluice_request_duration_seconds_bucket');
    for (const { labels, value } of buckets) {
      const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      expect([bound, value]).toEqual([bound, durations.filter((duration) => duration <= bound).length]);
    }
    expect(buckets.at(-1)?.labels['le']).toBe('+Inf');
    expect(all.sum('sluice_request_duration_seconds_count')).toBe(durations.length);
    expect(all.sum('sluice_request_duration_seconds_sum')).toBeCloseTo(durations.reduce((total, each) => total + each));
  });

  it('add up tokens, and time the tokens after the first', async () => {
    const metrics = open();
    metrics.finished(
      exchange({ usage: { inputTokens: 9, outputTokens: 5, cachedInputTokens: 4 }, firstTokenAt: 200 }),
      1,
    );
    metrics.finished(
      exchange({ usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0 }, firstTokenAt: 100 }),
      1,
    );
    metrics.finished(exchange(), 1);
    const all = await scrape(metrics);
    expect(['input', 'output', 'cached_input'].map((type) => all.sum('sluice_tokens_total', { type }))).toEqual([
      10, 6, 4,
    ]);
    expect(all.sum('sluice_time_to_first_token_seconds_sum')).toBeCloseTo(0.3);
    expect([
      all.sum('sluice_time_per_output_token_seconds_count'),
      all.sum('sluice_time_per_output_token_seconds_sum'),
    ]).toEqual([1, 0.2]);
  });

  it('tell whether this gateway leads', async () => {
    const metrics = open();
    expect((await scrape(metrics)).sum('sluice_controller_leader')).toBe(0);
    metrics.leads(true);
    expect((await scrape(metrics)).sum('sluice_controller_leader')).toBe(1);
  });

  it('name only finish reasons that are known', async () => {
    const metrics = open();
    for (const finishReason of ['stop', 'end_turn', 'made_up_1', 'made_up_2', ''])
      metrics.finished(exchange({ finishReason }), 0.1);
    const reasons = (await scrape(metrics))
      .samples('sluice_finish_reason_total')
      .map(({ labels, value }) => [labels['reason'], value]);
    expect(reasons).toEqual([
      ['stop', 1],
      ['end_turn', 1],
      ['other', 2],
    ]);
  });

  it('count findings by rule and direction, and what was held', async () => {
    const metrics = open();
    const made = exchange();
    for (let time = 0; time < 3; time++)
      made.found('response', { rule: 'pii.email', category: 'emails', action: 'mask', start: 0, end: 1 });
    made.held(20);
    metrics.finished(made, 0.1);
    const all = await scrape(metrics);
    expect(
      all.sum('sluice_redactions_total', {
        rule: 'pii.email',
        category: 'emails',
        direction: 'response',
        action: 'mask',
      }),
    ).toBe(3);
    expect([all.sum('sluice_redaction_held_bytes_count'), all.sum('sluice_redaction_held_bytes_sum')]).toEqual([1, 20]);
  });

  it('count attempts by their result', async () => {
    const metrics = open();
    for (const result of ['ok', 'http_503', 'ok']) metrics.attempted('sim', 'v1', result);
    const all = await scrape(metrics);
    expect(all.sum('sluice_upstream_attempts_total', { provider: 'sim', model: 'v1', result: 'ok' })).toBe(2);
    expect(all.sum('sluice_upstream_attempts_total')).toBe(3);
  });

  it('show the state of the moment: requests, circuits, reload and rollouts, and no rollout that is gone', async () => {
    let rollouts: readonly Rollout[] = [
      rollout({}, { weight: 25, phase: 'paused' }),
      rollout({ name: 'ab', kind: 'experiment' }, { weight: 50 }),
    ];
    let isGood = true;
    const metrics = open({
      inflight: () => 7,
      rollouts: () => rollouts,
      lastReloadSucceeded: () => isGood,
      circuits: () => [
        { provider: 'sim', model: 'v1', state: 'open' },
        { provider: 'sim', model: 'v2', state: 'half_open' },
      ],
    });
    const before = await scrape(metrics);
    expect(before.sum('sluice_inflight_requests')).toBe(7);
    expect(before.sum('sluice_config_last_reload_success')).toBe(1);
    expect(['v1', 'v2'].map((model) => before.sum('sluice_circuit_state', { model }))).toEqual([1, 2]);
    expect(['stable', 'canary'].map((arm) => before.sum('sluice_rollout_weight', { rollout: 'fast-v2', arm }))).toEqual(
      [75, 25],
    );
    expect(['a', 'b'].map((arm) => before.sum('sluice_rollout_weight', { rollout: 'ab', arm }))).toEqual([25, 25]);
    expect(
      ['paused', 'progressing'].map((phase) => before.sum('sluice_rollout_phase', { rollout: 'fast-v2', phase })),
    ).toEqual([1, 0]);
    rollouts = [];
    isGood = false;
    const after = await scrape(metrics);
    expect(after.samples('sluice_rollout_weight')).toEqual([]);
    expect(after.sum('sluice_config_last_reload_success')).toBe(0);
  });

  it('never name a caller or a model that only the caller named, and a key only where keys are counted', async () => {
    const metrics = open();
    metrics.finished(exchange({ status: 200 }), 0.1);
    const { text } = await scrape(metrics);
    expect(text).not.toMatch(/chat-private|request-1/);
    expect(
      text
        .split('\n')
        .filter((line) => !line.startsWith('sluice_key_'))
        .join('\n'),
    ).not.toMatch(/dev-key/);
  });

  it('are numbers even before the first request', async () => {
    for (const { value } of (await scrape(open())).samples('sluice_event_loop_lag_seconds'))
      expect(value).toBeGreaterThanOrEqual(0);
  });

  it('tell what runs, where its bounds are, and the budgets with what is left of them', async () => {
    const all = await scrape(
      open({
        inflightLimit: () => 500,
        redactionFailsOpen: () => false,
        budgets: () =>
          Promise.resolve([
            { subject: 'key', name: 'app', usd: 2, limitUsd: 50 },
            { subject: 'team', name: 'search', usd: 30, limitUsd: 400 },
          ]),
      }),
    );
    expect(all.sum('sluice_build_info', { version: '1.2.3' })).toBe(1);
    expect(all.sum('sluice_inflight_limit')).toBe(500);
    expect(all.sum('sluice_redaction_fails_open')).toBe(0);
    expect(all.sum('sluice_budget_remaining_usd', { key: 'app' })).toBe(2);
    expect(all.sum('sluice_budget_limit_usd', { key: 'app' })).toBe(50);
    expect(all.sum('sluice_team_budget_limit_usd', { team: 'search' })).toBe(400);
  });

  it('tell that the store is down, and everything else all the same', async () => {
    const failing = await scrape(open({ checkStore: () => Promise.reject(new Error('gone')), inflight: () => 3 }));
    expect(failing.sum('sluice_store_up')).toBe(0);
    expect(failing.sum('sluice_inflight_requests')).toBe(3);
    expect((await scrape(open())).sum('sluice_store_up')).toBe(1);
  });

  it('wait for a store that hangs a second at most', async () => {
    vi.useFakeTimers();
    try {
      const rendered = scrape(open({ checkStore: () => new Promise(() => {}) }));
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await rendered).sum('sluice_store_up')).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('begin at zero where an alert watches for the first one', async () => {
    const all = await scrape(open());
    expect(all.samples('sluice_redaction_uninspected_total')).toHaveLength(12);
    expect(all.samples('sluice_counters_failed_total').map(({ labels }) => labels['reason'])).toEqual([
      'failed',
      'lost',
    ]);
  });
});
