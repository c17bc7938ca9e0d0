import type { KeyTrouble } from '../core/provider.ts';
import type { Milliseconds } from '../core/units.ts';

type Members = Readonly<Record<string, unknown>>;

/** By the status alone: unknown, forbidden, unpaid. @source RFC 9110 section 15.5; 402 is DeepSeek's, OpenRouter's, Anthropic's */
const REFUSED: ReadonlySet<number> = new Set([401, 402, 403]);

/** Codes of an account that pays for nothing more. @source https://platform.openai.com/docs/guides/error-codes */
const SPENT: ReadonlySet<unknown> = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active']);

/** OpenAI's word for a model that the key's project may not use: another key may, and this one serves all other models. */
const OTHER_MODEL = 'model_not_found';

/** @source https://cloud.google.com/apis/design/errors#error_info, google.api.ErrorReason */
const BAD_REASONS: ReadonlySet<unknown> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'BILLING_DISABLED']);

/** @source https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html; some of them come as 400 */
const STALE = /^(?:ExpiredToken|UnrecognizedClient|InvalidClientTokenId)(?:Exception)?(?::|$)/;

/**
 * Beginnings of messages of a 400 that has no code for it: Anthropic's of an empty account, xAI's of an unknown key. Only the
 * beginning is the vendor's own: the rest may quote what a caller wrote.
 */
const BAD_MESSAGES = /^(?:Your credit balance is too low|Incorrect API key provided|Invalid API key)/;

/** As `Provider.keyTrouble`, of all vendors: none uses the words of another for something else. */
export function keyTrouble(
  status: number,
  body: string | null,
  header: (name: string) => string | undefined,
): KeyTrouble | null {
  const answer = membersOf(parsed(body));
  const error = membersOf(Array.isArray(answer['error']) ? answer['error'][0] : answer['error']);
  if (status === 403 && isAboutContent(error)) return null;
  if (status === 403 && error['code'] === OTHER_MODEL) return { isRefused: false, wait: 0, isStale: false };
  const isStale = status === 401 || STALE.test(header('x-amzn-errortype') ?? '');
  if (REFUSED.has(status)) return { isRefused: true, wait: null, isStale };
  if (status === 429) return { isRefused: isSpent(error), wait: retryDelay(error), isStale: false };
  return status === 400 && (isStale || isBadKey(answer, error)) ? { isRefused: true, wait: null, isStale } : null;
}

function isBadKey(answer: Members, error: Members): boolean {
  if (detailsOf(error).some(({ reason }) => BAD_REASONS.has(reason)) || isSpent(error)) return true;
  // xAI has its message in place of the object.
  const message = typeof answer['error'] === 'string' ? answer['error'] : error['message'];
  return typeof message === 'string' && BAD_MESSAGES.test(message);
}

function isSpent({ code, type }: Members): boolean {
  return SPENT.has(code) || SPENT.has(type);
}

/** OpenRouter's word for a prompt that was flagged. @source https://openrouter.ai/docs/api-reference/errors */
function isAboutContent({ metadata }: Members): boolean {
  return membersOf(metadata)['flagged_input'] !== undefined;
}

/** Google says it in the body only. @source https://cloud.google.com/apis/design/errors, google.rpc.RetryInfo */
function retryDelay(error: Members): Milliseconds | null {
  for (const { retryDelay: told } of detailsOf(error)) {
    const seconds = typeof told === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(told) : null;
    if (seconds !== null) return Math.ceil(Number(seconds[1]) * 1000);
  }
  return null;
}

function detailsOf({ details }: Members): readonly Members[] {
  return Array.isArray(details) ? details.map(membersOf) : [];
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

/** Google's streams begin an error with a list. */
function parsed(body: string | null): unknown {
  try {
    const answer: unknown = body === null ? null : JSON.parse(body);
    return Array.isArray(answer) ? answer[0] : answer;
  } catch {
    return null;
  }
}
