import { z } from 'zod';
import { REDACTION_ACTIONS } from '../core/redaction-actions.ts';
import { name } from './names.ts';
import { headerName, headerValue } from './provider-schema.ts';
import { share, timeLimit, wholeNumber } from './units.ts';
import { strict, told } from './zod-kit.ts';

const action = z.enum(REDACTION_ACTIONS).meta({ title: 'action' });

const entity = strict({
  rule: name().describe('Dotted and stable, e.g. `pii.person`: the same in headers, metrics, models and keys.'),
  request: action.prefault('placeholder').describe('From the caller to the provider.'),
  response: z
    .literal('allow', {
      error: told(
        'must be allow: detectors outside judge requests only, for a stream cannot wait for them',
        'remove it, or write response: allow',
      ),
    })
    .prefault('allow')
    .describe('Back: nothing is asked about replies, for a stream cannot wait for it.'),
});

/** One of `redaction.detectors`. */
export const detector = strict({
  name: name().describe('Stands in metrics and logs.'),
  type: z.literal('presidio').describe("Presidio's analyzer, or whatever answers as it does."),
  url: z
    .string()
    .min(1)
    .describe('The whole URL, e.g. `http://presidio:3000/analyze`; gets a POST with JSON, redirects are not followed.'),
  headers: z.record(headerName, headerValue).prefault({}).describe('Extra request headers.'),
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}$/, told('must be a language', 'write an ISO 639 code, e.g. en')))
    .min(1)
    .prefault(['en'])
    .describe('Those that the analyzer knows. A prompt in none of them is judged in the first.'),
  entities: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, told('must be an entity', 'write e.g. PERSON')), entity)
    .refine(
      (entities) => Object.keys(entities).length > 0,
      told('names no entity', 'write e.g. { PERSON: { rule: pii.person } }'),
    )
    .describe("What is asked for, by the analyzer's name of it."),
  minScore: share().prefault('0.5').describe('Findings of which the analyzer is less sure do not count.'),
  timeout: timeLimit().prefault('2s').describe('Of one call.'),
  failure: z
    .enum(['open', 'closed'])
    .prefault('closed')
    .describe('What becomes of a request that it cannot judge. closed: 503 detector_unavailable. open: it passes.'),
  maxText: wholeNumber(1_024, 1_000_000)
    .prefault('16384')
    .describe('Characters of one call; several texts share one, a longer text takes several.'),
  concurrency: wholeNumber(1, 1_024).prefault('8').describe('Calls at one time; others wait.'),
  allowAddresses: z
    .array(z.string())
    .prefault([])
    .describe('Link-local or metadata addresses that may be called all the same.'),
});
