import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestAdmin, type TestAdmin } from '../admin/test-admin.ts';
import { cli, type CliInput } from './run-cli.ts';

let admin: TestAdmin;
beforeEach(async () => {
  admin = await startTestAdmin();
});
afterEach(() => admin.server.close());

const key = (argv: readonly string[], input: CliInput = {}) => cli(['key', ...argv, '--url', admin.url], input);

async function json(argv: readonly string[], input: CliInput = {}): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await key([...argv, '--json'], input);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('sluice key create', () => {
  it('shows the secret once, for people', async () => {
    const { status, stdout } = await key(['create', 'mobile', '--team', 'search']);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^The key "mobile" \(key_[0-9a-f]{24}\) was made\. It is shown this once:\n\nsk-sluice-\w{43}\n$/,
    );
    const [secret] = /sk-sluice-\w{43}/.exec(stdout)!;
    for (const verb of [['list'], ['show', 'mobile']]) expect((await key(verb)).stdout).not.toContain(secret);
  });

  it('takes what options say', async () => {
    const argv = [
      'create',
      'mobile',
      '--owner',
      'ann',
      '--models',
      'gpt-4o, claude-*',
      '--metadata',
      'app=m',
      '--metadata',
      'x=a=b',
    ];
    const limits = [
      '--requests',
      '600/m',
      '--tokens',
      '200k/m',
      '--concurrent',
      '4',
      '--budget',
      '50 USD/month',
      '--budget',
      '5 USD/day',
    ];
    expect(await json([...argv, ...limits, '--expires', '30d', '--allow-arm-override'])).toMatchObject({
      owner: 'ann',
      models: ['gpt-4o', 'claude-*'],
      metadata: { app: 'm', x: 'a=b' },
      limits: { requests: '600/m', tokens: '200k/m', concurrent: 4 },
      budget: ['50 USD/month', '5 USD/day'],
      expiresAt: '2026-03-02T12:00:00.000Z',
      allowArmOverride: true,
    });
  });

  it('takes a file, and options over it', async () => {
    const stdin = 'models: [o1]\nowner: ann\nredaction: { emails: mask }\n';
    expect(await json(['create', 'mobile', '-f', '-', '--owner', 'bob'], { stdin })).toMatchObject({
      models: ['o1'],
      owner: 'bob',
      redaction: { emails: { request: 'mask' } },
    });
  });

  it.each([
    [['create', 'dev'], 1, 'The configuration has a key "dev"'],
    [['create', 'x', '--team', 'serach'], 1, 'did you mean "search"?'],
    [['create', 'x', '--budget', 'much'], 1, '50 USD/month'],
    [['create', 'x', '--metadata', 'app'], 2, 'is not name=value'],
    [['create', 'x', '-f', '/nowhere.yaml'], 1, 'cannot be read'],
    [['create'], 2, "missing required argument 'name'"],
    [['rotate', 'nobody'], 1, 'There is no key "nobody"'],
    [['revoke', 'dev'], 1, 'stands in the configuration file'],
    [['show', 'key_none'], 1, 'There is no key "key_none"'],
  ])('%j is refused', async (argv, status, message) => {
    const result = await key(argv);
    expect([result.status, result.stdout]).toEqual([status, '']);
    expect(result.stderr).toContain(message);
    const { error } = JSON.parse((await key([...argv, '--json'])).stdout) as { error: { message: string } };
    expect(error.message).toContain(message);
  });
});

describe('sluice key list', () => {
  it('shows all that are not revoked, and with --all those too', async () => {
    const { id, prefix } = await json(['create', 'mobile', '--team', 'search', '--expires', '2027-01-31']);
    await json(['create', 'old']);
    expect((await key(['revoke', 'old'])).stdout).toBe('The key "old" is revoked.\n');
    const { stdout } = await key(['list']);
    expect(stdout).toBe(
      [
        'NAME    STATE   SECRET           TEAM    OWNER  MODELS  EXPIRES (UTC)        ID',
        `mobile  active  ${String(prefix)}  search  -      *       2027-01-31 00:00:00  ${String(id)}`,
        'dev     active  -                -       -      *       -                    config:dev',
        '',
      ].join('\n'),
    );
    expect((await key(['list', '--all'])).stdout).toContain('revoked');
  });
});

describe('sluice key rotate', () => {
  it('shows the new secret and how long the one before is good', async () => {
    const { prefix } = await json(['create', 'mobile']);
    const { stdout } = await key(['rotate', 'mobile']);
    expect(stdout).toContain('The key "mobile"');
    expect(stdout).toContain(`${String(prefix)} stays valid until 2026-02-01 12:00:00 UTC.`);
    expect(await json(['rotate', 'mobile', '--overlap', '0'])).toMatchObject({ previousSecrets: [], version: 3 });
    expect((await key(['rotate', 'mobile', '--overlap', 'soon'])).stderr).toContain('must be a duration');
  });
});

describe('sluice key show', () => {
  it('tells all but the secret, by name or id', async () => {
    const { id } = await json(['create', 'mobile', '--models', 'o1', '--requests', '600/m']);
    const { stdout } = await key(['show', 'mobile']);
    expect(stdout).toMatch(/^name +mobile\nid +key_/);
    expect(stdout).toContain('limits        requests=600/m\n');
    expect((await key(['show', String(id)])).stdout).toBe(stdout);
    expect((await key(['show', 'config:dev'])).stdout).toContain('in the configuration file');
  });

  it('means the one in use where a revoked key had the name', async () => {
    await json(['create', 'mobile']);
    await json(['revoke', 'mobile']);
    expect(await json(['show', 'mobile'])).toMatchObject({ state: 'revoked' });
    const { id } = await json(['create', 'mobile']);
    expect(await json(['show', 'mobile'])).toMatchObject({ id, state: 'active' });
  });
});
