import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { answerJson, startFakeUpstream, type FakeUpstream, type UpstreamHandler } from '../support/fake-upstream.ts';
import { exchange, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

/** Makes objects whose ids tell where they were made, and answers everything else with its own name. */
function maker(name: string): UpstreamHandler {
  let made = 0;
  return (call) => {
    const { method, url } = call;
    if (method === 'POST' && url === '/v1/responses') return answerResponse(call, `resp_${name}${made++}000000`);
    if (method === 'POST' && url === '/v1/files')
      return answerJson(call, { id: `file-${name}${made++}000000`, object: 'file' });
    if (method === 'POST' && url === '/v1/messages/batches') return answerJson(call, batch(`msgbatch_${name}0000000`));
    if (method === 'GET' && url.startsWith('/v1/messages/batches/') && !url.endsWith('/results'))
      return answerJson(call, batch(url.split('/').at(-1)!));
    if (method === 'DELETE') return answerJson(call, { id: url.split('/').at(-1), deleted: true });
    if (method === 'GET' && url === '/v1/files')
      return answerJson(call, {
        object: 'list',
        data: [{ id: 'file-alpha0000000' }, { id: 'file-unheardOf1' }, { id: 'short' }],
      });
    return answerJson(call, { served: name });
  };
}

function batch(id: string): object {
  return { id, type: 'message_batch', results_url: `https://provider.example/v1/messages/batches/${id}/results` };
}

function answerResponse(call: Parameters<UpstreamHandler>[0], id: string): void {
  const response = { id, object: 'response', status: 'completed', output: [{ type: 'message', id: `msg_${id}` }] };
  const { stream } = JSON.parse(call.body.toString()) as { stream?: boolean };
  if (stream !== true) return answerJson(call, response);
  const event = (type: string): string => `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`;
  call.outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  call.outgoing.end(event('response.created') + event('response.completed'));
}

interface Setup {
  readonly gateway: TestGateway;
  readonly config: TestConfig;
  readonly alpha: FakeUpstream;
  readonly beta: FakeUpstream;
}

async function setup(more: TestConfig = {}): Promise<Setup> {
  const alpha = await startFakeUpstream(maker('alpha'));
  const beta = await startFakeUpstream(maker('beta'));
  const config = {
    providers: {
      alpha: { type: 'openai', baseUrl: `${alpha.url}/v1`, apiKey: 'sk-alpha' },
      beta: { type: 'openai', baseUrl: `${beta.url}/v1`, apiKey: 'sk-beta' },
      claude: { type: 'anthropic', baseUrl: beta.url, apiKey: 'sk-claude' },
    },
    passthrough: { provider: 'alpha' },
    models: {
      one: { target: 'alpha/m' },
      two: { target: 'beta/m' },
      both: { target: 'alpha/m', fallbacks: ['beta/m2'] },
      'claude-*': { provider: 'claude' },
    },
    teams: [{ name: 'red', models: ['*'] }],
    keys: [
      { name: 'ann', secret: 'sk-ann-000000000000', team: 'red', models: ['*'] },
      { name: 'bob', secret: 'sk-bob-000000000000', team: 'red', models: ['*'] },
      { name: 'eve', secret: 'sk-eve-000000000000', models: ['*'] },
      { name: 'two-only', secret: 'sk-two-000000000000', models: ['two'] },
    ],
    ...more,
  };
  return { gateway: await startTestGateway(config), config, alpha, beta };
}

interface Said {
  readonly as?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

function ask(
  { url }: TestGateway,
  path: string,
  body: unknown,
  { as = 'ann', method, headers }: Said = {},
): Promise<HttpReply> {
  const authorization = `Bearer sk-${as}-000000000000`;
  const call = {
    method: method ?? (body === null ? 'GET' : 'POST'),
    headers: { authorization, 'content-type': 'application/json', ...headers },
  };
  return exchange(`${url}${path}`, body === null ? call : { ...call, body: JSON.stringify(body) });
}

async function makeResponse(gateway: TestGateway, more: object = {}, said: Said = {}): Promise<string> {
  const reply = await ask(gateway, '/v1/responses', { model: 'two', input: 'Hi', ...more }, said);
  return /resp_beta\d+/.exec(reply.text)![0];
}

test.each([
  ['buffered', {}],
  ['streamed', { stream: true }],
])('a %s response is read, cancelled and deleted where it was made', async (_form, more) => {
  const { gateway, alpha, beta } = await setup();
  const id = await makeResponse(gateway, more);
  for (const [method, path] of [
    ['GET', `/v1/responses/${id}`],
    ['GET', `/v1/responses/${id}/input_items?limit=2`],
    ['POST', `/v1/responses/${id}/cancel`],
    ['DELETE', `/v1/responses/${id}`],
  ] as const) {
    const reply = await ask(gateway, path, method === 'POST' ? {} : null, { method });
    expect([path, reply.status, reply.headers['x-sluice-provider']]).toEqual([path, 200, 'beta']);
    expect(beta.calls.at(-1)).toMatchObject({ method, url: path });
  }
  expect(alpha.calls).toEqual([]);
});

test('a call that names an earlier response goes to its provider, whatever the model’s first target is', async () => {
  const { gateway } = await setup();
  const id = await makeResponse(gateway);
  const follow = (body: object) => ask(gateway, '/v1/responses', { model: 'both', input: 'On', ...body });
  const provider = async (body: object) => (await follow(body)).headers['x-sluice-provider'];
  expect(await provider({})).toBe('alpha');
  expect(await provider({ previous_response_id: id })).toBe('beta');
  expect(await provider({ input: [{ type: 'item_reference', id: `msg_${id}` }] })).toBe('beta');
  const refused = await ask(gateway, '/v1/responses', { model: 'one', input: 'On', previous_response_id: id });
  expect([refused.status, (refused.json() as { error: object }).error]).toEqual([
    400,
    expect.objectContaining({ code: 'invalid_request', param: 'model' }),
  ]);
});

test('of a pool of keys an object goes back to the one that made it', async () => {
  const beta = await startFakeUpstream(maker('beta'));
  const provider = { type: 'openai', baseUrl: `${beta.url}/v1`, apiKeys: ['sk-first', 'sk-second', 'sk-third'] };
  const { gateway } = await setup({
    providers: { beta: provider },
    passthrough: {},
    models: { two: { target: 'beta/m' } },
  });
  const usedKey = (index: number) => beta.calls.at(index)!.headers.authorization;
  const id = await makeResponse(gateway);
  const made = usedKey(-1);
  const others = new Set<unknown>();
  for (let i = 0; i < 6; i++) {
    await makeResponse(gateway);
    others.add(usedKey(-1));
    await ask(gateway, '/v1/responses', { model: 'two', input: 'On', previous_response_id: id });
    expect(usedKey(-1)).toBe(made);
  }
  expect(others.size).toBe(3);
});

test('in a rollout the arm stays as it was assigned, and the provider is the one that knows the object', async () => {
  const rollouts = [
    {
      name: 'move',
      match: { model: 'one' },
      stable: { target: 'alpha/m' },
      canary: { target: 'beta/m' },
      steps: ['100%'],
    },
  ];
  const { gateway } = await setup({ rollouts });
  const file = await ask(gateway, '/v1/files', {});
  const { id } = file.json() as { id: string };
  const input = [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }];
  const reply = await ask(gateway, '/v1/responses', { model: 'one', input });
  expect([reply.headers['x-sluice-arm'], reply.headers['x-sluice-provider']]).toEqual(['canary', 'alpha']);
});

test('an object is its team’s, and to nobody else there', async () => {
  const { gateway, beta } = await setup();
  const id = await makeResponse(gateway);
  expect((await ask(gateway, `/v1/responses/${id}`, null, { as: 'bob' })).status).toBe(200);
  const before = beta.calls.length;
  for (const reply of [
    await ask(gateway, `/v1/responses/${id}`, null, { as: 'eve' }),
    await ask(gateway, `/v1/responses/${id}`, null, { as: 'eve', method: 'DELETE' }),
    await ask(gateway, '/v1/responses', { model: 'two', input: 'x', previous_response_id: id }, { as: 'eve' }),
    await ask(gateway, '/v1/batches', { 'input_file\u005fid': id }, { as: 'eve' }),
    await exchange(`${gateway.url}/v1/responses/${id}`, { method: 'GET' }),
    await exchange(`${gateway.url}/v1/responses/${id}%20;v=1`, { method: 'GET' }),
    await ask(gateway, '/v1/evals', { data_source: { source: { type: 'file_id', id } } }, { as: 'eve' }),
    await exchange(`${gateway.url}/v1/batches`, {
      body: ` {"input_file_id":"${id}"}`,
      headers: { 'content-type': 'text/plain' },
    }),
  ])
    expect([reply.status, (reply.json() as { error: { code: string } }).error.code]).toEqual([404, 'not_found']);
  expect(beta.calls).toHaveLength(before);
  expect((await gateway.metrics()).sum('sluice_object_lookups_total', { result: 'foreign' })).toBe(8);
});

test('a field that differs by case only from one that names an object is refused', async () => {
  const { gateway } = await setup();
  const reply = await ask(gateway, '/v1/batches', { Input_File_Id: 'file-alpha0000000' });
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('ambiguous_json')]);
});

