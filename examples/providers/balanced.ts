import OpenAI from 'openai';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'none' });

/** @returns the provider that answered */
async function ask(): Promise<string> {
  const request = { model: 'assistant', messages: [{ role: 'user' as const, content: 'Why do rivers bend?' }] };
  const { response } = await client.chat.completions.create(request).withResponse();
  return response.headers.get('x-sluice-provider') ?? '';
}

async function worker(requests: number): Promise<string[]> {
  const providers: string[] = [];
  for (let i = 0; i < requests; i++) providers.push(await ask());
  return providers;
}

const providers = (await Promise.all(Array.from({ length: 8 }, () => worker(25)))).flat();
const served = (name: string): number => providers.filter((provider) => provider === name).length;
console.log(`of ${providers.length}: near ${served('near')}, far ${served('far')}, spare ${served('spare')}`);

const isGood = served('near') > 2 * served('far') && served('far') > 0 && served('spare') === 0;
console.log(isGood ? 'ok: the faster target did most of the work, the spare one none' : 'failed');
process.exitCode = isGood ? 0 : 1;
