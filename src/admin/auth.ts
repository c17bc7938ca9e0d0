import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { AdminError } from './errors.ts';

/** What is known of a request before anything of it is believed. */
export interface AccessRequest {
  /** The TCP peer, as Node tells it; never a forwarded header. */
  readonly peer: string | undefined;
  readonly path: string;
  readonly host: string | null;
  readonly origin: string | null;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | null;
  readonly authorization: string | null;
}

interface AccessRules {
  /** The one in force, asked for at each request. Null: loopback peers only. */
  token(): string | null;
  /** The host that the control plane listens on since it was started: a name that it may be called by. */
  readonly host: string;
}

/** For probes, scrapers and the page of links: they show no secret and change nothing. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/', '/livez', '/readyz', '/metrics', '/openapi.json']);

export type Gate = (request: AccessRequest) => AdminError | null;

/**
 * The one gate of the control plane; null lets the request pass.
 * With a token everything needs it but the open paths.
 * Without one only this machine may call. A browser on this machine runs other people's pages, so the request must also
 * name this machine (DNS rebinding) and must not come from another site.
 */
export function createGate(rules: AccessRules): Gate {
  return (request) => {
    const token = rules.token();
    return token === null ? refuseOthers(request, rules.host) : refuseWithoutToken(request, token);
  };
}

function refuseOthers(request: AccessRequest, ownHost: string): AdminError | null {
  if (!isLoopback(request.peer ?? '')) {
    return forbidden(
      'No admin token is configured, so only this machine may call; set `admin.token` to call from elsewhere',
    );
  }
  if (!isOwnHost(request.host, ownHost)) {
    return forbidden('The Host header names another machine; call 127.0.0.1 or localhost, or set `admin.token`');
  }
  if (isForeign(request)) return forbidden('The request comes from a page of another site; set `admin.token`');
  return null;
}

function refuseWithoutToken({ path, authorization }: AccessRequest, token: string): AdminError | null {
  if (OPEN_PATHS.has(path)) return null;
  // Hashed first, so that neither the length nor a common prefix shows in the time taken.
  if (timingSafeEqual(digest(bearer(authorization)), digest(`Bearer ${token}`))) return null;
  return new AdminError(401, 'unauthorized', 'Send the admin token as `Authorization: Bearer <token>`.');
}

/** The scheme's name is case-insensitive. @source RFC 9110, 11.1 */
function bearer(authorization: string | null): string {
  return (authorization ?? '').replace(/^bearer +/i, 'Bearer ');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function forbidden(message: string): AdminError {
  return new AdminError(403, 'forbidden', `${message}.`);
}

/** 127.0.0.0/8, `::1`, and the former as seen by a socket that listens on IPv6 as well. */
function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

function isOwnHost(header: string | null, configured: string): boolean {
  const host = hostName(header ?? '');
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host) || host === configured.toLowerCase();
}

/** `Host` without its port and without the brackets of an IPv6 literal. @source RFC 9110, 7.2 */
function hostName(header: string): string {
  const [, literal, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return (literal ?? name ?? '').toLowerCase();
}

/** A browser sends `Origin` with whatever may change something, and `Sec-Fetch-Site` with everything. */
function isForeign({ origin, host, fetchSite }: AccessRequest): boolean {
  if (fetchSite === 'cross-site') return true;
  return origin !== null && origin !== `http://${host}` && origin !== `https://${host}`;
}
