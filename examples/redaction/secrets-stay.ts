import OpenAI from 'openai';

const client = new OpenAI({ baseURL: `${process.env.SLUICE_URL ?? 'http://127.0.0.1:8080'}/v1`, apiKey: 'none' });
// Put together here, so that no scanner takes this file for a leak.
const KEY = 'ghp_' + 'Ab3'.repeat(12);
const PRIVATE_KEY = `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIEvQ'.repeat(20)}\n-----END ${'PRIVATE'} KEY-----`;
const PROMPT = `Mail jane.doe@example.com that card 4111 1111 1111 1111 was charged, with the token ${KEY}.`;

const messagesOf = (content: string) => [{ role: 'user', content }] as const;

async function seenByProvider(): Promise<string> {
  const reply = await client.chat.completions.create({ model: 'provider-view', messages: [...messagesOf(PROMPT)] });
  return reply.choices[0]!.message.content!;
}

async function seenByApp(): Promise<string> {
  const stream = await client.chat.completions.create({
    model: 'assistant',
    messages: [...messagesOf(PROMPT)],
    stream: true,
  });
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}

async function refusal(): Promise<string> {
  try {
    await client.chat.completions.create({ model: 'assistant', messages: [...messagesOf(PRIVATE_KEY)] });
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

const provider = await seenByProvider();
const app = await seenByApp();
console.log(`the provider saw: ${provider}`);
console.log(`the app got back: ${app}`);
console.log(`a private key: ${await refusal()}`);

const leaked = ['jane.doe', '4111 1111', KEY].filter((value) => provider.includes(value));
const restored = app.includes('jane.doe@example.com') && app.includes('4111 1111 1111 1111');
const isGood = leaked.length === 0 && restored && !app.includes(KEY);
console.log(
  isGood ? 'ok: nothing leaked, and the app has its values back' : `failed: leaked ${leaked.join(', ')}; app ${app}`,
);
process.exitCode = isGood ? 0 : 1;
