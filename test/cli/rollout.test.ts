import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/core/analysis.ts';
import { DECLARED, startTestAdmin, viewOf, type TestAdmin } from '../admin/test-admin.ts';
import { cli, type CliInput } from './run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let admin: TestAdmin;
beforeEach(async () => {
  admin = await startTestAdmin();
});
afterEach(() => admin.server.close());

function rollout(verb: string, ...rest: string[]) {
  return cli(['rollout', verb, ...rest, '--url', admin.url]);
}

async function json(argv: readonly string[], input: CliInput = {}): Promise<{ status: number; value: unknown }> {
  const { status, stdout } = await cli([...argv, '--json', '--url', admin.url], input);
  return { status, value: JSON.parse(stdout) };
}

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('list of what has finished', () => {
  it.each([
    ['promoted', ['promote', 'fast-v2', '--full'], 'healthy         100 %  4/4   -   '],
    ['rolled back', ['abort', 'fast-v2'], 'degraded          0 %  1/4   -   '],
  ] as const)('shows no old verdict (%s)', async (_, [verb, ...rest], row) => {
    await rollout(verb, ...rest);
    const line = (await rollout('list')).stdout.split('\n')[1]!;
    expect(line.replace(/ {2,}/g, ' ')).toContain(row.replace(/ {2,}/g, ' ').trimEnd());
  });

  it('shows the verdict as long as a holdback is judged', async () => {
    await admin.call('PUT', '/api/v1/rollouts/fast-v2', { ...DECLARED, holdback: { weight: '2%', for: '1h' } });
    await rollout('promote', 'fast-v2', '--full');
    expect((await rollout('list')).stdout).toMatch(/healthy +98 % +4\/4 +gathering /);
  });
});

describe('a shadow', () => {
  const metric = (name: string, state: string) => ({ role: 'shadow', metric: name, state });
  it.each([
    [
      [metric('error_rate', 'crossed'), metric('cost', 'changed'), metric('latency', 'crossed')],
      'worse: error_rate, latency',
    ],
    [[metric('finish_reason', 'changed'), metric('cost', 'gathering')], 'differs: finish_reason'],
  ])('is listed with what its copies do worse: %j', async (metrics, told) => {
    const analysis = { at: 0, epoch: 2, decision: 'hold', reason: 'paired', minutesToGo: null, metrics, warnings: [] };
    await admin.server.close();
    admin = await startTestAdmin({ analysis: viewOf({ analysis: () => analysis as unknown as Analysis }) });
    await admin.call('PUT', '/api/v1/rollouts/copy', {
      match: { model: 'm' },
      shadow: { target: 'sim/x', sample: '10%' },
    });
    const { stdout } = await cli(['rollout', 'list', '--url', admin.url]);
    expect(stdout.replace(/ {2,}/g, '  ')).toContain(`copy  shadow  healthy  -  -  ${told}  -  `);
  });
});

describe('apply of what is in the way of another rollout', () => {
  it('warns, on stderr or in the reply', async () => {
    const path = file('same.yaml', JSON.stringify({ ...DECLARED, name: 'later' }));
    const sentence = '"later" never takes part: "fast-v2" matches all of its requests and comes first';
    const { status, stdout, stderr } = await rollout('apply', '-f', path);
    expect([status, stdout]).toEqual([0, 'later: progressing, canary 5 %\n']);
    expect(stderr).toMatch(new RegExp(`^warning: ${sentence}; give them a layer.*\n$`));
    const reply = await json(['rollout', 'apply', '-f', path]);
    expect(reply).toMatchObject({ status: 0, value: { warnings: [expect.stringContaining(sentence)] } });
  });
});

