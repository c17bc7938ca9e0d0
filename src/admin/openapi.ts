import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

const errorSchema = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string().describe('What is wrong and what to do.') }),
});

/** The description of the control plane, made from the very table that serves it. @source https://spec.openapis.org/oas/v3.1.1 */
export function openApiDocument(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.1',
    info: { title: 'Sluice control plane', version },
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema) },
      securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route): Json {
  const isApi = route.path.startsWith('/api/');
  return {
    operationId: operationId(route),
    summary: route.summary,
    parameters: [...pathParameters(route), ...queryParameters(route), ...(route.isConditional ? [IF_MATCH] : [])],
    ...(route.body === null
      ? {}
      : { requestBody: { content: { 'application/json': { schema: jsonSchema(route.body) } } } }),
    responses: { ...replies(route), ...(isApi ? { default: ERROR_REPLY } : {}) },
    security: isApi ? [{ adminToken: [] }] : [],
  };
}

const IF_MATCH: Json = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag as it was read: the change is refused with 412 where it has another version by now.',
  schema: { type: 'string' },
};

const ERROR_REPLY: Json = {
  description: 'Refused or failed; nothing was changed.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** `GET /api/v1/rollouts/{name}` as `get-rollouts-name`. */
function operationId({ method, path }: Route): string {
  const words = path.replace('/api/v1', '').match(/[a-z][a-z-]*/g) ?? ['index'];
  return [method.toLowerCase(), ...words].join('-');
}

function pathParameters({ path }: Route): readonly Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): readonly Json[] {
  if (query === null) return [];
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: jsonSchema(schema as z.ZodType),
  }));
}

function replies(route: Route): Json {
  const entries = Object.entries(route.replies).map(
    ([status, { description, schema, contentType = 'application/json' }]) => {
      if (schema === null && route.replies[Number(status)]?.contentType === undefined) return [status, { description }];
      return [
        status,
        { description, content: { [contentType]: schema === null ? {} : { schema: jsonSchema(schema) } } },
      ];
    },
  );
  return Object.fromEntries(entries);
}

/** OpenAPI 3.1 speaks JSON Schema 2020-12, zod's default; the dialect's name stands once, in the specification. */
function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
