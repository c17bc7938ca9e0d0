// Streams from each gateway in turn until it is stopped: node traffic.mjs URL...
import { setTimeout as sleep } from 'node:timers/promises';

const gateways = process.argv.slice(2);
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-sluice-dev' };
process.once('SIGTERM', () => process.exit(0));

for (let turn = 0; ; turn += 1) {
  const messages = [{ role: 'user', content: 'Tell me about canals.' }];
  const metadata = { conversation: `chat-${turn % 200}` };
  const body = JSON.stringify({ model: 'chat-fast', stream: true, messages, metadata });
  const url = `${gateways[turn % gateways.length]}/v1/chat/completions`;
  await fetch(url, { method: 'POST', headers, body })
    .then((reply) => reply.text())
    .catch((error) => console.error(`${url}: ${error.message}`));
  await sleep(500);
}