test('whoever names an object that nobody made here does not own it', async () => {
  const { gateway, alpha } = await setup();
  const path = '/v1/vector_stores/vs_alpha0000000';
  for (const as of ['ann', 'eve', 'ann']) {
    const reply = await ask(gateway, path, { name: 'mine' }, { as });
    expect([reply.status, reply.headers['x-sluice-provider']]).toEqual([200, 'alpha']);
  }
  expect(alpha.calls).toHaveLength(3);
});

test('a list of the provider shows nothing of others', async () => {
  const { gateway } = await setup();
  const { id } = (await ask(gateway, '/v1/files', {})).json() as { id: string };
  const listed = async (as: string) =>
    ((await ask(gateway, '/v1/files', null, { as })).json() as { data: { id: string }[] }).data.map((each) => each.id);
  expect(await listed('bob')).toEqual([id, 'file-unheardOf1', 'short']);
  expect(await listed('eve')).toEqual(['file-unheardOf1', 'short']);
});

test('objects are known after a restart, and to another gateway of the same store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-objects-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { gateway, config } = await setup({ store: `sqlite:${join(folder, 'sluice.db')}` });
  const other = await startTestGateway(config);
  const id = await makeResponse(gateway);
  const seen = await ask(other, `/v1/responses/${id}`, null, { as: 'bob' });
  expect([seen.status, seen.headers['x-sluice-provider']]).toEqual([200, 'beta']);
  await gateway.stop();
  const again = await startTestGateway(config);
  expect((await ask(again, `/v1/responses/${id}`, null)).headers['x-sluice-provider']).toBe('beta');
  expect((await ask(again, `/v1/responses/${id}`, null, { as: 'eve' })).status).toBe(404);
});

