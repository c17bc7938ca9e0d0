import { createHmac, hash } from 'node:crypto';
import type { AwsKey } from '../core/provider-key.ts';
import type { SignedRequest } from '../core/provider.ts';
import type { Milliseconds } from '../core/units.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * Signature Version 4 of a request with a body at hand: the headers to add, names and values in turn.
 * @param extra headers that are signed as well, lower-case names
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signV4(
  key: AwsKey,
  service: string,
  request: SignedRequest,
  wall: Milliseconds,
  extra: Readonly<Record<string, string>> = {},
): readonly string[] {
  const time = new Date(wall).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = { ...extra, host: request.host, 'x-amz-date': time };
  if (key.sessionToken !== null) headers['x-amz-security-token'] = key.sessionToken;
  const names = Object.keys(headers).sort();
  const scope = `${time.slice(0, 8)}/${key.region}/${service}/aws4_request`;
  const toSign = [ALGORITHM, time, scope, sha256(canonicalRequest(request, names, headers))].join('\n');
  const signature = hmac(signingKey(key, time.slice(0, 8), service), toSign).toString('hex');
  const authorization = `${ALGORITHM} Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const session = key.sessionToken === null ? [] : ['x-amz-security-token', key.sessionToken];
  return ['x-amz-date', time, ...session, 'authorization', authorization];
}

function canonicalRequest(
  { method, path, body }: SignedRequest,
  names: readonly string[],
  headers: Readonly<Record<string, string>>,
): string {
  const [place = '/', query = ''] = splitOnce(path, '?');
  const lines = names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}\n`);
  return [method, canonicalPath(place), canonicalQuery(query), lines.join(''), names.join(';'), sha256(body)].join(
    '\n',
  );
}

/** Every service but S3 wants the encoded path encoded once more. */
function canonicalPath(path: string): string {
  return normalised(path).split('/').map(encoded).join('/');
}

/** Without empty, `.` and `..` segments, as every service but S3 has it. */
function normalised(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const isFolder = kept.length > 0 && /\/\.{0,2}$/.test(path);
  return `/${kept.join('/')}${isFolder ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = splitOnce(pair, '=');
    return [encoded(decodeURIComponent(name)), encoded(decodeURIComponent(value))] as const;
  });
  const byName = (a: readonly [string, string], b: readonly [string, string]) =>
    compare(a[0], b[0]) || compare(a[1], b[1]);
  return pairs
    .sort(byName)
    .map((pair) => pair.join('='))
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** RFC 3986: all but the unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Holds for a day, and is most of the work. */
const signingKeys = new WeakMap<AwsKey, { readonly of: string; readonly key: Buffer }>();

function signingKey(credentials: AwsKey, day: string, service: string): Buffer {
  const of = `${day}/${service}`;
  const known = signingKeys.get(credentials);
  if (known?.of === of) return known.key;
  const { region, secretAccessKey } = credentials;
  const key = [day, region, service, 'aws4_request'].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  signingKeys.set(credentials, { of, key });
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return hash('sha256', data, 'hex');
}
