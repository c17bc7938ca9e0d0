import { describe, expect, it } from 'vitest';
import { mergeFigures, SharedFigures, type Figures } from '../../src/record/figures.ts';
import { parseMetrics } from '../support/metrics.ts';

function counter(name: string, value: number, labels: Readonly<Record<string, string>> = {}): Figures[number] {
  return { name, help: 'h', type: 'counter', values: [{ value, labels }] };
}

function gauge(name: string, value: number): Figures[number] {
  return { name, help: 'h', type: 'gauge', values: [{ value, labels: {} }] };
}

function histogram(name: string, counts: readonly [number, number], sum: number): Figures[number] {
  const [low, all] = counts;
  const values = [
    { value: low, labels: { le: 1 }, metricName: `${name}_bucket` },
    { value: all, labels: { le: '+Inf' }, metricName: `${name}_bucket` },
    { value: sum, labels: {}, metricName: `${name}_sum` },
    { value: all, labels: {}, metricName: `${name}_count` },
  ];
  return { name, help: 'h', type: 'histogram', values };
}

function valueOf(figures: Figures, name: string): number {
  return figures.find((each) => each.name === name)!.values[0]!.value;
}

async function rendered(figures: SharedFigures<string>, own: Figures = []) {
  return parseMetrics((await figures.render(own)).body);
}

describe('the metrics of several processes', () => {
  it('are sums of counters and histograms, series by series', () => {
    const merged = mergeFigures([
      [counter('c', 1, { a: 'x' }), histogram('h', [1, 3], 9)],
      [counter('c', 2, { a: 'y' }), histogram('h', [2, 2], 1)],
      [counter('c', 4, { a: 'x' })],
    ]);
    expect(merged[0]!.values).toEqual([
      { value: 5, labels: { a: 'x' } },
      { value: 2, labels: { a: 'y' } },
    ]);
    expect(merged[1]!.values.map(({ value }) => value)).toEqual([3, 5, 10, 5]);
  });

  it('are of gauges what their rule says', () => {
    const names = [
      'sluice_inflight_requests',
      'sluice_cache_bytes',
      'process_resident_memory_bytes',
      'sluice_config_last_reload_success',
      'sluice_counters_up',
      'process_start_time_seconds',
      'sluice_event_loop_lag_seconds',
      'sluice_circuit_state',
    ];
    const all = [0, 3, 1].map((value) => names.map((name) => gauge(name, value)));
    const merged = mergeFigures(all);
    expect(names.map((name) => valueOf(merged, name))).toEqual([4, 4, 4, 0, 0, 0, 3, 3]);
  });

  it('never go backwards when a process is gone and another one begins from nothing', async () => {
    const figures = new SharedFigures<string>();
    const seen: number[] = [];
    const see = async (): Promise<void> => void seen.push((await rendered(figures)).sum('c_total'));
    figures.tell('one', [counter('c_total', 10), gauge('sluice_inflight_requests', 7)]);
    figures.tell('two', [counter('c_total', 5), gauge('sluice_inflight_requests', 2)]);
    await see();
    figures.gone('one');
    await see();
    figures.tell('three', [counter('c_total', 0), gauge('sluice_inflight_requests', 0)]);
    await see();
    figures.tell('three', [counter('c_total', 4), gauge('sluice_inflight_requests', 1)]);
    figures.gone('never told anything');
    await see();
    expect(seen).toEqual([15, 15, 15, 19]);
    expect((await rendered(figures)).sum('sluice_inflight_requests')).toBe(3);
  });

  it('keep a sum that may fall although its process is gone', async () => {
    const figures = new SharedFigures<string>();
    figures.tell('one', [gauge('sluice_feedback_value_total', -3)]);
    figures.gone('one');
    figures.tell('two', [gauge('sluice_feedback_value_total', 1)]);
    expect((await rendered(figures)).sum('sluice_feedback_value_total')).toBe(-2);
  });

  it('stand in with what a process told last, next to the own ones', async () => {
    const figures = new SharedFigures<string>();
    figures.tell('one', [counter('c_total', 1)]);
    figures.tell('one', [counter('c_total', 6)]);
    expect((await rendered(figures, [counter('c_total', 2)])).sum('c_total')).toBe(8);
  });
});
