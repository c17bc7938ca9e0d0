import type { z } from 'zod';
import type { JsonValue } from '../core/rollout.ts';
import type { AdminContext } from './deps.ts';
import { AdminError } from './errors.ts';

interface RouteInput<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
}

interface RouteReply {
  readonly description: string;
  /** Null where the reply is not JSON. */
  readonly schema: z.ZodType | null;
  readonly contentType?: string;
}

/** How the trail names what an endpoint changes. */
interface RouteAudit<Body> {
  readonly kind: string;
  subject(params: Readonly<Record<string, string>>): string;
  /** Of the body what may stand in the trail: no secret. */
  detail?(body: Body): Readonly<Record<string, JsonValue>>;
}

/** One row of the table that both registers the endpoints and describes them in `/openapi.json`. */
export interface Route<Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  /** Its fields arrive as strings. */
  readonly query: z.ZodObject | null;
  /** Null: the endpoint takes no body. */
  readonly body: z.ZodType | null;
  /** `If-Match` is honoured. */
  readonly isConditional: boolean;
  /** Null: it changes nothing. */
  readonly audit: RouteAudit<Body> | null;
  /** By status; errors of other statuses have the common form. */
  readonly replies: Readonly<Record<number, RouteReply>>;
  handle(context: AdminContext, input: RouteInput<Query, Body>): Promise<Response> | Response;
}

interface RouteDefinition<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: Route['method'];
  readonly path: string;
  readonly summary: string;
  readonly query?: Query;
  readonly body?: Body;
  readonly isConditional?: boolean;
  readonly audit?: RouteAudit<z.output<Body>>;
  readonly replies: Route['replies'];
  handle(context: AdminContext, input: RouteInput<z.output<Query>, z.output<Body>>): Promise<Response> | Response;
}

/** Ties the types of a handler's input to its schemas, and then forgets them, so that routes fit one table. */
export function defineRoute<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType>(
  definition: RouteDefinition<Query, Body>,
): Route {
  const { query = null, body = null, isConditional = false, audit = null } = definition;
  return { ...definition, query, body, isConditional, audit } as unknown as Route;
}

/** @throws AdminError `invalid_request` that names every field at fault */
export function parseInput(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `"${path.join('.')}": ${message}`,
  );
  throw new AdminError(400, 'invalid_request', `${problems.join('; ')}.`);
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } });
}
