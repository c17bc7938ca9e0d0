import { expect, test } from 'vitest';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import { cli, type CliResult } from './run-cli.ts';

async function setup(): Promise<{ gateway: TestGateway; run(...argv: readonly string[]): Promise<CliResult> }> {
  const gateway = await startTestGateway({
    providers: { sim: { type: 'simulator' } },
    models: { chat: { target: 'sim/fast-v1' }, other: { target: 'sim/fast-v1' } },
    teams: [{ name: 'search', models: ['*'] }],
    keys: [{ name: 'app', secret: 'sk-app-0123456789', team: 'search', models: ['*'] }],
  });
  for (const [model, key] of [
    ['chat', 'sk-app-0123456789'],
    ['other', ''],
    ['nobody-knows', ''],
  ] as const)
    await postJson(
      `${gateway.url}/v1/chat/completions`,
      { model, messages: [{ role: 'user', content: 'Hello' }] },
      key === '' ? {} : { authorization: `Bearer ${key}` },
    );
  return { gateway, run: (...argv) => cli(['requests', ...argv, '--url', gateway.adminUrl], { now: Date.now() }) };
}

interface Listed {
  readonly requests: readonly { readonly requestId: string; readonly requestedModel: string }[];
  readonly cursor: string | null;
}

const listed = ({ stdout }: CliResult): Listed => JSON.parse(stdout) as Listed;
const models = (result: CliResult): string[] => listed(result).requests.map(({ requestedModel }) => requestedModel);

test('requests are shown newest first, and by what is asked of them', async () => {
  const { run } = await setup();
  expect(models(await run('--json'))).toEqual(['nobody-knows', 'other', 'chat']);
  expect(models(await run('--json', '--team', 'search'))).toEqual(['chat']);
  expect(models(await run('--json', '--key', 'anonymous', '--status', '2xx'))).toEqual(['other']);
  expect(models(await run('--json', '--status', '404', '--error-type', 'model_not_found'))).toEqual(['nobody-knows']);
  expect(models(await run('--json', '--min-duration', '1h'))).toEqual([]);
  expect(models(await run('--json', '--since', '15m', '--model', 'chat'))).toEqual(['chat']);
  expect(models(await run('--json', '--until', '1h'))).toEqual([]);
  expect(models(await run('--json', '--since', '7d', '--source', 'memory', '--model', 'chat'))).toEqual(['chat']);
});

test('the next page begins where the one before ended', async () => {
  const { run } = await setup();
  const first = listed(await run('--json', '--limit', '2'));
  expect(first.requests).toHaveLength(2);
  const second = await run('--json', '--limit', '2', '--cursor', first.cursor!);
  expect([models(second), listed(second).cursor]).toEqual([['chat'], null]);
  expect((await run('--limit', '2')).stdout).toContain(`more: --cursor ${first.cursor!}`);
});

test('people get a table, or are told that there is nothing', async () => {
  const { run } = await setup();
  const { stdout } = await run('--model', 'nobody-knows');
  expect(stdout).toMatch(/^AT .*REQUEST .*STATUS .*\n\d{4}-.* nobody-knows +404 {2}denied: model_not_found/);
  expect((await run('--arm', 'none')).stdout).toBe('No request that is remembered fits.\n');
});

test.each([
  [['--since', 'yesterday'], '--since: "yesterday" is no instant'],
  [['--limit', '0'], '--limit: "0" is not a whole number'],
])('%j is refused', async (argv, message) => {
  const { run } = await setup();
  const { status, stderr } = await run(...argv);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('a status that is none is refused by the gateway, naming it', async () => {
  const { run } = await setup();
  const { status, stderr } = await run('--status', '9xx');
  expect([status, stderr]).toEqual([1, expect.stringContaining('status')]);
});
