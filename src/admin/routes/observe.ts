import { z } from 'zod';
import { REDACTION_ACTIONS } from '../../core/redaction.ts';
import { streamedEventSchema } from '../event-json.ts';
import { MAX_MISSED } from '../event-hub.ts';
import { CURSOR_HEADER, cursorOf, INCOMPLETE_HEADER, recordQuery, toRecordQuery } from '../record-query.ts';
import { defineRoute, json } from '../route.ts';

const requestSchema = z.strictObject({
  requestId: z.string(),
  at: z.iso.datetime(),
  operation: z.string(),
  route: z.string(),
  requestedModel: z.string(),
  key: z.string(),
  team: z.string().describe('Empty: the key has none.'),
  rollout: z.string(),
  arm: z.string(),
  provider: z.string(),
  model: z.string(),
  status: z.int(),
  outcome: z.string(),
  errorType: z.string(),
  stream: z.boolean(),
  attempts: z.int(),
  durationMs: z.number(),
  firstTokenMs: z.number().nullable(),
  overheadMs: z.number(),
  inputTokens: z.int().nullable(),
  outputTokens: z.int().nullable(),
  costUsd: z.number().nullable(),
  finishReason: z.string(),
  redacted: z.string().describe('Rules and counts, as in `x-sluice-redacted`.'),
  findings: z
    .array(
      z.strictObject({
        rule: z.string(),
        direction: z.enum(['request', 'response']),
        action: z.enum(REDACTION_ACTIONS),
        where: z.string().describe('The place, such as `messages[2].content`.'),
        hash: z.string().describe('Keyed, of the value: the same for the same value. Empty where it was too long.'),
      }),
    )
    .describe('The first 20.'),
  attackScore: z.number().nullable().describe('0 to 1; null where `attack.detect` is off.'),
  policies: z
    .array(z.strictObject({ rule: z.string(), decision: z.string() }))
    .optional()
    .describe('What policies decided.'),
  tags: z.record(z.string(), z.string()).optional().describe('What policies said about it.'),
  traceId: z.string().optional().describe('Where requests are traced.'),
  spanId: z.string().optional(),
  content: z
    .strictObject({ request: z.string().nullable(), reply: z.string().nullable() })
    .optional()
    .describe('Where `record.content` is on: the body after redaction, and what the model wrote; redacted and cut.'),
});

/** The stream ends when the server closes, and its connection with it; proxies must not hold events back. */
const STREAM_HEADERS = { 'content-type': 'text/event-stream', connection: 'close', 'x-accel-buffering': 'no' };

export const observeRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/requests',
    summary:
      'The latest requests of this gateway, and with `record.postgres` all that are kept there, newest first; their content ' +
      'only where it is kept, redacted',
    query: recordQuery,
    replies: {
      200: {
        description:
          'The records; where there may be more, `x-sluice-cursor` is the `cursor` of the next page. Where those in Postgres ' +
          'could not be searched `x-sluice-incomplete` says so: `timeout` or `unavailable`; they are of this gateway then.',
        schema: z.array(requestSchema),
      },
    },
    handle: async ({ requests }, { query }) => {
      const { records, trouble } = await requests.search(toRecordQuery(query));
      const reply = json(records.map((record) => ({ ...record, at: new Date(record.at).toISOString() })));
      if (records.length === query.limit) reply.headers.set(CURSOR_HEADER, cursorOf(records.at(-1)!));
      if (trouble !== null) reply.headers.set(INCOMPLETE_HEADER, trouble);
      return reply;
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Every event as it happens; `Last-Event-ID` brings those missed, from any gateway of the store',
    replies: {
      200: {
        description:
          'Server-sent events: `id`, `event` and one JSON value as `data`. `rollout`: a rollout was changed, or something ' +
          'was found about it. `regression`: a route is other than its own past, or no longer so. `config`: the file was ' +
          `read again; it has no id and is not repeated. Of what was missed come the latest ${MAX_MISSED} events.`,
        schema: streamedEventSchema,
        contentType: 'text/event-stream',
      },
    },
    handle: async ({ events }, { request }) => {
      const lastId = Number.parseInt(request.headers.get('last-event-id') ?? '', 10);
      const stream = await events.open(Number.isNaN(lastId) ? null : lastId);
      return new Response(stream, { headers: STREAM_HEADERS });
    },
  }),
];
