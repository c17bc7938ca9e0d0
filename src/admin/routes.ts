import { openApiDocument } from './openapi.ts';
import { PAGE, PAGE_POLICY } from './page.ts';
import { defineRoute, json, type Route } from './route.ts';
import { analysisRoutes } from './routes/analysis.ts';
import { auditRoutes } from './routes/audit.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { observeRoutes } from './routes/observe.ts';
import { redactRoutes } from './routes/redact.ts';
import { rolloutVerbRoutes } from './routes/rollout-verbs.ts';
import { rolloutRoutes } from './routes/rollouts.ts';

/** Every endpoint of the control plane. */
export const ROUTES: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/',
    summary: 'A page of links',
    replies: { 200: { description: 'The page.', schema: null, contentType: 'text/html' } },
    handle: () =>
      new Response(PAGE, {
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY },
      }),
  }),
  ...healthRoutes,
  defineRoute({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description',
    replies: { 200: { description: 'OpenAPI 3.1.', schema: null, contentType: 'application/json' } },
    handle: ({ version }) => json(openApiDocument(ROUTES, version)),
  }),
  ...rolloutRoutes,
  ...rolloutVerbRoutes,
  ...analysisRoutes,
  ...keyRoutes,
  ...observeRoutes,
  ...redactRoutes,
  ...configurationRoutes,
  ...auditRoutes,
];
