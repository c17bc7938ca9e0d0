import type { Wire } from '../../src/core/translation.ts';
import type { RunningSimulator } from '../../src/simulator/simulator.ts';

/** A kind of provider that every client is tried with. */
export interface ProviderKind {
  readonly name: string;
  readonly wire: Wire;
  /** The section of `providers`. @param origin of the simulator, without a path */
  provider(origin: string): Readonly<Record<string, unknown>>;
  /** Models as this vendor names them, which its translation may go by: one that talks, an echo, an echo of the request. */
  readonly models: { readonly talks: string; readonly echo: string; readonly tells: string };
}

const GPT = { talks: 'gpt-5.1', echo: 'gpt-5.1-echo', tells: 'gpt-5.1-tells' };
const CLAUDE = { talks: 'claude-sonnet-4-5', echo: 'claude-haiku-4-5', tells: 'claude-opus-4-5' };

/** One line a kind. */
export const PROVIDER_KINDS: readonly ProviderKind[] = [
  { name: 'openai', wire: 'chat', provider: (origin) => ({ type: 'openai', baseUrl: `${origin}/v1` }), models: GPT },
  { name: 'anthropic', wire: 'messages', provider: (baseUrl) => ({ type: 'anthropic', baseUrl }), models: CLAUDE },
];

export function originOf({ host, port }: RunningSimulator): string {
  return `http://${host}:${port}`;
}
