import type { ProviderType } from '../core/config.ts';
import type { Provider } from '../core/provider.ts';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import { simulator } from './simulator.ts';

/** Every vendor that `providers.*.type` can name. */
export const PROVIDERS: Readonly<Record<ProviderType, Provider>> = { openai, anthropic, simulator };
