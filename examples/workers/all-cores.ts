import { request } from 'node:http';

const gateway = process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
const admin = process.env.SLUICE_ADMIN_URL ?? 'http://127.0.0.1:8081';

const ASKED = 90;
const ALLOWED = 30;

/** On a connection of its own: one that is kept stays with one worker. */
function ask(): Promise<number> {
  const headers = { authorization: 'Bearer sk-web-000000000000', 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const call = request(`${gateway}/v1/chat/completions`, { method: 'POST', headers, agent: false }, (reply) => {
      reply.resume().on('end', () => resolve(reply.statusCode!));
    });
    call.on('error', reject).end(JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hello' }] }));
  });
}

const statuses = await Promise.all(Array.from({ length: ASKED }, ask));
const passed = statuses.filter((status) => status === 200).length;
const refused = statuses.filter((status) => status === 429).length;
const metrics = await (await fetch(`${admin}/metrics`)).text();
const counted = [...metrics.matchAll(/^sluice_requests_total\{[^}]*\} (\d+)$/gm)].reduce(
  (sum, [, n]) => sum + Number(n),
  0,
);
console.log(`${ASKED} asked: ${passed} passed, ${refused} were refused, ${counted} were counted`);

const isGood = passed === ALLOWED && refused === ASKED - ALLOWED && counted === ASKED;
console.log(isGood ? 'ok: one limit, however many processes serve' : 'failed');
process.exitCode = isGood ? 0 : 1;
