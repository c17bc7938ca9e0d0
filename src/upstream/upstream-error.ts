import { GatewayError } from '../core/errors.ts';

/** Why an attempt came to nothing; the `result` label of `sluice_upstream_attempts_total`. */
export type FailureKind =
  | 'connect_error'
  | 'no_token'
  | 'connect_timeout'
  | 'no_connection'
  | 'reset'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'malformed_reply'
  | 'unsendable'
  | 'refused'
  | 'untranslatable'
  | 'hedged'
  | 'request_timeout'
  | 'client_gone'
  | 'shutdown';

/** An attempt without a usable reply. */
export class UpstreamFailure extends Error {
  readonly kind: FailureKind;
  /** Some bytes may have reached the provider: a second try could run the call twice. */
  readonly maySentBytes: boolean;
  /** Why the rest of the request may not be sent; null: it may. */
  private readonly refusal: GatewayError | null;

  constructor(kind: FailureKind, maySentBytes: boolean, message: string, refusal: GatewayError | null = null) {
    super(message);
    this.name = 'UpstreamFailure';
    this.kind = kind;
    this.maySentBytes = maySentBytes;
    this.refusal = refusal;
  }

  get isTimeout(): boolean {
    return this.kind.endsWith('_timeout');
  }

  /** Another target may still answer: nothing was sent, or nothing came back in time or in shape. */
  get allowsFallback(): boolean {
    if (ENDS_THE_CALL.has(this.kind)) return false;
    return !this.maySentBytes || this.kind === 'first_byte_timeout' || this.kind === 'malformed_reply';
  }

  toGatewayError(provider: string): GatewayError {
    if (this.refusal !== null) return this.refusal;
    if (this.kind === 'no_connection')
      return new GatewayError(
        'overloaded',
        `All connections to the provider "${provider}" are in use (maxConnections).`,
        {
          retryAfterSeconds: 1,
        },
      );
    if (this.kind === 'shutdown')
      return new GatewayError('overloaded', 'The gateway is stopping; try again.', { retryAfterSeconds: 1 });
    if (this.kind === 'unsendable')
      return new GatewayError(
        'invalid_request',
        'The path or a header of the request cannot be sent on over HTTP/1.1.',
      );
    if (this.kind === 'no_token')
      return new GatewayError(
        'upstream_unavailable',
        `The provider "${provider}" could not be used: there are no credentials for it (${this.message}).`,
      );
    if (this.isTimeout)
      return new GatewayError('upstream_timeout', `The provider "${provider}" did not answer in time (${this.kind}).`);
    return new GatewayError('upstream_unavailable', `The provider "${provider}" could not be used (${this.kind}).`);
  }
}

/** No other target would do better, or nobody waits any more. */
const ENDS_THE_CALL: ReadonlySet<FailureKind> = new Set([
  'client_gone',
  'total_timeout',
  'shutdown',
  'unsendable',
  'refused',
  'untranslatable',
]);

const TIMEOUTS: Readonly<Record<string, FailureKind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'first_byte_timeout',
  UND_ERR_BODY_TIMEOUT: 'idle_timeout',
};

/** Sorts what undici and Node report. @param wasStarted the request had been given a connection */
export function toFailure(error: Error, wasStarted: boolean): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  // Thrown by the request's own body.
  if (error instanceof GatewayError) return new UpstreamFailure('refused', wasStarted, error.code, error);
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const timeout = TIMEOUTS[code];
  if (timeout !== undefined) return new UpstreamFailure(timeout, wasStarted, code);
  // The request itself is at fault, so it must not count against the target.
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return new UpstreamFailure('unsendable', wasStarted, code);
  if (!wasStarted) return new UpstreamFailure('connect_error', false, code || error.message);
  // By its name: undici's parser errors carry no code.
  if (error.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || code.startsWith('UND_ERR_RES'))
    return new UpstreamFailure('malformed_reply', true, code || error.message);
  return new UpstreamFailure('reset', true, code || error.message);
}