describe('list', () => {
  it('is an aligned table', async () => {
    const { stdout } = await rollout('list');
    expect(stdout).toBe(
      'NAME     KIND    PHASE        WEIGHT  STEP  DECISION   TIME LEFT  REVISION  CHANGED (UTC)\n' +
        'fast-v2  canary  progressing     5 %  1/4   gathering          -         1  2026-01-31 12:00:00\n',
    );
  });

  it('is an array with --json', async () => {
    expect(await json(['rollout', 'list'])).toMatchObject({ status: 0, value: [{ name: 'fast-v2' }] });
  });
});

describe('the verbs', () => {
  it.each([
    [['set-weight', 'fast-v2', '37'], 'fast-v2: paused, canary 37 %'],
    [['set-weight', 'fast-v2', '37%'], 'fast-v2: paused, canary 37 %'],
    [['set-weight', 'fast-v2', '0.5'], 'fast-v2: paused, canary 0.5 %'],
    [['pause', 'fast-v2'], 'fast-v2: paused, canary 5 %'],
    [['promote', 'fast-v2'], 'fast-v2: progressing, canary 25 %'],
    [['promote', 'fast-v2', '--full'], 'fast-v2: healthy, canary 100 %'],
    [['abort', 'fast-v2', '--reason', 'too slow'], 'fast-v2: degraded, canary 0 %'],
  ])('%j say %s', async ([verb, ...rest], line) => {
    expect(await rollout(verb!, ...rest)).toEqual({ status: 0, stdout: `${line}\n`, stderr: '' });
  });

  it('pause, resume, abort and retry follow each other', async () => {
    for (const [verb, phase] of [
      ['pause', 'paused'],
      ['resume', 'progressing'],
      ['abort', 'degraded'],
      ['retry', 'progressing'],
    ] as const) {
      expect(await json(['rollout', verb, 'fast-v2'])).toMatchObject({ status: 0, value: { phase } });
    }
  });

  it('that are refused exit 1 and tell the fix', async () => {
    const { status, stdout, stderr } = await rollout('retry', 'fast-v2');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'The canary "fast-v2" is progressing and cannot take `retry`: only a rollout that was rolled back is retried.\n',
    );
    expect(await json(['rollout', 'retry', 'fast-v2'])).toMatchObject({
      status: 1,
      value: { error: { code: 'invalid_transition' } },
    });
  });

  it('reach a rollout whatever its name holds', async () => {
    expect(await json(['rollout', 'abort', 'a/b?c'])).toMatchObject({
      status: 1,
      value: { error: { code: 'rollout_not_found', message: 'There is no rollout "a/b?c".' } },
    });
  });

  it.each(['12x', 'abc', '', '1e2', '--', '1,5'])('set-weight %s is a usage error', async (weight) => {
    const { status } = await rollout('set-weight', 'fast-v2', weight);
    expect(status).toBe(2);
    expect(admin.registry.get('fast-v2').version).toBe(1);
  });

  it('history tells who did what and why', async () => {
    await rollout('abort', 'fast-v2', '--reason', 'too slow');
    const { stdout } = await rollout('history', 'fast-v2', '--limit', '1');
    expect(stdout).toBe(
      'TIME (UTC)           ACTION  PHASE     WEIGHT  BY   REVISION  REASON\n' +
        '2026-01-31 12:00:00  abort   degraded     0 %  api         1  too slow\n',
    );
  });
});

