/** OpenAI's `error.type` values that clients switch on. */
type OpenAiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'insufficient_quota'
  | 'server_error';

interface ErrorDefinition {
  readonly status: number;
  readonly type: OpenAiErrorType;
  /** Anthropic's `error.type`. @source https://docs.anthropic.com/en/api/errors */
  readonly anthropicType: string;
  /** Sent as `x-should-retry`; null leaves the decision to the SDK's own rule for the status. */
  readonly shouldRetry: boolean | null;
  readonly when: string;
}

function define(
  status: number,
  type: OpenAiErrorType,
  anthropicType: string,
  shouldRetry: boolean | null,
  when: string,
): ErrorDefinition {
  return { status, type, anthropicType, shouldRetry, when };
}

const BAD_INPUT = ['invalid_request_error', 'invalid_request_error', false] as const;
const UPSTREAM = ['server_error', 'api_error', null] as const;

/** Every error that the gateway itself makes. `docs/reference/errors.md` is generated from this table. */
export const ERRORS = {
  invalid_json: define(400, ...BAD_INPUT, 'The body is not valid JSON in UTF-8, or not an object.'),
  ambiguous_json: define(
    400,
    ...BAD_INPUT,
    'A name stands twice in one object, or a field that is judged differs by case only.',
  ),
  json_too_deep: define(400, ...BAD_INPUT, 'The body nests deeper than 64 levels.'),
  invalid_request: define(
    400,
    ...BAD_INPUT,
    'A field or header that the gateway acts on is missing or of the wrong type.',
  ),
  protocol_mismatch: define(400, ...BAD_INPUT, "The model's provider does not speak the protocol of this endpoint."),
  secret_detected: define(
    400,
    ...BAD_INPUT,
    'A redaction rule with the action `block` matched; the message names rule and place.',
  ),
  uninspectable_body: define(
    400,
    ...BAD_INPUT,
    'The body cannot be inspected for secrets, and `redaction.failure` is `closed`.',
  ),
  malformed_http: define(
    400,
    ...BAD_INPUT,
    'The bytes on the connection are not a valid HTTP/1.1 request; the connection is closed.',
  ),
  invalid_api_key: define(
    401,
    'authentication_error',
    'authentication_error',
    false,
    'The key is missing, unknown, expired, revoked or rotated out; one uniform answer.',
  ),
  model_not_allowed: define(403, 'permission_error', 'permission_error', false, 'The key may not use this model.'),
  policy_denied: define(
    403,
    'permission_error',
    'permission_error',
    false,
    'A policy denies the call, all of its targets, or the reply; the message names the policy.',
  ),
  approval_required: define(
    403,
    'permission_error',
    'permission_error',
    false,
    'A policy wants the call approved first; the message names the policy.',
  ),
  price_unknown: define(
    403,
    'permission_error',
    'permission_error',
    false,
    'A budget is in force and what the call costs is not known: the model has no price, or the endpoint is passed through.',
  ),
  model_not_found: define(404, 'not_found_error', 'not_found_error', false, 'No configured model matches the name.'),
  not_found: define(
    404,
    'not_found_error',
    'not_found_error',
    false,
    'No such endpoint, and no pass-through provider is configured.',
  ),
  method_not_allowed: define(405, ...BAD_INPUT, 'The method is not served (CONNECT).'),
  request_timeout: define(408, ...BAD_INPUT, 'The request did not arrive in full within `gateway.timeouts.request`.'),
  body_too_large: define(
    413,
    'invalid_request_error',
    'request_too_large',
    false,
    'The body is larger than `gateway.maxBodyBytes` (feedback: 8 KiB), also when inflated, or holds more than 250,000 values.',
  ),
  unsupported_encoding: define(415, ...BAD_INPUT, 'The content-encoding is none of identity, gzip, zstd.'),
  upgrade_not_supported: define(
    426,
    ...BAD_INPUT,
    'WebSocket upgrades are not served; use HTTP with server-sent events.',
  ),
  rate_limit_exceeded: define(
    429,
    'rate_limit_error',
    'rate_limit_error',
    null,
    'A limit of requests, tokens or concurrent requests is reached; see retry-after and x-ratelimit-*. A request larger than its limit can ever be says so, with `x-should-retry: false`.',
  ),
  insufficient_quota: define(
    429,
    'insufficient_quota',
    'rate_limit_error',
    false,
    'A budget is spent, or what is left of it does not pay for the request at its worst.',
  ),
  headers_too_large: define(431, ...BAD_INPUT, 'The request headers exceed 64 KiB.'),
  internal_error: define(
    500,
    'server_error',
    'api_error',
    null,
    'A fault of the gateway; the log names it by request id.',
  ),
  upstream_unavailable: define(502, ...UPSTREAM, 'No target could be reached, or its answer was unusable.'),
  overloaded: define(
    503,
    'server_error',
    'overloaded_error',
    null,
    'The gateway is stopping or serves as many requests as it may, all connections to a provider are in use, a key cannot be looked up, a limit cannot be counted because the shared counters are down, or a large body could not be inspected in time; see retry-after.',
  ),
  detector_unavailable: define(
    503,
    'server_error',
    'overloaded_error',
    true,
    'A detector of `redaction.detectors` with `failure: closed` could not judge the request.',
  ),
  audit_unavailable: define(
    503,
    'server_error',
    'overloaded_error',
    null,
    'The request must be recorded in the audit trail (`audit.required`), which cannot be written now.',
  ),
  upstream_timeout: define(504, ...UPSTREAM, 'The provider did not answer in time.'),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** The request field or header at fault, as OpenAI's `error.param`. */
  readonly param?: string;
  readonly retryAfterSeconds?: number;
  /** In place of the code's own `x-should-retry`. */
  readonly shouldRetry?: boolean;
  /** The rest of the body is unread: the connection cannot be used again. */
  readonly closeConnection?: boolean;
}

/**
 * An answer that the gateway gives itself. Expected, so it carries no stack: capturing one costs more than the request
 * it denies. The message is for the caller and never quotes the body or a secret.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = NO_DETAILS) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'GatewayError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.details = details;
  }
}

const NO_DETAILS: ErrorDetails = {};

/** A rule with the action `block` matched at `where`, which is a place such as `messages[2].content` or empty. */
export function secretDetected(rule: string, where: string): GatewayError {
  const place = where === '' ? 'the text' : where;
  const message = `The rule ${rule} found a value in ${place} that may not pass; remove it.`;
  return new GatewayError('secret_detected', message, where === '' ? NO_DETAILS : { param: where });
}
