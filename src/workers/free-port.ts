import { createServer, type AddressInfo } from 'node:net';

/** Where the kernel gives each connection to one of those that listen at the same address. */
const SHARING: ReadonlySet<NodeJS.Platform> = new Set(['linux', 'freebsd', 'sunos', 'aix']);

/**
 * The port that the workers listen on, together. Whoever listens there already is told here: among those that share a port
 * nobody is.
 * @param port 0: any free one
 * @throws Error where the address cannot be bound, or ports cannot be shared
 */
export function freePort(host: string, port: number): Promise<number> {
  if (!SHARING.has(process.platform))
    throw new Error(`gateway.workers: ${process.platform} cannot share a port among processes; write 1.`);
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen({ host, port, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
