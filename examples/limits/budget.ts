import OpenAI, { RateLimitError } from 'openai';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const admin = process.env.SLUICE_ADMIN_URL ?? 'http://127.0.0.1:8081';
const BUDGET = 0.05;
const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'sk-sluice-example' });

/** @returns the gateway's answer where it says no */
async function ask(): Promise<string | null> {
  try {
    const messages = [{ role: 'user', content: 'Why do rivers bend?' }] as const;
    const stream = await client.chat.completions.create({
      model: 'assistant',
      max_tokens: 50,
      messages: [...messages],
      stream: true,
    });
    for await (const chunk of stream) void chunk;
    return null;
  } catch (error) {
    if (error instanceof RateLimitError && error.code === 'insufficient_quota') return error.message;
    throw error;
  }
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

const refusals: string[] = [];
for (let asked = 0; asked < 20; asked += 5)
  refusals.push(...(await Promise.all([ask(), ask(), ask(), ask(), ask()])).filter((refusal) => refusal !== null));
const spent = await metric('sluice_cost_usd_total');
const left = await metric('sluice_budget_remaining_usd');
console.log(`refused: ${refusals[0] ?? 'nobody'}`);
console.log(`spent: ${spent.toFixed(4)} USD, left: ${left.toFixed(4)} USD of ${BUDGET} USD`);

const isGood = refusals.length > 0 && refusals.length < 20 && spent <= BUDGET;
console.log(isGood ? `ok: 20 asked, ${20 - refusals.length} passed, and not a cent more was spent` : 'failed');
process.exitCode = isGood ? 0 : 1;
