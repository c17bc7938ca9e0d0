import { expect, test } from 'vitest';
import { answerChat, startFakeUpstream, type FakeUpstream } from '../support/fake-upstream.ts';
import { postJson } from '../support/http-client.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const MESSAGES = [{ role: 'developer', content: 'Be brief.' }];

async function gatewayTo(type: string, model: object = {}): Promise<{ gateway: TestGateway; vendor: FakeUpstream }> {
  const vendor = await startFakeUpstream((call) => answerChat(call));
  const gateway = await startTestGateway({
    providers: { up: { type, baseUrl: `${vendor.url}/v1`, apiKey: 'sk-vendor-0123456789' } },
    models: { m: { target: 'up/theirs', ...model } },
  });
  return { gateway, vendor };
}

test('a compatible vendor gets the body in its own dialect, and the app is told what was left out', async () => {
  const { gateway, vendor } = await gatewayTo('mistral');
  const body = { model: 'm', messages: MESSAGES, max_completion_tokens: 5, seed: 1, store: false };
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, body);
  expect([reply.status, reply.headers['x-sluice-translated']]).toEqual([200, 'mistral, store']);
  const [call] = vendor.calls;
  expect([call!.url, call!.headers['authorization']]).toEqual(['/v1/chat/completions', 'Bearer sk-vendor-0123456789']);
  expect(JSON.parse(call!.body.toString())).toEqual({
    model: 'theirs',
    messages: [{ role: 'system', content: 'Be brief.' }],
    max_tokens: 5,
    random_seed: 1,
  });
});

test('a body that the vendor takes as it is keeps its bytes and needs no header', async () => {
  const { gateway, vendor } = await gatewayTo('openrouter', { target: 'up/m' });
  const body = { model: 'm', messages: MESSAGES, max_completion_tokens: 5, store: true };
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, body);
  expect([reply.status, reply.headers['x-sluice-translated']]).toEqual([200, undefined]);
  expect(vendor.calls[0]!.body.toString()).toBe(JSON.stringify(body));
});

test('what a vendor has nothing for is a 400 that names it, before anything is sent', async () => {
  const { gateway, vendor } = await gatewayTo('ollama');
  const reply = await postJson(`${gateway.url}/v1/chat/completions`, {
    model: 'm',
    messages: [],
    logit_bias: { 5: 1 },
  });
  expect([reply.status, vendor.calls.length]).toEqual([400, 0]);
  expect(reply.json()).toMatchObject({ error: { code: 'invalid_request', param: 'logit_bias' } });
});

test('an endpoint that the vendor does not have is refused', async () => {
  const { gateway } = await gatewayTo('groq');
  const reply = await postJson(`${gateway.url}/v1/embeddings`, { model: 'm', input: 'x' });
  expect([reply.status, reply.json()]).toMatchObject([400, { error: { code: 'protocol_mismatch' } }]);
});