describe('apply', () => {
  const extra = { ...DECLARED, name: 'extra' };

  it('takes one rollout as YAML', async () => {
    const yaml = 'name: extra\nmatch: { model: chat-fast }\ncanary: { target: sim/fast-v2 }\n';
    const applied = await json(['rollout', 'apply', '-f', file('one.yaml', yaml)]);
    expect(applied).toMatchObject({ status: 0, value: { name: 'extra', weight: 5 } });
  });

  it.each([
    ['a list', [extra, { ...extra, name: 'more' }]],
    ['a configuration', { rollouts: [extra, { ...extra, name: 'more' }] }],
  ])('takes %s as JSON from stdin', async (_, content) => {
    const applied = await json(['rollout', 'apply', '-f', '-'], { stdin: JSON.stringify(content) });
    expect(applied).toMatchObject({ status: 0, value: [{ name: 'extra' }, { name: 'more' }] });
  });

  it.each([
    ['no-name.yaml', 'match: { model: x }', /Rollout 1 of .*no-name\.yaml has no name/],
    ['empty.yaml', '', /has no name/],
    ['not.yaml', 'a: [', /is not YAML/],
    ['bad.yaml', 'name: bad\nmatch: { model: x }\ncanary: { target: nobody/x }\n', /unknown provider "nobody"/],
  ])('refuses %s', async (name, content, message) => {
    const { status, stderr } = await rollout('apply', '-f', file(name, content));
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('delete forgets what was applied', async () => {
    await json(['rollout', 'apply', '-f', '-'], { stdin: JSON.stringify(extra) });
    expect(await rollout('delete', 'extra')).toMatchObject({ status: 0, stdout: 'extra: deleted\n' });
    expect(await json(['rollout', 'delete', 'extra'])).toMatchObject({
      status: 1,
      value: { error: { code: 'rollout_not_found' } },
    });
  });
});

describe('status', () => {
  it('tells on one screen what is happening and what can be done', async () => {
    await rollout('set-weight', 'fast-v2', '37', '--reason', 'try more');
    const { stdout } = await rollout('status', 'fast-v2');
    expect(stdout.split('\n')).toEqual([
      'fast-v2  canary, paused, revision 1',
      '  Held at 37 % on the canary; `resume` continues from there, `promote` goes to 50 %, `abort` goes',
      '  back to 0 %.',
      '',
      'steps    5 %  25 %  50 %  100 %',
      'match    model chat-fast',
      'sticky   metadata.conversation, user; salt fast-v2',
      'since    2026-01-31 12:00:00 UTC',
      '',
      'ARM     TARGET       WEIGHT',
      'stable  sim/fast-v1    63 %  #########################',
      'canary  sim/fast-v2    37 %  ###############',
      '',
      'TIME (UTC)           ACTION      WEIGHT  BY      REASON',
      '2026-01-31 12:00:00  set-weight    37 %  api     try more',
      '2026-01-31 12:00:00  apply          5 %  config  declared',
      '',
    ]);
  });

  it.each([
    ['progressing', [], '5 % of the matching traffic is on the canary; `promote` goes to 25 %'],
    ['healthy', ['promote', '--full'], 'Done: all matching traffic is on the canary.'],
    ['degraded', ['abort'], 'Rolled back: all matching traffic is on stable. `retry` starts again at 5 %.'],
  ])('explains %s', async (phase, [verb, ...rest], text) => {
    if (verb !== undefined) await rollout(verb, 'fast-v2', ...rest);
    const { stdout } = await rollout('status', 'fast-v2');
    expect(stdout).toContain(phase);
    expect(stdout).toContain(text);
  });

  /** Steers the rollout when the watcher has shown the state before. */
  function steer(...verbs: readonly (readonly string[])[]): (text: string) => void {
    const left = [...verbs];
    return (text) => {
      const next = text.includes('ARM') ? left.shift() : undefined;
      if (next !== undefined) void rollout(next[0]!, 'fast-v2', ...next.slice(1));
    };
  }

  it('--watch shows each change and ends with the rollout', async () => {
    const onOutput = steer(['promote'], ['promote', '--full']);
    const { status, stdout } = await cli(['rollout', 'status', 'fast-v2', '-w', '--url', admin.url], { onOutput });
    expect(status).toBe(0);
    expect(stdout.match(/^fast-v2 .*$/gm)).toEqual([
      'fast-v2  canary, progressing, revision 1',
      'fast-v2  canary, progressing, revision 1',
      'fast-v2  canary, healthy, revision 1',
    ]);
  });

  it('--watch exits 1 when the rollout is rolled back', async () => {
    const onOutput = steer(['abort']);
    const watched = await cli(['rollout', 'status', 'fast-v2', '-w', '--url', admin.url], { onOutput });
    expect(watched.status).toBe(1);
    expect(watched.stdout).toContain('canary, degraded');
  });

  it('--watch --json prints the end alone', async () => {
    await rollout('abort', 'fast-v2');
    expect(await json(['rollout', 'status', 'fast-v2', '-w'])).toMatchObject({
      status: 1,
      value: { phase: 'degraded' },
    });
  });

  it('--watch says so when the gateway stops', async () => {
    const watched = await cli(['rollout', 'status', 'fast-v2', '-w', '--url', admin.url], {
      onOutput: (text) => void (text.includes('ARM') && admin.server.close()),
    });
    expect(watched.status).toBe(1);
    expect(watched.stderr).toContain('The gateway ended the stream of events');
    admin = await startTestAdmin();
  });
});

describe('assign', () => {
  it('answers for units on the command line', async () => {
    await rollout('set-weight', 'fast-v2', '100');
    const { stdout } = await rollout('assign', 'fast-v2', 'user-1', 'user-2');
    expect(stdout).toMatch(
      /^UNIT {4}ARM {5}POSITION\nuser-1 {2}canary {2}0\.\d{6}\nuser-2 {2}canary {2}0\.\d{6}\n\nARM/,
    );
    expect(stdout).toContain('canary      2  100 %');
  });

  it('reads lines of any line end, cut anywhere, from stdin', async () => {
    const stdin = ['user-1\r\nus', 'er-2\n', 'zoë\nlast'];
    const { value } = await json(['rollout', 'assign', 'fast-v2', '--file', '-'], { stdin });
    expect((value as { unit: string }[]).map(({ unit }) => unit)).toEqual(['user-1', 'user-2', 'zoë', 'last']);
  });

  it('copes with 200,000 units, in order, and very long ones', { timeout: 60_000 }, async () => {
    await rollout('set-weight', 'fast-v2', '25');
    const units = Array.from({ length: 200_000 }, (_, unit) =>
      unit % 50_000 === 0 ? `${'x'.repeat(60_000)}${unit}` : `user-${unit}`,
    );
    const { value } = await json(['rollout', 'assign', 'fast-v2', '-F', file('units', units.join('\n'))]);
    const assignments = value as { unit: string; arm: string }[];
    expect(assignments.map(({ unit }) => unit)).toEqual(units);
    const share = assignments.filter(({ arm }) => arm === 'canary').length / units.length;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.003);
  });

  it('without units is a usage error, and a file that is missing a failure', async () => {
    expect(await rollout('assign', 'fast-v2')).toMatchObject({ status: 2 });
    const missing = await rollout('assign', 'fast-v2', '-F', join(directory, 'missing'));
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be read: ENOENT') });
  });
});

describe('the connection', () => {
  it('to nothing names the URL and how to start a gateway', async () => {
    await admin.server.close();
    const { status, stderr } = await rollout('list');
    expect(status).toBe(1);
    expect(stderr).toContain(`No gateway answers at ${admin.url}`);
    expect(stderr).toContain('sluice serve');
    expect(await json(['rollout', 'list'])).toMatchObject({ status: 1, value: { error: { code: 'unreachable' } } });
    admin = await startTestAdmin();
  });

  it('takes the token from --token or the environment', async () => {
    await admin.server.close();
    admin = await startTestAdmin({ token: () => 'let-me-in' });
    const refused = await rollout('list');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('--token or SLUICE_ADMIN_TOKEN') });
    expect(await rollout('list', '--token', 'let-me-in')).toMatchObject({ status: 0 });
    expect(await json(['rollout', 'list'], { env: { SLUICE_ADMIN_TOKEN: 'let-me-in' } })).toMatchObject({ status: 0 });
  });

  it('to a URL that is none is a usage error', async () => {
    expect(await cli(['rollout', 'list', '--url', 'nonsense'])).toMatchObject({ status: 2 });
  });
});
