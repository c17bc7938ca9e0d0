import type { Provider } from '../core/provider.ts';
import { openai } from './openai.ts';

/** The embedded simulator: speaks both protocols and asks for no key. */
export const simulator: Provider = {
  ...openai,
  type: 'simulator',
  speaks: () => true,
};
