const GATEWAY = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const ADMIN = process.env.SLUICE_ADMIN_URL ?? 'http://127.0.0.1:8081';

interface Key {
  readonly id: string;
  readonly secret: string;
}

async function admin(method: string, path: string, body: object = {}): Promise<Key> {
  const reply = await fetch(`${ADMIN}/api/v1${path}`, { method, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(await reply.text());
  return (await reply.json()) as Key;
}

async function call(secret: string, model = 'chat'): Promise<number> {
  const reply = await fetch(`${GATEWAY}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await reply.text();
  return reply.status;
}

const made = await admin('POST', '/keys', { name: 'search-app', team: 'search', expiresAt: '2099-01-01' });
const first = [await call(made.secret), await call(made.secret, 'expensive')];
console.log(`made: ${first[0]}; a model that the team may not use: ${first[1]}`);

const rotated = await admin('POST', `/keys/${made.id}/rotate`, { overlap: '1h' });
const both = [await call(made.secret), await call(rotated.secret)];
console.log(`rotated, the old and the new secret: ${both.join(', ')}`);

await admin('DELETE', `/keys/${made.id}`);
const after = [await call(made.secret), await call(rotated.secret)];
console.log(`revoked: ${after.join(', ')}`);

const isGood = [...first, ...both, ...after].join() === '200,403,200,200,401,401';
console.log(isGood ? 'ok: one key, two secrets, none after the revocation' : 'failed');
process.exitCode = isGood ? 0 : 1;
