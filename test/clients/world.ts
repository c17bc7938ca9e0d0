import { onTestFinished } from 'vitest';
import { startSimulator, type RunningSimulator } from '../../src/simulator/simulator.ts';
import { startTestGateway, type TestConfig, type TestGateway } from '../support/test-gateway.ts';
import type { Client, ClientKind } from './client-kind.ts';
import { originOf, PROVIDER_KINDS, type ProviderKind } from './provider-kinds.ts';

/** No delay anywhere. */
const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 } as const;

/** Names that a vendor gives its keys, and that the provider is called with. */
export const UPSTREAM_KEY = 'upstream-key-of-the-gateway';
export const CLIENT_KEY = 'sk-client-of-the-gateway';

export interface World {
  readonly sim: RunningSimulator;
  readonly gateway: TestGateway;
  readonly client: Client;
  /** Another of the same kind. */
  open(options?: { readonly apiKey?: string; readonly maxRetries?: number }): Client;
}

/** A gateway before a simulated provider of the kind, and a client of its protocol. Models: `talks`, `echo`, `tells`. */
export async function startWorld(client: ClientKind, kind: ProviderKind, config: TestConfig = {}): Promise<World> {
  const { talks, echo, tells } = kind.models;
  const sim = await startSimulator({
    defaults: { ...INSTANT, parallelToolCalls: 2 },
    profiles: { [talks]: {}, [echo]: { reply: 'echo' }, [tells]: { reply: 'echo-request' } },
  });
  onTestFinished(() => sim.close());
  const gateway = await startTestGateway({
    providers: { up: { apiKey: UPSTREAM_KEY, ...kind.provider(originOf(sim)) } },
    models: Object.fromEntries(Object.entries(kind.models).map(([name, model]) => [name, { target: `up/${model}` }])),
    auth: { required: true },
    keys: [{ name: 'client', secret: CLIENT_KEY }],
    upstream: { retries: { attempts: 0 } },
    ...config,
  });
  const open: World['open'] = ({ apiKey = CLIENT_KEY, maxRetries = 0 } = {}) =>
    client.open({ url: gateway.url, apiKey, maxRetries });
  return { sim, gateway, client: open(), open };
}

/** Every client with every provider, for `test.each`. */
export function pairsOf(
  clients: readonly ClientKind[],
): readonly (readonly [client: string, provider: string, ClientKind, ProviderKind])[] {
  return clients.flatMap((client) => PROVIDER_KINDS.map((kind) => [client.name, kind.name, client, kind] as const));
}
