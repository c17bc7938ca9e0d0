/** What the servers that tests start have in common. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const ASK_EVERY = 30;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @param told what it said, for the error. @throws Error where it ends, or does not answer in time; it is killed then */
export async function isReady(
  child: ChildProcess,
  answers: () => Promise<boolean>,
  within: number,
  told: () => string = () => '',
): Promise<void> {
  const until = Date.now() + within;
  while (Date.now() < until && child.exitCode === null) {
    if (await answers()) return;
    await sleep(ASK_EVERY);
  }
  child.kill('SIGKILL');
  throw new Error(`${child.spawnargs[0]!} does not answer within ${within / 1000} s. ${told()}`.trim());
}
