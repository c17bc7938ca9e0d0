import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

const gateway = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080';
const admin = process.env['SLUICE_ADMIN_URL'] ?? 'http://127.0.0.1:8081';
const sluice = new URL('../../bin/sluice', import.meta.url).pathname;

const openai = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'sk-sluice-dev' });
const anthropic = new Anthropic({ baseURL: gateway, apiKey: 'sk-sluice-dev' });

await callWithBothSdks();
await watchTheCanary();
await sendASecret();
await readTheMetrics();

async function callWithBothSdks(): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'Say hello.' }];
  const { data, response } = await openai.chat.completions.create({ model: 'chat-fast', messages }).withResponse();
  console.log('openai:', data.choices[0]?.message.content);
  console.log('  served by', response.headers.get('x-sluice-model'), 'arm', response.headers.get('x-sluice-arm'));

  let streamed = '';
  for await (const chunk of await openai.chat.completions.create({ model: 'chat-fast', messages, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? '';
  }
  console.log('openai, streamed:', streamed);

  const message = await anthropic.messages.create({ model: 'claude-sonnet-4-6', max_tokens: 100, messages });
  console.log('anthropic:', message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''));
}

/** Two hundred conversations; each keeps its arm, and nobody leaves the canary while its weight rises. */
async function watchTheCanary(): Promise<void> {
  const conversations = Array.from({ length: 200 }, () => randomUUID());
  // From its beginning, whatever was done to it before.
  rollout('abort', 'fast-v2');
  rollout('retry', 'fast-v2');
  rollout('set-weight', 'fast-v2', '5');
  const atFive = await canaryOf(conversations);
  rollout('set-weight', 'fast-v2', '50');
  const atFifty = await canaryOf(conversations);
  rollout('abort', 'fast-v2');
  const afterAbort = await canaryOf(conversations);
  rollout('retry', 'fast-v2');
  const left = [...atFive].filter((conversation) => !atFifty.has(conversation)).length;
  console.log(
    `canary of 200: ${atFive.size} at 5 %, ${atFifty.size} at 50 % (${left} left it), ${afterAbort.size} after abort`,
  );
}

async function canaryOf(conversations: readonly string[]): Promise<Set<string>> {
  const canary = new Set<string>();
  await Promise.all(
    conversations.map(async (conversation) => {
      const { response } = await openai.chat.completions
        .create({ model: 'chat-fast', messages: [{ role: 'user', content: 'Hi' }], metadata: { conversation } })
        .withResponse();
      if (response.headers.get('x-sluice-arm') === 'canary') canary.add(conversation);
    }),
  );
  return canary;
}

function rollout(...words: string[]): void {
  execFileSync(sluice, ['rollout', ...words, '--url', admin], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function sendASecret(): Promise<void> {
  const secret = `ghp_${'Ab3'.repeat(12)}`;
  const { response } = await openai.chat.completions
    .create({ model: 'gpt-4o', messages: [{ role: 'user', content: `My token is ${secret}, keep it safe.` }] })
    .withResponse();
  console.log('redacted before it left:', response.headers.get('x-sluice-redacted'));
}

async function readTheMetrics(): Promise<void> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => /^sluice_(requests_total|redactions_total|rollout_weight)/.test(line));
  console.log(`${lines.join('\n')}`);
}
