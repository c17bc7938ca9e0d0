import OpenAI, { NotFoundError } from 'openai';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const clientOf = (key: string): OpenAI => new OpenAI({ baseURL: `${gateway}/v1`, apiKey: `sk-${key}-000000000000` });
const app = clientOf('app');

interface Made {
  readonly id: string;
  readonly provider: string | null;
}

async function respond(client: OpenAI, previous: string | null): Promise<Made> {
  const request = { model: 'assistant', input: 'And then?', previous_response_id: previous };
  const { data, response } = await client.responses.create(request).withResponse();
  return { id: data.id, provider: response.headers.get('x-sluice-provider') };
}

const begun = await Promise.all(Array.from({ length: 20 }, () => respond(app, null)));
const followed = await Promise.all(begun.map(({ id }) => respond(app, id)));
const kept = followed.filter(({ provider }, index) => provider === begun[index]!.provider).length;
const places = new Set(begun.map(({ provider }) => provider));
console.log(`20 conversations at ${[...places].sort().join(' and ')}; ${kept} went on where they began`);

const refused = await respond(clientOf('other'), begun[0]!.id).then(
  () => 'answered',
  (error: unknown) => (error instanceof NotFoundError ? 'not found' : String(error)),
);
console.log(`a conversation of another key: ${refused}`);

const { response } = await app.embeddings.create({ model: 'search-embeddings', input: 'rivers' }).withResponse();
console.log(`embeddings, by the name of their model: ${response.headers.get('x-sluice-provider')}`);
const names: string[] = [];
for await (const { id } of app.models.list()) names.push(id);
console.log(`models: ${names.sort().join(', ')}`);

const isGood =
  places.size === 2 && kept === 20 && refused === 'not found' && response.headers.get('x-sluice-provider') === 'west';
console.log(isGood ? 'ok: what was made somewhere is found there, by whom it belongs to' : 'failed');
process.exitCode = isGood ? 0 : 1;
