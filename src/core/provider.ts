import type { ProviderConfig, ProviderType } from './config.ts';
import type { CredentialIo, LastingKey } from './credential-io.ts';
import type { Operation } from './operation.ts';
import type { ProviderKey } from './provider-key.ts';
import type { EmbeddingWire, Wire } from './translation.ts';
import type { Milliseconds } from './units.ts';

/** One vendor's wire habits; pure. Adding a vendor is one file in `providers/` and a line in its registry. */
export interface Provider {
  readonly type: ProviderType;
  /** Whether the vendor serves the endpoint in the protocol that the app speaks. */
  speaks(operation: Operation): boolean;
  /** The format that calls of other protocols are translated to. */
  readonly wire: Wire;
  /** Where the vendor lists its models otherwise than at `/v1/models`; left out: it lists them there, or nowhere. */
  readonly modelList?: ModelList;
  /** The format that embeddings are translated to; left out: it has OpenAI's, or none. */
  readonly embeddings?: EmbeddingWire;
  /**
   * The path and query to send for the app's own.
   * @param basePath the path of the base URL, without a trailing slash
   * @param path as the app sent it, from `/v1/` on, or as a translation wrote it
   * @param call left out where the call names no model
   */
  upstreamPath(basePath: string, path: string, call?: AddressedCall): string;
  /** The credential as header name and value. */
  authHeader(key: string): readonly [name: string, value: string];
  /** Headers that the vendor demands and the app may have left out; lower-case names. */
  readonly requiredHeaders: readonly (readonly [name: string, value: string])[];
  /** What it wants otherwise in bodies of its `wire`; left out: nothing. */
  readonly bodyRules?: BodyRules;
  /** The vendor as a configuration wants it; left out: it is always the same. */
  configured?(config: ProviderConfig): Provider;
  /** What the vendor calls a model; left out: as the target names it. */
  modelName?(model: string): string;
  /** How a token is asked for; null: none is needed for this key. */
  tokenRequest?(key: ProviderKey, wall: Milliseconds): TokenRequest | null;
  /**
   * What an error reply says of the key that it was asked with; null: nothing.
   * @param body null: it is long, or cut off
   * @param header by its lower-case name
   */
  keyTrouble(status: number, body: string | null, header: (name: string) => string | undefined): KeyTrouble | null;
  /** Credentials that end, of a key that is asked for them; null: this key is none. Pure but for what it does through `io`. */
  roleKey?(key: ProviderKey, io: CredentialIo): Promise<LastingKey> | null;
  /** Headers that sign one request, names and values in turn; null: this key does not sign. */
  sign?(key: ProviderKey, request: SignedRequest, wall: Milliseconds): readonly string[] | null;
}

/** A list of models in a form of the vendor's own. */
interface ModelList {
  readonly path: string;
  /** Those that can be called here; of anything else none. */
  read(reply: unknown): readonly ListedModel[];
}

/** As the provider describes it. */
export interface ListedModel {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** A key that is limited, or of no use. */
export interface KeyTrouble {
  /** It is unknown, forbidden or has nothing left to spend, which time alone does not mend. */
  readonly isRefused: boolean;
  /** How long the body asks to wait; null: it does not say. */
  readonly wait: Milliseconds | null;
  /** Of credentials that end: they have, or they are revoked; others of the same account may do. */
  readonly isStale: boolean;
}

/** What of a call may stand in its path. */
export interface AddressedCall {
  /** As it is sent. */
  readonly model: string;
  readonly isStream: boolean;
}

/** A request as it goes out. */
export interface SignedRequest {
  readonly method: string;
  /** With the port where it is not the scheme's own. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  readonly body: Buffer;
}

/** Asks for a token; the answer is `{ access_token, expires_in }` (RFC 6749 section 5.1). */
export interface TokenRequest {
  readonly url: string;
  /** Null: it is asked for by GET. */
  readonly form: Readonly<Record<string, string>> | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the form whose value is what a file holds. */
  readonly files?: Readonly<Record<string, string>>;
}

/** How a vendor's dialect differs from the format that it copies; top-level members of the body. */
export interface BodyRules {
  /** What the vendor calls a member. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Members that change nothing that is written, and that the vendor refuses: left out, and told in a header. */
  readonly unsent: readonly string[];
  /** Members that the vendor has nothing for, with the value that says nothing: any other one is a 400. */
  readonly refused: Readonly<Record<string, string>>;
  /** Messages of `developer` are those of `system`. */
  readonly lacksDeveloper: boolean;
  /** The model stands in the path only. */
  readonly omitsModel: boolean;
  /** Members with their JSON, where the body has none of that name. */
  readonly added: Readonly<Record<string, string>>;
}
