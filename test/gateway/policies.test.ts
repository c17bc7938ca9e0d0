import { describe, expect, it } from 'vitest';
import { answerChat, startFakeUpstream, type FakeUpstream, type UpstreamCall } from '../support/fake-upstream.ts';
import { exchange, postJson, type HttpReply } from '../support/http-client.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hello' }];

interface Setup {
  readonly gateway: TestGateway;
  readonly upstream: FakeUpstream;
  readonly config: (policies: readonly unknown[]) => TestConfig;
}

async function setup(
  policies: readonly unknown[],
  rest: TestConfig = {},
  answer: (call: UpstreamCall) => void = (call) => answerChat(call),
): Promise<Setup> {
  const upstream = await startFakeUpstream(answer);
  const config = (rules: readonly unknown[]): TestConfig => ({
    providers: {
      up: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      other: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      claude: { type: 'anthropic', baseUrl: upstream.url },
    },
    models: { m: { target: 'up/one', fallbacks: ['other/two'] }, big: { provider: 'up' }, c: { provider: 'claude' } },
    prompts: { calm: { v1: { system: 'Be calm.' } } },
    keys: [{ name: 'app', secret: 'sk-app', metadata: { team: 'core' } }],
    policies: rules,
    ...rest,
  });
  return { upstream, config, gateway: await startTestGateway(config(policies)) };
}

function ask(
  { gateway }: Setup,
  fields: object = {},
  headers: Readonly<Record<string, string>> = {},
  path = CHAT,
): Promise<HttpReply> {
  return postJson(`${gateway.url}${path}`, { model: 'm', messages, ...fields }, headers);
}

const bodyOf = (call: UpstreamCall | undefined) => JSON.parse(call!.body.toString()) as Record<string, unknown>;
const metadata = (fields: object) => ({ 'x-sluice-metadata': JSON.stringify(fields) });
const errorOf = (reply: HttpReply) => (reply.json() as { error: { code: string; message: string } }).error;

describe('a policy that denies', () => {
  const RULE = { name: 'no-eu', when: 'metadata.region == "eu"', deny: 'Not from there.' };

  it('answers 403 with its name, and nothing is sent', async () => {
    const run = await setup([RULE]);
    const reply = await ask(run, {}, metadata({ region: 'eu' }));
    expect(reply.status).toBe(403);
    expect(reply.headers['x-should-retry']).toBe('false');
    expect(errorOf(reply)).toMatchObject({
      code: 'policy_denied',
      message: 'Not from there (policy "no-eu").',
    });
    expect(run.upstream.calls).toHaveLength(0);
    const line = await run.gateway.log.request();
    expect(line['policies']).toEqual([{ rule: 'no-eu', decision: 'deny' }]);
    const metrics = await run.gateway.metrics();
    expect(metrics.sum('sluice_policy_decisions_total', { rule: 'no-eu', decision: 'deny' })).toBe(1);
    const { body } = await run.gateway.admin('GET', '/api/v1/requests');
    expect(body[0]).toMatchObject({ policies: [{ rule: 'no-eu', decision: 'deny' }] });
  });

  it('speaks the protocol of the caller', async () => {
    const run = await setup([{ name: 'none', deny: 'No' }]);
    const reply = await ask(run, { model: 'c', max_tokens: 9 }, {}, '/v1/messages');
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
  });

  it('lets all other calls pass as they came, and their log lines have no word of it', async () => {
    const run = await setup([RULE]);
    expect((await ask(run)).status).toBe(200);
    expect(run.upstream.calls).toHaveLength(1);
    expect(await run.gateway.log.request()).not.toHaveProperty('policies');
  });

  it('with enforce: false counts and changes nothing', async () => {
    const run = await setup([
      { ...RULE, enforce: false },
      { name: 'cap', enforce: false, cap: { max_tokens: 5 } },
    ]);
    expect((await ask(run, { max_tokens: 9 }, metadata({ region: 'eu' }))).status).toBe(200);
    expect(bodyOf(run.upstream.calls[0])).toMatchObject({ max_tokens: 9 });
    const line = await run.gateway.log.request();
    expect(line['policies']).toEqual([
      { rule: 'no-eu', decision: 'would_deny' },
      { rule: 'cap', decision: 'would_cap' },
    ]);
  });

  it('denies also what it cannot judge', async () => {
    const run = await setup([{ name: 'sum', when: 'int(metadata.n) > 5', deny: 'No' }]);
    const reply = await ask(run, {}, metadata({ n: 'many' }));
    expect(errorOf(reply)).toMatchObject({
      code: 'policy_denied',
      message: expect.stringContaining('"sum"') as string,
    });
    expect((await run.gateway.log.request())['policies']).toEqual([{ rule: 'sum', decision: 'error' }]);
    expect((await ask(run, {}, metadata({ n: '5' }))).status).toBe(200);
  });

  it('is not passed by a value that is too long to be judged', async () => {
    const run = await setup([{ name: 'bots', when: 'request.user.startsWith("bot")', deny: 'No' }]);
    expect((await ask(run, { user: `x${'y'.repeat(5000)}` })).status).toBe(403);
    expect((await ask(run, { user: 'x' })).status).toBe(200);
  });

  it('reads what redaction found', async () => {
    const run = await setup(
      [{ name: 'clean', when: 'redaction.categories["emails"] > 1', deny: 'Too many addresses' }],
      {
        redaction: { emails: { request: 'mask' } },
      },
    );
    const content = (text: string) => ({ messages: [{ role: 'user', content: text }] });
    expect((await ask(run, content('ada@example.com'))).status).toBe(200);
    expect((await ask(run, content('ada@example.com bob@example.com'))).status).toBe(403);
    expect(run.upstream.calls).toHaveLength(1);
  });
});

