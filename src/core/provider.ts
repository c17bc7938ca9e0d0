import type { Operation } from './operation.ts';
import type { ProviderType } from './config.ts';
import type { Wire } from './translation.ts';

/** One vendor's wire habits; pure. Adding a vendor is one file in `providers/` and a line in its registry. */
export interface Provider {
  readonly type: ProviderType;
  /** Whether the vendor serves the endpoint in the protocol that the app speaks. */
  speaks(operation: Operation): boolean;
  /** The format that calls of other protocols are translated to. */
  readonly wire: Wire;
  /**
   * The path and query to send for the app's own.
   * @param basePath the path of the base URL, without a trailing slash
   * @param path as the app sent it, from `/v1/` on
   */
  upstreamPath(basePath: string, path: string): string;
  /** The credential as header name and value. */
  authHeader(key: string): readonly [name: string, value: string];
  /** Headers that the vendor demands and the app may have left out; lower-case names. */
  readonly requiredHeaders: readonly (readonly [name: string, value: string])[];
}
