import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Providers that refuse, an analyzer that finds nobody, a webhook that listens. */
export async function startServers(opened: AsyncDisposableStack): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => answer(incoming, outgoing));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let made = 0;

function answer({ url = '' }: IncomingMessage, outgoing: ServerResponse): void {
  if (url.startsWith('/refuses/')) return json(outgoing, 401, { error: { message: 'This key is no good.' } });
  if (url.startsWith('/spent/')) return json(outgoing, 429, { error: { message: 'Spent.' } }, { 'retry-after': '60' });
  if (url === '/analyze') return json(outgoing, 200, []);
  if (url.endsWith('/responses')) {
    const id = `resp_${String(made++).padStart(12, '0')}`;
    return json(outgoing, 200, { id, object: 'response', status: 'completed', output: [] });
  }
  return json(outgoing, 200, {});
}

function json(outgoing: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
