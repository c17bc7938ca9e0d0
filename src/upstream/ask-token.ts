import { CredentialsError, type CredentialIo } from '../core/credential-io.ts';
import type { TokenRequest } from '../core/provider.ts';
import type { Lasting } from './renewed.ts';

/** @throws CredentialsError */
export async function askToken(
  { url, form, headers = {}, files = {} }: TokenRequest,
  io: CredentialIo,
): Promise<Lasting<string>> {
  const read = await Promise.all(
    Object.entries(files).map(async ([name, path]) => [name, await held(path, io)] as const),
  );
  const body = form === null ? null : new URLSearchParams({ ...form, ...Object.fromEntries(read) }).toString();
  const type: Record<string, string> = body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await io.ask({
    method: body === null ? 'GET' : 'POST',
    url,
    headers: { ...type, accept: 'application/json', ...headers },
    body,
  });
  return tokenOf(answer, new URL(url).host);
}

async function held(path: string, io: CredentialIo): Promise<string> {
  const text = await io.readFile(path);
  if (text === null) throw new CredentialsError('the token file is not there');
  return text.trim();
}

function tokenOf({ status, body }: { readonly status: number; readonly body: string }, host: string): Lasting<string> {
  const answer = parse(body);
  if (status !== 200) throw new CredentialsError(`${host}: ${status}${errorCode(answer['error'])}`);
  const { access_token: value, expires_in: seconds } = answer;
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
    throw new CredentialsError(`${host}: no access_token in its answer`);
  return { value, life: Math.max(0, Number(seconds ?? 0) || 0) * 1000 };
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The word of RFC 6749 section 5.2 only: descriptions name what was sent. */
function errorCode(code: unknown): string {
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? ` ${code}` : '';
}
