import { Registry } from '@prometheus-io/client';
import { describe, expect, it } from 'vitest';
import { Exchange } from '../../src/core/exchange.ts';
import { KeyMetrics } from '../../src/record/key-metrics.ts';
import { parseMetrics } from '../support/metrics.ts';

function open() {
  const registry = new Registry();
  const metrics = new KeyMetrics(registry);
  const finish = (fields: Partial<Exchange>): void =>
    metrics.finished(Object.assign(new Exchange('request-1', 'chat', 'openai', 0, 0), fields));
  return { finish, scrape: async () => parseMetrics(await registry.metrics()) };
}

describe('what keys used', () => {
  it('is counted by key and team, outcomes apart', async () => {
    const { finish, scrape } = open();
    const usage = { inputTokens: 9, outputTokens: 5, cachedInputTokens: 4 };
    finish({ keyName: 'app', teamName: 'search', usage, costUsd: 0.25 });
    finish({ keyName: 'app', teamName: 'search', outcome: 'denied' });
    finish({ keyName: 'web', usage });
    const all = await scrape();
    const app = { key: 'app', team: 'search' };
    expect(all.sum('sluice_key_requests_total', { ...app, outcome: 'success' })).toBe(1);
    expect(all.sum('sluice_key_requests_total', { ...app, outcome: 'denied' })).toBe(1);
    expect(all.sum('sluice_key_tokens_total', { ...app, type: 'input' })).toBe(9);
    expect(all.sum('sluice_key_cost_usd_total', app)).toBe(0.25);
    expect(all.sum('sluice_key_tokens_total', { key: 'web', team: '' })).toBe(14);
  });

  it('follows a key to another team', async () => {
    const { finish, scrape } = open();
    for (const teamName of ['search', 'ads', 'search', 'search']) finish({ keyName: 'app', teamName });
    const all = await scrape();
    expect(all.sum('sluice_key_requests_total', { key: 'app', team: 'search' })).toBe(3);
    expect(all.sum('sluice_key_requests_total', { key: 'app', team: 'ads' })).toBe(1);
  });

  it('is counted together beyond a thousand keys, so that keys cannot make series without end', async () => {
    const { finish, scrape } = open();
    for (let key = 0; key < 1_200; key++) finish({ keyName: `key-${key}` });
    finish({ keyName: 'key-7' });
    const all = await scrape();
    expect(all.sum('sluice_key_requests_total', { key: 'other', team: 'other', outcome: 'success' })).toBe(200);
    expect(all.sum('sluice_key_requests_total', { key: 'key-7', outcome: 'success' })).toBe(2);
    expect(all.samples('sluice_key_cost_usd_total')).toHaveLength(1_001);
  });
});