test('objects of two providers in one call are refused', async () => {
  const { gateway } = await setup();
  const id = await makeResponse(gateway);
  const file = (await ask(gateway, '/v1/files', {})).json() as { id: string };
  const reply = await ask(gateway, '/v1/responses', {
    model: 'both',
    previous_response_id: id,
    input: [{ type: 'input_file', file_id: file.id }],
  });
  expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('different providers')]);
});

test('an id in what a tool is given names nothing', async () => {
  const { gateway } = await setup();
  const id = await makeResponse(gateway);
  const messages = [
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { file_id: id } }] },
  ];
  const reply = await ask(gateway, '/v1/messages', { model: 'claude-1', max_tokens: 1, messages }, { as: 'eve' });
  expect(reply.status).toBe(200);
});

test('a key that is bound to some models reads and deletes what it has made, and makes nothing else', async () => {
  const { gateway } = await setup();
  const id = await makeResponse(gateway, {}, { as: 'two' });
  const as = 'two';
  expect((await ask(gateway, `/v1/responses/${id}`, null, { as })).status).toBe(200);
  expect((await ask(gateway, '/v1/responses/resp_someOther1', null, { as })).status).toBe(403);
  expect((await ask(gateway, '/v1/batches', { input_file_id: id }, { as })).status).toBe(403);
  expect((await ask(gateway, `/v1/responses/${id}`, null, { as, method: 'DELETE' })).status).toBe(200);
});

