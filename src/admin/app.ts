import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import type { JsonValue } from '../core/rollout.ts';
import type { Gate } from './auth.ts';
import type { AdminContext } from './deps.ts';
import { AdminError, expectedError, type AdminErrorReply } from './errors.ts';
import { readJsonBody } from './read-body.ts';
import { json, parseInput, type Route } from './route.ts';

interface Environment {
  Bindings: HttpBindings;
}

/** Registers the table of routes behind the gate. */
export function createApp(context: AdminContext, gate: Gate, routes: readonly Route[]): Hono<Environment> {
  const app = new Hono<Environment>();
  app.use(async (c, next) => {
    const refusal = gate(accessRequest(c));
    if (refusal !== null) throw refusal;
    await next();
  });
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('cache-control', 'no-store');
  });
  for (const route of routes)
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), (c) => serve(context, route, c));
  app.notFound((c) => errorReply(unknownEndpoint(routes, c)));
  app.onError((error) => {
    const expected = expectedError(error);
    if (expected !== null) return errorReply(expected);
    context.log('the control plane failed', error);
    return errorReply({
      status: 500,
      code: 'internal_error',
      message: 'A fault of the control plane; its log tells more.',
    });
  });
  return app;
}

async function serve(context: AdminContext, route: Route, c: Context<Environment>): Promise<Response> {
  const query = route.query === null ? {} : parseInput(route.query, c.req.query());
  const body = route.body === null ? {} : parseInput(route.body, await readJsonBody(c.req.raw));
  const input = { params: c.req.param(), query, body, request: c.req.raw };
  if (route.audit === null) return route.handle(context, input);
  const { kind, subject, detail } = route.audit;
  const action = {
    kind,
    actor: 'api',
    subject: subject(input.params),
    detail: { peer: c.env.incoming.socket.remoteAddress ?? '', ...detail?.(body) },
    told: toldOf,
  };
  return context.trail.action(action, async () => route.handle(context, input));
}

function toldOf({ status, headers }: Response): Readonly<Record<string, JsonValue>> {
  const location = headers.get('location');
  return { status, etag: headers.get('etag'), ...(location === null ? {} : { location }) };
}

function accessRequest(c: Context<Environment>) {
  return {
    peer: c.env.incoming.socket.remoteAddress,
    path: c.req.path,
    host: c.req.header('host') ?? null,
    origin: c.req.header('origin') ?? null,
    fetchSite: c.req.header('sec-fetch-site') ?? null,
    authorization: c.req.header('authorization') ?? null,
  };
}

function unknownEndpoint(routes: readonly Route[], c: Context<Environment>): AdminError {
  const allowed = routes.filter(({ path }) => matchesPath(path, c.req.path)).map(({ method }) => method);
  if (allowed.length === 0)
    return new AdminError(404, 'not_found', 'There is no such endpoint; /openapi.json lists all.');
  return new AdminError(405, 'method_not_allowed', `This endpoint takes ${allowed.join(', ')}.`, allowed.join(', '));
}

function matchesPath(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith('{') || part === given[index]);
}

function errorReply({ status, code, message, allow }: AdminErrorReply): Response {
  const headers: Record<string, string> = {};
  if (allow !== undefined) headers['allow'] = allow;
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="sluice"';
  if (status === 413) headers['connection'] = 'close';
  return json({ error: { code, message } }, status, headers);
}
