/** The wire family of a path; it decides the form of errors and the standard headers. */
export type Dialect = 'openai' | 'anthropic' | 'google' | 'aws';

/** An error reply, before it takes the form of a dialect. */
export interface Failure {
  readonly status: number;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string;
}

/** A request that a real provider would refuse; thrown while it is read, rendered once at the edge. */
export class RequestFailure extends Error implements Failure {
  readonly status: number;
  readonly param: string | null;

  constructor(status: number, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

/** Refused with 400. */
export class InvalidRequest extends RequestFailure {
  constructor(message: string, param: string | null = null) {
    super(400, message, param);
  }
}

const OPENAI_TYPES: Readonly<Record<number, string>> = {
  429: 'requests',
  500: 'server_error',
  503: 'server_error',
  529: 'server_error',
};

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  503: 'api_error',
  529: 'overloaded_error',
};

const GOOGLE_STATUSES: Readonly<Record<number, string>> = {
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  529: 'UNAVAILABLE',
};

const OVERLOADED = { message: 'The model is overloaded. Please try again later.' };

const UPSTREAM_FAILURES: Readonly<Record<number, Omit<Failure, 'status'>>> = {
  429: { message: 'Rate limit reached for requests per minute. Please try again later.', code: 'rate_limit_exceeded' },
  500: { message: 'The server had an error while processing your request.' },
  503: OVERLOADED,
  529: OVERLOADED,
};

/** The failure that a provider reports with 429, 500, 503 or 529. */
export function upstreamFailure(status: number): Failure {
  return { status, message: `Error ${status}`, ...UPSTREAM_FAILURES[status] };
}

/**
 * An error body in its dialect's form.
 * @source https://platform.openai.com/docs/guides/error-codes, https://docs.anthropic.com/en/api/errors,
 *   https://ai.google.dev/gemini-api/docs/troubleshooting,
 *   https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export function failureBody(dialect: Dialect, failure: Failure, requestId: string): string {
  const { status, message, param = null, code = null } = failure;
  if (dialect === 'anthropic') {
    const type = ANTHROPIC_TYPES[status] ?? 'invalid_request_error';
    return JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId });
  }
  if (dialect === 'google') {
    const error = { code: status, message, status: GOOGLE_STATUSES[status] ?? 'INVALID_ARGUMENT' };
    return JSON.stringify({ error }, null, 2);
  }
  if (dialect === 'aws') return JSON.stringify({ message });
  const type = OPENAI_TYPES[status] ?? 'invalid_request_error';
  return JSON.stringify({ error: { message, type, param, code } }, null, 2);
}

const AWS_TYPES: Readonly<Record<number, string>> = {
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
  529: 'ServiceUnavailableException',
};

/** AWS tells an error's type in a header. */
export function errorTypeHeader(dialect: Dialect, status: number): Readonly<Record<string, string>> {
  return dialect === 'aws' ? { 'x-amzn-errortype': AWS_TYPES[status] ?? 'ValidationException' } : {};
}
