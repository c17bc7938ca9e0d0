import type { AwsKey } from './provider-key.ts';
import type { Milliseconds } from './units.ts';

/** Of a small request for credentials. */
export interface CredentialRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface CredentialAnswer {
  readonly status: number;
  readonly body: string;
}

/** What asking for credentials may do to the world outside. */
export interface CredentialIo {
  /** @throws CredentialsError where there is no answer */
  ask(request: CredentialRequest): Promise<CredentialAnswer>;
  /** Null: there is no such file. @throws CredentialsError */
  readFile(path: string): Promise<string | null>;
  /** Unix milliseconds. */
  wall(): Milliseconds;
}

export interface LastingKey {
  readonly key: AwsKey;
  /** From now on. */
  readonly life: Milliseconds;
}

/** No credentials are to be had. Says who was asked and what came of it, never what was sent or read. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
