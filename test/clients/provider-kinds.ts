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

const GEMINI = { talks: 'gemini-3-pro', echo: 'gemini-2.5-echo', tells: 'gemini-2.5-tells' };
const BEDROCK = {
  talks: 'anthropic.claude-sonnet-4-5-v1:0',
  echo: 'us.amazon.nova-echo-v1:0',
  tells: 'us.amazon.nova-tells-v1:0',
};

/** One line a kind. */
export const PROVIDER_KINDS: readonly ProviderKind[] = [
  { name: 'openai', wire: 'chat', provider: (origin) => ({ type: 'openai', baseUrl: `${origin}/v1` }), models: GPT },
  { name: 'anthropic', wire: 'messages', provider: (baseUrl) => ({ type: 'anthropic', baseUrl }), models: CLAUDE },
  { name: 'gemini', wire: 'gemini', provider: (baseUrl) => ({ type: 'google-gemini', baseUrl }), models: GEMINI },
  {
    name: 'bedrock',
    wire: 'bedrock',
    provider: (baseUrl) => ({ type: 'aws-bedrock', baseUrl, region: 'eu-central-1' }),
    models: BEDROCK,
  },
];

export function originOf({ host, port }: RunningSimulator): string {
  return `http://${host}:${port}`;
}
