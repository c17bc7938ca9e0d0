import { GatewayError } from '../core/errors.ts';

/** Why an attempt came to nothing; the `result` label of `sluice_upstream_attempts_total`. */
export type FailureKind =
  | 'connect_error'
  | 'connect_timeout'
  | 'reset'
  | 'first_byte_timeout'
  | 'idle_timeout'
  | 'total_timeout'
  | 'malformed_reply'
  | 'client_gone'
  | 'shutdown';

/** An attempt without a usable reply. */
export class UpstreamFailure extends Error {
  readonly kind: FailureKind;
  /** Some bytes may have reached the provider: a second try could run the call twice. */
  readonly maySentBytes: boolean;

  constructor(kind: FailureKind, maySentBytes: boolean, message: string) {
    super(message);
    this.name = 'UpstreamFailure';
    this.kind = kind;
    this.maySentBytes = maySentBytes;
  }

  get isTimeout(): boolean {
    return this.kind.endsWith('_timeout');
  }

  /** Another target may still answer: nothing was sent, or nothing came back in time or in shape. */
  get allowsFallback(): boolean {
    if (this.kind === 'client_gone' || this.kind === 'total_timeout' || this.kind === 'shutdown') return false;
    return !this.maySentBytes || this.kind === 'first_byte_timeout' || this.kind === 'malformed_reply';
  }

  toGatewayError(provider: string): GatewayError {
    if (this.kind === 'shutdown')
      return new GatewayError('overloaded', 'The gateway is stopping; try again.', { retryAfterSeconds: 1 });
    if (this.isTimeout)
      return new GatewayError('upstream_timeout', `The provider "${provider}" did not answer in time (${this.kind}).`);
    return new GatewayError('upstream_unavailable', `The provider "${provider}" could not be used (${this.kind}).`);
  }
}

const TIMEOUTS: Readonly<Record<string, FailureKind>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'first_byte_timeout',
  UND_ERR_BODY_TIMEOUT: 'idle_timeout',
};

/** Sorts what undici and Node report. @param wasStarted the request had been given a connection */
export function toFailure(error: Error, wasStarted: boolean): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const timeout = TIMEOUTS[code];
  if (timeout !== undefined) return new UpstreamFailure(timeout, wasStarted, code);
  if (!wasStarted) return new UpstreamFailure('connect_error', false, code || error.message);
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RE'))
    return new UpstreamFailure('malformed_reply', true, code);
  return new UpstreamFailure('reset', true, code || error.message);
}
