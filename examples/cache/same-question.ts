import OpenAI from 'openai';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';

interface Answer {
  readonly found: string;
  readonly text: string;
}

async function ask(key: string, question: string): Promise<Answer> {
  const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: `sk-${key}-000000000000` });
  const request = { model: 'faq', messages: [{ role: 'user' as const, content: question }], stream: true as const };
  const { data, response } = await client.chat.completions.create(request).withResponse();
  let text = '';
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
  return { found: response.headers.get('x-sluice-cache') ?? '', text };
}

const question = 'How do I reset my password?';
// Ten of one team at once, then one of nobody's team, then one that asks for something else.
const team = await Promise.all(Array.from({ length: 10 }, (_, index) => ask(index % 2 ? 'web' : 'mobile', question)));
const stranger = await ask('partner', question);
const other = await ask('web', 'How do I change my address?');

const count = (found: string): number => team.filter((answer) => answer.found === found).length;
console.log(`the team: ${count('miss')} asked, ${count('hit')} from the cache`);
console.log(`a key of another team: ${stranger.found}; another question: ${other.found}`);

const isAlike = new Set(team.map(({ text }) => text)).size === 1;
const isGood =
  count('miss') === 1 && count('hit') === 9 && isAlike && stranger.found === 'miss' && other.found === 'miss';
console.log(isGood ? 'ok: one call to the provider for ten streams, and nothing for others' : 'failed');
process.exitCode = isGood ? 0 : 1;
