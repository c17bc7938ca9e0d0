import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from './run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ROLLOUT = {
  name: 'fast-v2',
  match: { model: 'chat-fast' },
  stable: { target: 'sim/fast-v1' },
  canary: { target: 'sim/fast-v2' },
  steps: ['20%', '50%'],
  guard: { error_rate: '+25%' },
  segments: ['metadata.language'],
};

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const one = file('one.yaml', JSON.stringify(ROLLOUT));
const two = file('two.yaml', JSON.stringify({ rollouts: [{ ...ROLLOUT, name: 'other', guard: {} }, ROLLOUT] }));

/** A request a second, every fifth on the canary; its errors are told by the number of the canary's request. */
function* log(requests: number, isCanaryError: (canary: number) => boolean): Generator<string> {
  let canary = 0;
  for (let request = 0; request < requests; request++) {
    const arm = request % 5 === 4 ? 'canary' : 'stable';
    const error = arm === 'canary' ? isCanaryError(++canary) : request % 100 === 0;
    const metadata = { language: request % 3 === 0 ? 'fr' : 'en' };
    yield `${JSON.stringify({ ts: 1_763_000_000 + request, unit: `u${request}`, arm, weight: 0.2, error, metadata })}\n`;
  }
}

async function replay(lines: Iterable<string>, rollout: string, ...options: string[]) {
  return cli(['rollout', 'replay', '-', '--rollout', rollout, ...options], { stdin: [...lines] });
}

async function replayJson(lines: Iterable<string>, rollout: string, ...options: string[]) {
  const { status, stdout } = await replay(lines, rollout, '--json', ...options);
  return { status, value: JSON.parse(stdout) as Record<string, unknown> };
}

describe('replay by the language of the prompt', () => {
  it('reads it from the log', async () => {
    const byLanguage = file('language.yaml', JSON.stringify({ ...ROLLOUT, segments: ['language'] }));
    const lines = [...log(2000, (canary) => canary % 2 === 0)].map((line) =>
      line.replace('"metadata"', '"language":"fr","metadata"'),
    );
    const { value } = await replayJson(lines, byLanguage);
    expect(value['evidence']).toMatchObject([{ segment: null }, { metric: 'error_rate', segment: 'language=fr' }]);
  });
});

describe('replay --json', () => {
  it('tells the rollback with its evidence, and judges no further', async () => {
    const { status, value } = await replayJson(
      log(2000, (canary) => canary % 2 === 0),
      one,
    );
    expect(status).toBe(0);
    expect(value).toMatchObject({
      decision: 'rollback',
      metric: 'error_rate',
      segment: null,
      at_ts: 1_763_000_000 + (value['at_request'] as number) - 1,
      requests: value['at_request'],
      decisions: [{ decision: 'rollback', reason: 'guard', weight: 0.2, metric: 'error_rate' }],
    });
    expect(value['at_request']).toBeLessThan(200);
    expect(value['e_value']).toBeGreaterThan(100);
    const { estimate, low } = value['effect'] as { estimate: number; low: number };
    expect(estimate).toBeGreaterThan(low);
    expect(low).toBeGreaterThan(0.25);
  });

  it('tells that there is nothing to decide, and all evidence', async () => {
    const { value } = await replayJson(
      log(500, (canary) => canary % 100 === 0),
      one,
    );
    expect(value).toMatchObject({
      decision: 'none',
      at_ts: null,
      at_request: null,
      metric: null,
      segment: null,
      e_value: null,
      effect: null,
      decisions: [],
      requests: 500,
      units: { stable: 400, canary: 100 },
    });
    expect(value['evidence']).toMatchObject([
      {
        metric: 'error_rate',
        segment: null,
        counts: { stable: { units: 400, events: 5 }, canary: { units: 100, events: 1 } },
      },
      { metric: 'error_rate', segment: 'metadata.language=fr' },
      { metric: 'error_rate', segment: 'metadata.language=en' },
    ]);
  });

  it('takes fields that are not observed, null, or not known', async () => {
    const line = {
      ts: 1.5,
      unit: 7,
      arm: 'canary',
      weight: 0.2,
      error: null,
      ttft_ms: null,
      more: [1],
      metadata: { a: null },
    };
    const { status, value } = await replayJson(
      [`${JSON.stringify(line)}\r\n`, '\n', '{"ts":2,"arm":"stable","weight":1}'],
      one,
    );
    expect(status).toBe(0);
    expect(value).toMatchObject({ requests: 2, units: { stable: 0, canary: 1 } });
  });
});

describe('replay for people', () => {
  it('is the decision, its evidence, and what else is suspect', async () => {
    const { stdout } = await replay(
      log(2000, (canary) => canary % 2 === 0),
      one,
    );
    expect(stdout).toMatch(/^\d+ requests, \d+ stable and \d+ canary units\n\n2025-11-13 02:\d\d:\d\d {2}request \d+ /);
    expect(stdout).toMatch(
      /canary 20 % {2}rollback \(a guard was crossed\)\n {4}error_rate: e-value \d+ of 133, change \+\d/,
    );
    expect(stdout).toContain('  error_rate where metadata.language=');
  });

  it('says so where nothing was decided', async () => {
    const { stdout } = await replay(
      log(100, () => false),
      one,
    );
    expect(stdout).toContain('No decision: the evidence asks for none yet.');
  });
});

