import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ShadowEvidence } from '../../src/controller/shadow-evidence.ts';
import type { RequestResult } from '../../src/core/outcome.ts';
import { rollout } from '../rollout/fixtures.ts';

const SHADOW = rollout({ kind: 'shadow' });
const GOOD = { error: false, refusal: false, latencyMs: 100, outputTokens: 50, finishReason: 'stop' };

function observe(
  evidence: ShadowEvidence,
  id: string,
  primary: Partial<RequestResult>,
  shadow: Partial<RequestResult>,
): void {
  const side = (requestId: string, change: Partial<RequestResult>) => ({ ...GOOD, requestId, at: 1, ...change });
  evidence.observe({
    kind: 'pair',
    rollout: 'fast-v2',
    epoch: 1,
    at: 1,
    primary: side(id, primary),
    shadow: side(`${id}-shadow`, shadow),
  });
}

function samplesOf(evidence: ShadowEvidence): Readonly<Record<string, readonly string[]>> {
  const { metrics } = evidence.analyse(SHADOW, evidence.conclude(), 1_000);
  const told = metrics.filter(({ samples }) => samples.length > 0);
  return Object.fromEntries(told.map(({ metric, samples }) => [metric, samples]));
}

describe('what a shadow’s copies differ in', () => {
  it('is shown by requests, the latest or those that differ most', () => {
    const evidence = new ShadowEvidence(SHADOW);
    observe(evidence, 'same', {}, {});
    observe(evidence, 'both-fail', { error: true }, { error: true, latencyMs: 900 });
    observe(evidence, 'better', { error: true }, {});
    observe(evidence, 'failed', {}, { error: true });
    observe(evidence, 'cut', {}, { truncated: true });
    observe(evidence, 'refused', {}, { refusal: true });
    observe(evidence, 'slow', {}, { latencyMs: 200 });
    observe(evidence, 'slower', {}, { latencyMs: 800 });
    observe(evidence, 'faster', {}, { latencyMs: 10 });
    observe(evidence, 'short', {}, { outputTokens: 5, finishReason: 'length' });
    observe(evidence, 'long', {}, { outputTokens: 100 });
    expect(samplesOf(evidence)).toEqual({
      error_rate: ['cut', 'failed'],
      refusal_rate: ['refused'],
      latency: ['slower', 'slow'],
      output_tokens: ['short', 'long'],
      finish_reason: ['short'],
    });
  });

  it('is shown by five requests at most, and kept with the evidence', () => {
    const evidence = new ShadowEvidence(SHADOW);
    for (let pair = 0; pair < 9; pair++) observe(evidence, `pair-${pair}`, {}, { error: true });
    const restored = new ShadowEvidence(SHADOW, JSON.parse(JSON.stringify(evidence)));
    expect(samplesOf(restored)).toEqual({ error_rate: ['pair-8', 'pair-7', 'pair-6', 'pair-5', 'pair-4'] });
  });

  it('is not known from evidence of earlier software, which counts all the same', () => {
    const evidence = new ShadowEvidence(SHADOW);
    observe(evidence, 'failed', {}, { error: true });
    const { samples: _, ...older } = evidence.toJSON();
    const restored = new ShadowEvidence(SHADOW, JSON.parse(JSON.stringify(older)));
    expect(samplesOf(restored)).toEqual({});
    expect(restored.analyse(SHADOW, restored.conclude(), 1_000).requests).toBe(1);
  });
});

describe('what is known beside the evidence', () => {
  it.each([null, 7, [1, 2], { latency: null, cost: [null], refusal_rate: [{ id: 1 }] }])(
    'is begun anew where other software left %j, and the pairs count all the same',
    (unreadable) => {
      const evidence = new ShadowEvidence(SHADOW);
      observe(evidence, 'failed', {}, { error: true });
      const left = { ...evidence.toJSON(), samples: unreadable, spread: unreadable, rate: unreadable };
      const restored = new ShadowEvidence(SHADOW, JSON.parse(JSON.stringify(left)));
      expect(samplesOf(restored)).toEqual({});
      observe(restored, 'slow', {}, { latencyMs: 200 });
      expect(samplesOf(restored)).toEqual({ latency: ['slow'] });
      const { requests, requestRate } = restored.analyse(SHADOW, restored.conclude(), 1_000);
      expect([requests, requestRate]).toEqual([2, 1]);
    },
  );
});

describe('whose requests a shadow copies', () => {
  function told(units: readonly (string | null)[]): readonly string[] {
    const evidence = new ShadowEvidence(SHADOW);
    const side = { ...GOOD, requestId: 'r', at: 1 };
    for (const unit of units)
      evidence.observe({ kind: 'pair', rollout: 'fast-v2', epoch: 1, unit, at: 1, primary: side, shadow: side });
    const restored = new ShadowEvidence(SHADOW, JSON.parse(JSON.stringify(evidence)));
    return restored.analyse(SHADOW, restored.conclude(), 1_000).warnings;
  }
  const userOf = (n: number): string => hash('sha256', `user ${n}`).slice(0, 16);

  it('is warned of where they are few', () => {
    const of20 = Array.from({ length: 400 }, (_, n) => userOf(n % 20));
    expect(told(of20)).toEqual(['the pairs are those of about 18 users: what is shown is so for them']);
    const mostlyOne = Array.from({ length: 400 }, (_, n) => userOf(n % 4 === 0 ? n : 0));
    expect(told(mostlyOne)).toEqual(['the pairs are those of about 2 users: what is shown is so for them']);
  });

  it('is not where they are many, or each stands for itself', () => {
    expect(told(Array.from({ length: 400 }, (_, n) => userOf(n)))).toEqual([]);
    expect(told(Array.from({ length: 400 }, () => null))).toEqual([]);
    expect(told(Array.from({ length: 40 }, () => userOf(1)))).toEqual([]);
  });
});
