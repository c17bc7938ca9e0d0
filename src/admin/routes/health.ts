import { z } from 'zod';
import { defineRoute, json } from '../route.ts';

const readiness = z.strictObject({ ready: z.boolean(), reasons: z.array(z.string()) });

/** Open to probes and scrapers, so they carry no secret and change nothing. */
export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/livez',
    summary: 'The process answers; says nothing of providers or the store',
    replies: { 200: { description: 'Alive.', schema: z.strictObject({ status: z.literal('ok') }) } },
    handle: () => json({ status: 'ok' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/readyz',
    summary: 'Whether traffic should be sent here',
    replies: {
      200: {
        description: 'Ready; the reasons tell what is wrong all the same, e.g. that rollouts cannot be judged.',
        schema: readiness,
      },
      503: { description: 'Not ready, and why.', schema: readiness },
    },
    handle: async (context) => {
      const { ready, reasons } = await context.ready();
      return json({ ready, reasons }, ready ? 200 : 503);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics for Prometheus',
    replies: {
      200: {
        description: 'The exposition format; OpenMetrics where that is asked for and requests are traced.',
        schema: null,
        contentType: 'text/plain',
      },
    },
    handle: async (context, { request }) => {
      const { contentType, body } = await context.metrics(request.headers.get('accept'));
      return new Response(body, { headers: { 'content-type': contentType } });
    },
  }),
];
