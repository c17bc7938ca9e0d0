import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control } from './control.ts';
import type { SimulatorFault } from './fault.ts';
import type { SimulatorProfile } from './profile.ts';
import { SimulatedProvider } from './provider.ts';
import { ClientLeft } from './read-body.ts';
import type { SimulatorStats } from './stats.ts';

export { parseFault, type FaultKind, type SimulatorFault } from './fault.ts';
export { checkProfile } from './profile.ts';

const KEEP_ALIVE_MS = 75_000; // longer than a client's pool keeps a connection, so that the client closes first
const MAX_HEADER_BYTES = 64 * 1024;

export interface SimulatorOptions {
  /** 127.0.0.1 when left out. */
  host?: string;
  /** 0, for any free port, when left out. */
  port?: number;
  /** 1 when left out. Two fresh simulators with equal seeds answer the same requests with the same bytes. */
  seed?: number;
  /** For every model; a built-in model's own settings go before them. */
  defaults?: SimulatorProfile;
  /** By model name; they go before the defaults and the built-in settings. */
  profiles?: Record<string, SimulatorProfile>;
  /** A single request can bring its own instead, by the header `x-sim-fault: cut`. */
  faults?: SimulatorFault[];
  /** No reply begins before. */
  open?: Promise<unknown>;
  /** Unix milliseconds, for `created` and the like; `Date.now` when left out. */
  now?: () => number;
}

export interface RunningSimulator {
  readonly host: string;
  readonly port: number;
  /** Ends in `/v1`, as OpenAI's clients want it. */
  readonly baseUrl: string;
  /** @throws Error naming the bad element */
  setFaults(faults: SimulatorFault[]): void;
  /** @throws Error naming the bad field */
  setProfile(model: string, profile: SimulatorProfile): void;
  stats(): SimulatorStats;
  /** Breaks off what is open. */
  close(): Promise<void>;
}

/** Starts a simulated provider on a real socket. @throws Error for a bad profile or fault, or a port in use */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const { host = '127.0.0.1', port = 0, seed = 1, defaults = {}, profiles = {}, faults = [], now = Date.now } = options;
  const provider = new SimulatedProvider({ seed, defaults, profiles, faults, now, open: options.open ?? null });
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEADER_BYTES, noDelay: true, requestTimeout: 0 },
    (req, res) => void serve(req, res, provider),
  );
  const bound = await listen(server, host, port);
  return {
    host,
    port: bound,
    baseUrl: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/v1`,
    setFaults: (next) => provider.setFaults(next),
    setProfile: (model, profile) => provider.setProfile(model, profile),
    stats: () => provider.stats(),
    close: () => close(server),
  };
}

async function serve(req: IncomingMessage, res: ServerResponse, provider: SimulatedProvider): Promise<void> {
  const path = (req.url ?? '/').split('?', 1)[0]!;
  try {
    if (path === '/livez') res.end('ok\n');
    else if (path.startsWith('/_sim/')) await control(req, res, path, provider);
    else await provider.answer(req, res, path.replace(/^\/v1(?=\/)/, ''));
  } catch (error) {
    if (!(error instanceof ClientLeft)) res.writeHead(500).end(`simulator fault: ${String(error)}\n`);
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A second call finds the server closed, which is as good. */
async function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
