import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli } from './run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const MINIMAL = 'providers: { sim: { type: simulator } }\npassthrough: { provider: sim }\n';

describe('the command line', () => {
  const VERBS = [
    ['serve'],
    ['check'],
    ['sim'],
    ['redact'],
    ...[
      'list',
      'apply',
      'status',
      'set-weight',
      'pause',
      'resume',
      'promote',
      'abort',
      'retry',
      'history',
      'assign',
      'delete',
    ].map((verb) => ['rollout', verb]),
    ...['create', 'list', 'show', 'rotate', 'revoke'].map((verb) => ['key', verb]),
    ...['verify', 'tail', 'export', 'key'].map((verb) => ['audit', verb]),
  ];

  it.each(VERBS)('%s %s explains itself and takes the common options', async (...verb) => {
    const { status, stdout } = await cli([...verb.filter((word) => word !== undefined), '--help']);
    expect(status).toBe(0);
    for (const option of ['--config', '--url', '--token', '--json', '--help']) expect(stdout).toContain(option);
  });

  it.each([['serve'], ['check'], ['sim'], ['redact']])(
    '%s says that it uses no admin URL and no token',
    async (verb) => {
      const { stdout } = await cli([verb, '--help']);
      expect(stdout).toMatch(/--url <url> +not used by this verb/);
      expect(stdout).toMatch(/--token <token> +not used by this verb/);
    },
  );

  it('set-weight names its second argument', async () => {
    expect((await cli(['rollout', 'set-weight', '--help'])).stdout).toContain('<name> <pct>');
    expect(await cli(['rollout', 'set-weight', 'fast-v2'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("missing required argument 'pct'"),
    });
  });

  it('--version tells the version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect(await cli(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [[]],
    [['nonsense']],
    [['rollout']],
    [['rollout', 'abort']],
    [['rollout', 'list', '--nonsense']],
    [['rollout', 'apply']],
  ])('%j is a usage error', async (argv) => {
    const { status, stdout, stderr } = await cli(argv);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });

  it('--json tells usage errors as one JSON value', async () => {
    const { status, stdout, stderr } = await cli(['rollout', 'abort', '--json']);
    expect([status, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage', message: expect.stringContaining('name') } });
  });
});

describe('check', () => {
  const good = file('good.yaml', MINIMAL);
  const bad = file('bad.yaml', 'gateway:\n  prot: 8080\n');

  it('says ok', async () => {
    expect(await cli(['check', good])).toEqual({ status: 0, stdout: `ok: ${good}\n`, stderr: '' });
    expect(await cli(['check', '--config', good])).toMatchObject({ status: 0 });
  });

  it('tells file, line, column and the fix', async () => {
    const { status, stderr } = await cli(['check', bad]);
    expect(status).toBe(1);
    expect(stderr).toContain(`${bad}:2:3: error: `);
    expect(stderr).toContain('fix: ');
  });

  it.each(['', 'auth: { required: true }\n', 'providers: { sim: { type: simulator } }\n'])(
    'refuses a file that is empty or cut off: %j',
    async (content) => {
      const { status, stderr } = await cli(['check', file('cut.yaml', content)]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/cut\.yaml:1:1: error: "(providers|models)" names no/);
    },
  );

  it('tells the same as JSON', async () => {
    const { status, stdout } = await cli(['check', bad, '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'invalid_config', problems: [{ file: bad, line: 2, column: 3 }] },
    });
    expect(JSON.parse((await cli(['check', good, '--json'])).stdout)).toEqual({ ok: true, file: good, warnings: [] });
  });

  it('reads the environment that it is given', async () => {
    const config = file('env.yaml', `${MINIMAL}admin: { token: "\${TOKEN}" }\n`);
    expect(await cli(['check', config])).toMatchObject({ status: 1, stderr: expect.stringContaining('TOKEN') });
    expect(await cli(['check', config], { env: { TOKEN: 'x' } })).toMatchObject({ status: 0 });
  });
});

describe('sim', () => {
  it('serves a simulated provider until it is stopped', async () => {
    let baseUrl = '';
    let models: unknown;
    const { status } = await cli(['sim', '--port', '0', '--json', '--fault', 'http-500@broken'], {
      onOutput: (text) => ({ baseUrl } = JSON.parse(text) as { baseUrl: string }),
      untilStopped: async () => {
        models = await (await fetch(`${baseUrl}/models`)).json();
      },
    });
    expect(status).toBe(0);
    expect(models).toMatchObject({ object: 'list' });
    await expect(fetch(`${baseUrl}/models`)).rejects.toThrow('fetch failed');
  });

  it.each([
    [['--fault', 'explode'], 2],
    [['--port', '70000'], 2],
    [['--port', 'abc'], 2],
    [['--seed', '-1'], 2],
    [['--profile', 'fast-v2'], 2],
    [['--profile', '={}'], 2],
    [['--profile', 'fast-v2={"nonsense":1}'], 1],
  ])('%j is refused with status %i', async (argv, status) => {
    expect(await cli(['sim', '--port', '0', ...argv])).toMatchObject({ status, stdout: '' });
  });
});

describe('serve', () => {
  it('tells what is wrong with the configuration, without a stack', async () => {
    const bad = file('serve.yaml', 'gateway:\n  prot: 8080\n');
    const { status, stderr } = await cli(['serve', '--config', bad]);
    expect(status).toBe(1);
    expect(stderr).toContain(`${bad}:2:3: error: `);
    expect(stderr).not.toContain('    at ');
  });
});
