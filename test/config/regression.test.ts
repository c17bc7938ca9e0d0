import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../bench/regression-scenarios.ts';
import { load, problemsOf } from './load-text.ts';

const HOUR = 3_600_000;

describe('regression', () => {
  it('is on by default, with the settings that are measured', () => {
    expect(load('').config.regression).toEqual({ ...SETTINGS, segments: [] });
  });

  it('takes spans of days, margins and distances', () => {
    const text = `regression:
  baseline: 7d
  falseAlarmEvery: 12h
  segments: [metadata.tenant, key, language]
  minimum: { requests: 50, time: 20s }
  guard: { error_rate: +10%, finish_reason: 0.2 }`;
    expect(load(text).config.regression).toMatchObject({
      baseline: 168 * HOUR,
      falseAlarmEvery: 12 * HOUR,
      segments: ['metadata.tenant', 'key', 'language'],
      minimum: { requests: 50, time: 20_000 },
      guard: { error_rate: 1.1, finish_reason: 0.2, latency: 1.25 },
    });
  });

  it('leaves out metrics that are off', () => {
    const { guard } = load('regression: { guard: { cost: off, language: off } }').config.regression;
    expect(Object.keys(guard)).not.toContain('cost');
    expect(Object.keys(guard)).not.toContain('language');
    expect(Object.keys(guard)).toHaveLength(9);
  });

  it.each([
    ['guard: { latency: -5% }', 'regression.guard.latency', 'must be a margin'],
    ['guard: { latency: 1.5 }', 'regression.guard.latency', 'must be a margin'],
    ['guard: { language: +25% }', 'regression.guard.language', 'must be a distance'],
    ['guard: { language: 0.9 }', 'regression.guard.language', 'must be a distance'],
    ['segments: [user]', 'regression.segments[0]', 'is not a segment'],
    ['baseline: 0s', 'regression.baseline', 'must be a duration above 0'],
  ])('refuses %s', (setting, path, message) => {
    const [problem] = problemsOf(
      `providers: { sim: { type: simulator } }\npassthrough: { provider: sim }\nregression: { ${setting} }`,
    );
    expect(problem).toMatchObject({ message: expect.stringContaining(message) as string });
    expect(JSON.stringify(problem)).toContain(path);
  });
});