describe('a policy that changes the body', () => {
  it.each([
    [{ max_tokens: 9000 }, { max_tokens: 100 }],
    [{ max_tokens: 50 }, { max_tokens: 50 }],
    [{ max_completion_tokens: 9000 }, { max_completion_tokens: 100 }],
    [{}, { max_tokens: 100 }],
    [{ max_tokens: 'lots' }, { max_tokens: 100 }],
    [{ max_tokens: null }, { max_tokens: 100 }],
  ])('caps %j', async (given, sent) => {
    const run = await setup([{ name: 'cap', cap: { max_tokens: 100 } }]);
    expect((await ask(run, given)).status).toBe(200);
    const body = bodyOf(run.upstream.calls[0]);
    expect(body).toMatchObject(sent);
    expect(Object.keys(body).filter((name) => name.startsWith('max_'))).toEqual(Object.keys(sent));
  });

  it('uses the name of the protocol', async () => {
    const run = await setup([{ name: 'set', set: { max_tokens: 7 } }]);
    await ask(run, { input: 'x' }, {}, '/v1/responses');
    await ask(run, { model: 'c', max_tokens: 100 }, {}, '/v1/messages');
    await ask(run, { input: 'x' }, {}, '/v1/embeddings');
    const [responses, anthropic, embeddings] = run.upstream.calls.map(bodyOf);
    expect(responses).toMatchObject({ max_output_tokens: 7 });
    expect(anthropic).toMatchObject({ max_tokens: 7 });
    expect(embeddings).not.toHaveProperty('max_tokens');
  });

  it('stands over what an arm sets, and an arm’s prompt', async () => {
    const run = await setup([{ name: 'calm', prompt: 'calm@v1', set: { temperature: 0 }, cap: { top_p: 0.5 } }], {
      rollouts: [
        { name: 'r', match: { model: 'm' }, canary: { params: { temperature: 2, top_p: 1 } }, steps: ['100%'] },
      ],
    });
    await ask(run, {}, {});
    expect(bodyOf(run.upstream.calls[0])).toMatchObject({
      temperature: 0,
      top_p: 0.5,
      messages: [{ role: 'system', content: 'Be calm.' }, ...messages],
    });
  });

  it('refuses a field that differs from it by case', async () => {
    const run = await setup([{ name: 'cap', cap: { top_p: 0.5 } }]);
    const reply = await ask(run, { Top_P: 1 });
    expect(reply.status).toBe(400);
    expect(errorOf(reply).code).toBe('ambiguous_json');
  });

  it('keeps every other byte', async () => {
    const run = await setup([{ name: 'set', set: { seed: 4 } }]);
    const body = '{ "model":"m",\n "big": 12345678901234567890, "seed": 1 , "messages":[]}';
    await exchange(`${run.gateway.url}${CHAT}`, { headers: { 'content-type': 'application/json' }, body });
    const sent = run.upstream.calls[0]!.body.toString();
    expect(sent).toContain('12345678901234567890');
    expect(sent).toContain('"seed": 4 ,');
  });
});

