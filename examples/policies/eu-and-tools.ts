const BASE = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080';

interface Answer {
  readonly status: number;
  readonly provider: string | null;
  readonly error: string;
  readonly outputTokens: number;
}

async function ask(headers: Record<string, string>, body: object = {}): Promise<Answer> {
  const reply = await fetch(`${BASE}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
  const json = (await reply.json()) as { error?: { message: string }; usage?: { completion_tokens: number } };
  return {
    status: reply.status,
    provider: reply.headers.get('x-sluice-provider'),
    error: json.error?.message ?? '',
    outputTokens: json.usage?.completion_tokens ?? 0,
  };
}

const app = { authorization: 'Bearer sk-app' };
const shell = { tools: [{ type: 'function', function: { name: 'shell', parameters: {} } }] };
const inTheEu = await ask({ ...app, 'x-sluice-metadata': '{"region":"eu"}' });
const elsewhere = await ask(app);
const nobody = await ask({});
const withShell = await ask(app, shell);
const long = await ask(app, { max_tokens: 100_000 });

console.log(`EU data was served by: ${inTheEu.provider}`);
console.log(`all other by: ${elsewhere.provider}`);
console.log(`without a key: ${nobody.status} ${nobody.error}`);
console.log(`with a shell: ${withShell.status} ${withShell.error}`);
console.log(`output of a call that asked for 100,000 tokens: ${long.outputTokens}`);

const isGood =
  inTheEu.provider === 'eu' &&
  elsewhere.provider === 'us' &&
  nobody.error.includes('cost_center') &&
  withShell.error.includes('"shell"') &&
  long.status === 200 &&
  long.outputTokens <= 1024;
console.log(isGood ? 'ok: every policy held' : 'failed');
process.exitCode = isGood ? 0 : 1;
