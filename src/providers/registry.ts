import { COMPATIBLE_TYPES, type CompatibleType, type ProviderConfig, type ProviderType } from '../core/config.ts';
import type { Provider } from '../core/provider.ts';
import { anthropic } from './anthropic.ts';
import { azureOpenai } from './azure-openai.ts';
import { awsBedrock } from './aws-bedrock.ts';
import { googleGemini } from './google-gemini.ts';
import { googleVertex } from './google-vertex.ts';
import { compatible, openai } from './openai.ts';
import { simulator } from './simulator.ts';

const COMPATIBLE_PROVIDERS = Object.fromEntries(COMPATIBLE_TYPES.map((type) => [type, compatible(type)])) as Readonly<
  Record<CompatibleType, Provider>
>;

/** Every vendor that `providers.*.type` can name. */
export const PROVIDERS: Readonly<Record<ProviderType, Provider>> = {
  openai,
  anthropic,
  'azure-openai': azureOpenai,
  'google-gemini': googleGemini,
  'google-vertex': googleVertex,
  'aws-bedrock': awsBedrock,
  simulator,
  ...COMPATIBLE_PROVIDERS,
};

/** The vendor as its configuration wants it. */
export function providerFor(config: ProviderConfig): Provider {
  const provider = PROVIDERS[config.type];
  return provider.configured?.(config) ?? provider;
}