test('a batch of messages goes where its models are, under their names there, and its results are the gateway’s', async () => {
  const { gateway, beta } = await setup({
    models: { fast: { target: 'claude/claude-9' }, 'claude-*': { provider: 'claude' }, one: { target: 'alpha/m' } },
  });
  const headers = { 'anthropic-version': '2023-06-01' };
  const requests = ['fast', 'claude-1'].map((model, index) => ({
    custom_id: `c${index}`,
    params: { model, max_tokens: 1, messages: [] },
  }));
  const made = await ask(gateway, '/v1/messages/batches', { requests }, { headers });
  const { id, results_url: url } = made.json() as { id: string; results_url: string };
  expect(JSON.parse(beta.calls[0]!.body.toString())).toMatchObject({
    requests: [{ params: { model: 'claude-9' } }, { params: { model: 'claude-1' } }],
  });
  expect(beta.calls[0]!.headers['x-api-key']).toBe('sk-claude');
  expect(url).toBe(`${gateway.url}/v1/messages/batches/${id}/results`);
  expect((await ask(gateway, `/v1/messages/batches/${id}`, null, { headers })).json()).toMatchObject({
    results_url: url,
  });
  const results = await exchange(url, { method: 'GET', headers: { ...headers, 'x-api-key': 'sk-bob-000000000000' } });
  expect([results.status, results.headers['x-sluice-provider'], beta.calls.at(-1)!.url]).toEqual([
    200,
    'claude',
    `/v1/messages/batches/${id}/results`,
  ]);
  const foreign = await exchange(url, { method: 'GET', headers: { ...headers, 'x-api-key': 'sk-eve-000000000000' } });
  expect([foreign.status, foreign.json()]).toEqual([404, expect.objectContaining({ type: 'error' })]);
  const mixed = [...requests, { custom_id: 'c3', params: { model: 'one' } }];
  expect((await ask(gateway, '/v1/messages/batches', { requests: mixed }, { headers })).text).toContain(
    'several providers',
  );
});

test('results of batches are where the gateway is told to be found', async () => {
  const { gateway } = await setup({ gateway: { publicUrl: 'https://llm.example' } });
  const reply = await ask(gateway, '/v1/messages/batches', { requests: [{ params: { model: 'claude-1' } }] });
  expect((reply.json() as { results_url: string }).results_url).toMatch(
    /^https:\/\/llm\.example\/v1\/messages\/batches\//,
  );
});

test('with one provider and no keys nothing is looked up and nothing kept', async () => {
  const alpha = await startFakeUpstream(maker('alpha'));
  const gateway = await startTestGateway({
    providers: { alpha: { type: 'openai', baseUrl: `${alpha.url}/v1` } },
    passthrough: { provider: 'alpha' },
  });
  await exchange(`${gateway.url}/v1/responses/resp_alpha0000000`, { method: 'GET' });
  const metrics = await gateway.metrics();
  expect(['found', 'unknown'].map((result) => metrics.sum('sluice_object_lookups_total', { result }))).toEqual([0, 0]);
});