describe('a policy about metadata, tools and approval', () => {
  it('names the metadata that is missing', async () => {
    const run = await setup([{ name: 'who', require: ['team', 'cost_center'] }]);
    const denied = errorOf(await ask(run, {}, metadata({ team: 'x' })));
    expect(denied.message).toContain('"cost_center"');
    expect(denied.message).not.toContain('"team"');
    expect((await ask(run, {}, metadata({ team: 'x', cost_center: '7' }))).status).toBe(200);
  });

  const tool = (name: string) => ({ tools: [{ type: 'function', function: { name } }] });

  it('names the tool that is not allowed', async () => {
    const run = await setup([{ name: 'tools', tools: { allow: ['search_*', 'shell'], deny: ['shell'] } }]);
    expect((await ask(run, tool('search_web'))).status).toBe(200);
    expect(errorOf(await ask(run, tool('shell'))).message).toContain('"shell"');
    expect(errorOf(await ask(run, tool('rm'))).message).toContain('"rm"');
    expect((await ask(run, { tools: [{ type: 'web_search' }] }, {}, '/v1/responses')).status).toBe(403);
    expect((await ask(run, { web_search_options: {} })).status).toBe(403);
    const servers = { model: 'c', max_tokens: 9, mcp_servers: [{ type: 'url', name: 'rm' }] };
    expect((await ask(run, servers, {}, '/v1/messages')).status).toBe(403);
    expect((await ask(run)).status).toBe(200);
  });

  it('asks for approval', async () => {
    const run = await setup([{ name: 'big', when: 'request.max_tokens > 1000', approve: true }]);
    const reply = await ask(run, { max_tokens: 2000 });
    expect(reply.status).toBe(403);
    expect(reply.headers['x-should-retry']).toBe('false');
    expect(errorOf(reply)).toMatchObject({ code: 'approval_required' });
  });

  it('tags for rollouts, records and the log', async () => {
    const run = await setup([{ name: 'tag', when: 'key.team == "core"', tag: { tier: 'gold' } }], {
      rollouts: [{ name: 'r', match: { 'metadata.tier': 'gold' }, canary: { target: 'other/gold' }, steps: ['100%'] }],
    });
    const reply = await ask(run, {}, { authorization: 'Bearer sk-app' });
    expect(reply.headers['x-sluice-model']).toBe('gold');
    expect((await ask(run)).headers['x-sluice-model']).toBe('one');
    expect((await run.gateway.log.request({ key: 'app' }))['tags']).toEqual({ tier: 'gold' });
  });
});

describe('a policy that routes', () => {
  it('sends the call as if it had asked for the other model, down to the body', async () => {
    const run = await setup([{ name: 'down', when: 'time.unix > 0', route: 'big' }]);
    const reply = await ask(run);
    expect(reply.headers['x-sluice-model']).toBe('big');
    expect(bodyOf(run.upstream.calls[0])).toEqual({ model: 'big', messages });
    expect(await run.gateway.log.request()).toMatchObject({ requestedModel: 'm', route: 'big' });
  });
});

describe('a policy about targets', () => {
  const ELSEWHERE = { name: 'eu', when: 'metadata.region == "eu" && target.provider != "up"', deny: 'Stays on up' };
  const failing = (call: UpstreamCall): void => {
    if (bodyOf(call)['model'] === 'one') call.outgoing.writeHead(400).end('{"error":{}}');
    else answerChat(call);
  };

  it('leaves out the fallback that it denies', async () => {
    const status = (call: UpstreamCall) => {
      if (bodyOf(call)['model'] === 'one') call.outgoing.writeHead(503).end('{}');
      else answerChat(call);
    };
    const run = await setup([ELSEWHERE], { upstream: { retries: { attempts: 0 } } }, status);
    expect((await ask(run)).headers['x-sluice-provider']).toBe('other');
    expect((await ask(run, {}, metadata({ region: 'eu' }))).status).toBe(503);
    expect(run.upstream.calls.map((call) => bodyOf(call)['model'])).toEqual(['one', 'two', 'one']);
  });

  it('denies the call where it leaves no target', async () => {
    const run = await setup(
      [{ name: 'none', when: 'target.provider in ["up", "other"]', deny: 'Neither' }],
      {},
      failing,
    );
    const reply = await ask(run);
    expect(errorOf(reply)).toMatchObject({ code: 'policy_denied', message: 'Neither (policy "none").' });
    expect(run.upstream.calls).toHaveLength(0);
    expect((await run.gateway.log.request())['policies']).toEqual([
      { rule: 'none', decision: 'exclude' },
      { rule: 'none', decision: 'deny' },
    ]);
  });

  it('changes the body for one target only', async () => {
    const run = await setup([{ name: 'cap', when: 'target.model == "two"', cap: { max_tokens: 5 } }], {}, (call) => {
      if (bodyOf(call)['model'] === 'one') call.outgoing.writeHead(503).end('{}');
      else answerChat(call);
    });
    await ask(run, { max_tokens: 50 });
    const sent = run.upstream.calls.map(bodyOf);
    expect(sent[0]).toMatchObject({ model: 'one', max_tokens: 50 });
    expect(sent.at(-1)).toMatchObject({ model: 'two', max_tokens: 5 });
  });

  it('keeps a shadow from getting its copy', async () => {
    const run = await setup([ELSEWHERE], {
      rollouts: [{ name: 's', match: { model: 'm' }, shadow: { target: 'other/copy' } }],
    });
    await ask(run, {}, metadata({ region: 'eu' }));
    await ask(run);
    const copy = await run.upstream.call(2);
    expect(bodyOf(copy)['model']).toBe('copy');
    expect(run.upstream.calls.map((call) => bodyOf(call)['model'])).toEqual(['one', 'one', 'copy']);
  });
});

