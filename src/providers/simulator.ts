import type { Provider } from '../core/provider.ts';
import { openai } from './openai.ts';

const { configured: _, ...base } = openai;

/** The embedded simulator: speaks both protocols and asks for no key. */
export const simulator: Provider = {
  ...base,
  type: 'simulator',
  speaks: () => true,
};
