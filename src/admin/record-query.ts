import { z } from 'zod';
import { placeOf, type RecordPlace, type RequestRecord, type RequestRecordQuery } from '../core/recent.ts';

export const CURSOR_HEADER = 'x-sluice-cursor';
/** `SearchTrouble`: records may be missing. */
export const INCOMPLETE_HEADER = 'x-sluice-incomplete';

const text = (about: string) => z.string().min(1).max(256).optional().describe(about);
const instant = (about: string) => z.iso.datetime({ offset: true }).optional().describe(about);

/** What `GET /api/v1/requests` can be asked for. */
export const recordQuery = z.strictObject({
  requestId: text('`x-sluice-request-id`.'),
  traceId: text('32 hexadecimal digits.'),
  operation: text('`chat`, `messages` …'),
  key: text("The key's name; `anonymous`."),
  team: text("The name of the key's team."),
  model: text('As it was asked for, as it was sent, or the route.'),
  provider: text('The one that served it.'),
  rollout: z.string().optional().describe('Empty: those of none.'),
  arm: z.string().optional(),
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/)
    .optional()
    .describe('`429`, or `5xx` for all of its hundred.'),
  outcome: z.enum(['success', 'error', 'truncated', 'cancelled', 'denied']).optional(),
  errorType: text('As the label `error_type` of metrics.'),
  minDurationMs: z.coerce.number().min(0).optional().describe('Milliseconds.'),
  since: instant('Begun at this instant or later.'),
  until: instant('Begun at this instant or earlier.'),
  source: z
    .enum(['memory'])
    .optional()
    .describe('`memory`: only what this gateway has in memory, also where records are kept in Postgres.'),
  cursor: z
    .string()
    .regex(/^\d{1,15}(?:\.\d{1,3})?_[\w-]{1,64}$/)
    .optional()
    .describe('`x-sluice-cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function toRecordQuery({ since, until, cursor, ...rest }: z.output<typeof recordQuery>): RequestRecordQuery {
  const given = Object.entries({
    ...rest,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
    before: cursor === undefined ? undefined : placeIn(cursor),
  });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as unknown as RequestRecordQuery;
}

export function cursorOf(record: RequestRecord): string {
  const { endedAt, requestId } = placeOf(record);
  return `${Number(endedAt.toFixed(3))}_${requestId}`;
}

function placeIn(cursor: string): RecordPlace {
  const mark = cursor.indexOf('_');
  return { endedAt: Number(cursor.slice(0, mark)), requestId: cursor.slice(mark + 1) };
}