describe('the rollout', () => {
  it('is picked by name where the file has several', async () => {
    const lines = [...log(300, () => true)];
    expect((await replayJson(lines, two, '--name', 'fast-v2')).value).toMatchObject({ decision: 'rollback' });
    expect((await replayJson(lines, two, '--name', 'other')).value).toMatchObject({ decision: 'none', evidence: [] });
    expect((await replayJson(lines, two)).value).toMatchObject({ error: { code: 'invalid_input' } });
    expect((await replayJson(lines, two, '--name', 'none')).value).toMatchObject({ error: { code: 'not_found' } });
  });

  it.each([
    ['no YAML', 'a: [', 'invalid_input'],
    ['an unknown field', JSON.stringify({ ...ROLLOUT, guards: {} }), 'invalid_config'],
    ['a margin that cannot be kept', JSON.stringify({ ...ROLLOUT, guard: { cost: '-100%' } }), 'invalid_input'],
    [
      'an A/B test',
      JSON.stringify({ name: 'ab', match: { model: '*' }, arms: { a: { weight: 50 }, b: { weight: 50 } } }),
      'invalid_input',
    ],
  ])('that is %s is refused', async (_, content, code) => {
    const { status, value } = await replayJson([], file('refused.yaml', content));
    expect(status).toBe(1);
    expect(value).toMatchObject({ error: { code } });
  });

  it('must be given', async () => {
    expect((await cli(['rollout', 'replay', '-'])).status).toBe(2);
  });
});

describe('lines of other rollouts', () => {
  const lines = [...log(400, () => false)];
  const mixed = lines.flatMap((line, index) => [
    line.replace('{', index % 2 === 0 ? '{"rollout":"fast-v2",' : '{"rollout":null,'),
    line
      .replace('{', '{"rollout":"other",')
      .replace(/"arm":"\w+"/, '"arm":"kind"')
      .replace('false', 'true'),
  ]);

  it('are skipped, whatever they hold, and counted', async () => {
    const { skipped, ...judged } = (await replayJson(mixed, one)).value;
    const { skipped: none, ...alone } = (await replayJson(lines, one)).value;
    expect(skipped).toBe(400);
    expect(none).toBe(0);
    expect(judged).toEqual(alone);
  });

  it('are told of on stderr', async () => {
    const { stderr } = await replay(mixed, one);
    expect(stderr).toBe('warning: 400 lines are of other rollouts than "fast-v2" and were skipped\n');
    expect((await replay(lines, one)).stderr).toBe('');
  });
});

describe('a last line that was cut', () => {
  const lines = [...log(400, () => false)];

  it.each(['{"ts":17630', '{"ts":17630\n\n'])('is left out with a warning: %j', async (cut) => {
    const { value, status } = await replayJson([...lines, cut], one);
    expect(status).toBe(0);
    expect(value).toMatchObject({ requests: 400, warnings: ['the last line is not whole and was left out'] });
    expect((await replay([...lines, cut], one)).stdout).toContain('warning: the last line is not whole');
  });

  it('is refused where it is all there is', async () => {
    expect(await replay(['{"ts":17630'], one)).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('a bad line', () => {
  const good = '{"ts":1,"arm":"stable","weight":0.05}\n';

  it.each([
    ['not json', 'is not JSON'],
    ['[1]', 'is not a JSON object'],
    ['{"arm":"stable","weight":0.05}', 'has no "ts"; write a time in Unix seconds, not milliseconds'],
    [
      '{"ts":1763000000000,"arm":"stable","weight":0.05}',
      'has a "ts" that is not a time in Unix seconds, not milliseconds',
    ],
    ['{"ts":1,"arm":"stable","weight":0.05,"rollout":5}', 'has a "rollout" that is not text'],
    ['{"ts":1,"arm":"other","weight":0.05}', 'has a "arm" that is not "stable" or "canary"'],
    ['{"ts":1,"arm":"toString","weight":0.05}', 'has a "arm" that is not "stable" or "canary"'],
    ['{"ts":1,"arm":"stable","weight":5}', 'has a "weight" that is not a number from 0 to 1'],
    ['{"ts":1,"arm":"stable","weight":0.05,"error":1}', 'has a "error" that is not true or false'],
    ['{"ts":1,"arm":"stable","weight":0.05,"ttft_ms":-1}', 'has a "ttft_ms" that is not a number from 0'],
    ['{"ts":1,"arm":"stable","weight":0.05,"finish_reason":1}', 'has a "finish_reason" that is not text'],
    ['{"ts":1,"arm":"stable","weight":0.05,"unit":{}}', 'has a "unit" that is not text or a number'],
    ['{"ts":1,"arm":"stable","weight":0.05,"metadata":{"a":[]}}', 'has "metadata.a", which is not text'],
  ])('%s is refused with its number', async (line, problem) => {
    const { status, stderr } = await replay([good, good, `${line}\n`, good], one);
    expect(status).toBe(1);
    expect(stderr).toContain(`Line 3 of the log ${problem}`);
  });

  it('is in the JSON as a number', async () => {
    const { value } = await replayJson([good, '{}'], one);
    expect(value).toMatchObject({ error: { code: 'invalid_log', line: 2 } });
  });

  it('cannot be in a log that is not there', async () => {
    const { status, stderr } = await cli(['rollout', 'replay', join(directory, 'none.jsonl'), '--rollout', one]);
    expect(status).toBe(1);
    expect(stderr).toContain('cannot be read');
  });
});