describe('a policy about replies', () => {
  const RULES = [
    { name: 'short', when: 'response.finish_reason == "length" || response.output_tokens > 100', deny: 'Too long' },
    { name: 'note', when: 'response.refusal', tag: { refused: true } },
    { name: 'german', when: 'response.language == "de"', tag: { german: true } },
  ];

  it('withholds a buffered reply', async () => {
    const run = await setup([{ name: 'none', when: 'response.bytes > 10', deny: 'Too large' }]);
    const reply = await ask(run);
    expect(reply.status).toBe(403);
    expect(errorOf(reply)).toMatchObject({ code: 'policy_denied' });
    expect(reply.text).not.toContain('Hello.');
    expect(run.upstream.calls).toHaveLength(1);
  });

  it('tags by what it says', async () => {
    const run = await setup(RULES, {}, (call) =>
      answerChat(call, 'Es tut mir leid, aber dabei kann ich Ihnen leider nicht helfen, denn das ist nicht erlaubt.'),
    );
    expect((await ask(run)).status).toBe(200);
    expect((await run.gateway.log.request())['tags']).toMatchObject({ german: 'true' });
  });

  it('comes too late for a stream, and says so', async () => {
    const run = await setup(RULES, {}, ({ outgoing }) => {
      const chunk = { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'length' }] };
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
    });
    const reply = await ask(run, { stream: true });
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('[DONE]');
    const line = await run.gateway.log.request();
    expect(line['policies']).toEqual([{ rule: 'short', decision: 'too_late' }]);
  });

  it('leaves error replies alone', async () => {
    const run = await setup([{ name: 'all', when: 'response.bytes >= 0', deny: 'No' }], {}, ({ outgoing }) =>
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"bad"}}'),
    );
    const reply = await ask(run);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('bad');
  });
});

describe('policies of a changed file', () => {
  it('hold from the next request on', async () => {
    const run = await setup([]);
    expect((await ask(run)).status).toBe(200);
    expect((await run.gateway.reload(run.config([{ name: 'no', deny: 'No' }]))).ok).toBe(true);
    expect((await ask(run)).status).toBe(403);
  });

  it('stay as they were where the new ones are refused', async () => {
    const run = await setup([{ name: 'no', deny: 'No' }]);
    const result = await run.gateway.reload(run.config([{ name: 'no', when: 'request.modl == "x"', deny: 'No' }]));
    expect(result.ok).toBe(false);
    expect((await ask(run)).status).toBe(403);
  });
});

describe('a rollout with a condition', () => {
  const rollout = (when: string) => ({ name: 'r', match: { when }, canary: { target: 'other/new' }, steps: ['100%'] });

  it('takes the requests for which it holds', async () => {
    const run = await setup([], { rollouts: [rollout('request.max_tokens > 10 && key.name == "anonymous"')] });
    expect((await ask(run, { max_tokens: 50 })).headers['x-sluice-model']).toBe('new');
    expect((await ask(run, { max_tokens: 5 })).headers['x-sluice-model']).toBe('one');
  });

  it('is refused by the API where the condition is wrong', async () => {
    const { gateway } = await setup([]);
    const { name: _, ...body } = rollout('request.modl == "x"');
    const { status, body: reply } = await gateway.admin('PUT', '/api/v1/rollouts/r', body);
    expect(status).toBe(400);
    expect(JSON.stringify(reply)).toContain('modl');
  });
});
