import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatewayError } from '../../src/core/errors.ts';
import { Exchange } from '../../src/core/exchange.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Direction, RedactionPolicy, RequestRedactor, SharedRedactor } from '../../src/core/redaction.ts';
import { JudgingThreads } from '../../src/judging/judging-threads.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, SECRET } from './support.ts';

const LARGE = 70_000;
const VERY_LARGE = 300_000;
const RUNS = 6;
const RESTORING = { restore: { ...allActions('mask').restore, emails: 'everywhere' } } as const;
const threads = new JudgingThreads();
const redactorOf = (policy: RedactionPolicy): SharedRedactor => createRedactor(policy, SECRET, new Map(), threads);
const placeholders = redactorOf(allActions('placeholder', RESTORING));
const masking = redactorOf(allActions('mask'));

const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const PIECES = [
  'some words of prose, ',
  'mail ann@example.org, ',
  'bob@example.com ',
  `${TOKEN} `,
  'password: hunter2x1\n',
  'card 4111 1111 1111 1111 ',
  `${encodeURIComponent(`token=${TOKEN}`)} `,
  `${Buffer.from(`key ${TOKEN} of mine`).toString('base64')} `,
  'ｇｈｐ_ é \u{1f600} \ud800 ',
  'AccountKey=DE89 ',
];

const never = (): AbortSignal => new AbortController().signal;

function exchange(): Exchange {
  return new Exchange('1', 'chat', 'openai', 0, 0);
}

function documentOf(text: string): JsonDocument {
  return JsonDocument.parse(
    JSON.stringify({ messages: [{ role: 'user', content: text }], [`n ${text.length}`]: text.slice(0, LARGE >> 4) }),
  );
}

function grown(pieces: readonly string[], length: number): string {
  const unit = pieces.join('');
  return unit.repeat(Math.ceil(length / unit.length));
}

/** All that an exchange remembers of what was found, and the documents. */
async function judged(redactor: SharedRedactor, request: JsonDocument, isAside: boolean) {
  const own = redactor.forExchange('tenant');
  const log = exchange();
  const judge = (document: JsonDocument, direction: Direction) =>
    isAside ? own.redactAside(document, direction, log, never) : own.redactDocument(document, direction, log);
  const sent = await judge(request, 'request');
  const reply = await judge(JsonDocument.parseReply(JSON.stringify({ choices: [{ message: sent.text }] })), 'response');
  const { redactions, findings, restorations, uninspectedParts } = log;
  const isSame = sent === request;
  return { sent: sent.text, reply: reply.text, redactions, findings, restorations, uninspectedParts, isSame };
}

describe('a large document of an exchange', () => {
  it('becomes in another thread what it becomes at once, and so does the reply to it', async () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(texts, async (pieces) => {
        const document = documentOf(grown(pieces, LARGE));
        expect(await judged(placeholders, document, true)).toEqual(await judged(placeholders, document, false));
      }),
      { numRuns: RUNS, seed: 4 },
    );
  });

  it('is told to hold a file that cannot be read', async () => {
    const file = `data:application/octet-stream;base64,${Buffer.from(`caf\xe9 ${TOKEN}\n`.repeat(9), 'latin1').toString('base64')}`;
    const text = grown(['some words of prose, '], LARGE);
    const content = [
      { type: 'file', file: { file_data: file } },
      { type: 'text', text },
    ];
    const document = JsonDocument.parse(JSON.stringify({ messages: [{ role: 'user', content }] }));
    const aside = await judged(masking, document, true);
    expect(aside).toEqual(await judged(masking, document, false));
    expect(aside.uninspectedParts).toMatchObject([{ direction: 'request', reason: 'charset' }]);
  });

  it('waits for no more of what another caller sent than is under way', async () => {
    const document = documentOf(grown(['to ann@example.org, '], VERY_LARGE));
    const order: string[] = [];
    const send = (tenant: string): Promise<unknown> =>
      Promise.resolve(masking.forExchange(tenant).redactAside(document, 'request', exchange(), never)).then(() =>
        order.push(tenant),
      );
    // All threads have begun.
    await Promise.all(Array.from({ length: 4 }, () => send('first')));
    await Promise.all([...Array.from({ length: 12 }, () => send('many')), send('one')]);
    expect(order.indexOf('one')).toBeLessThan(14);
  });

  it('is the same object where nothing is found', async () => {
    const document = documentOf(grown(['nothing to see, '], VERY_LARGE));
    expect(await masking.forExchange('').redactAside(document, 'request', exchange(), never)).toBe(document);
  });

  it('is refused by the same error', async () => {
    const blocking = redactorOf(allActions('block'));
    const document = documentOf(grown(['words ', `${TOKEN} `], LARGE));
    const [log, other] = [exchange(), exchange()];
    let expected: unknown;
    try {
      blocking.forExchange('').redactDocument(document, 'request', log);
    } catch (error) {
      expected = error;
    }
    const refused = (await rejection(
      blocking.forExchange('').redactAside(document, 'request', other, never),
    )) as GatewayError;
    expect(refused).toEqual(expected);
    expect(refused.details).toEqual((expected as GatewayError).details);
    expect(other.findings).toEqual(log.findings);
  });

  it('is judged by the policy that it came with, whichever was judged by before', async () => {
    const document = documentOf(grown(['to ann@example.org, '], LARGE));
    const actions = ['mask', 'hash', 'mask', 'report'] as const;
    for (const action of actions) {
      const redactor = redactorOf(allActions(action));
      expect(await judged(redactor, document, true)).toEqual(await judged(redactor, document, false));
    }
  });

  it('leaves the others their turns', async () => {
    const document = documentOf(grown(['to ann@example.org, ', 'password: hunter2x1\n'], VERY_LARGE));
    const counter = { turns: 0, isOver: false };
    const count = (): void => {
      counter.turns++;
      if (!counter.isOver) setImmediate(count);
    };
    setImmediate(count);
    await masking.forExchange('').redactAside(document, 'request', exchange(), never);
    counter.isOver = true;
    expect(counter.turns).toBeGreaterThan(20);
  });
});

describe('a document that nobody waits for any more', () => {
  const document = documentOf(grown(['to ann@example.org, '], VERY_LARGE));
  const judgedUntil = (redactor: RequestRedactor, signal: AbortSignal) =>
    Promise.resolve(redactor.redactAside(document, 'request', exchange(), () => signal));

  it('is given up at once, under way, in the queue, or before it', async () => {
    const gone = new Error('gone');
    const controllers = Array.from({ length: 8 }, () => new AbortController());
    const all = controllers.map(({ signal }) => rejection(judgedUntil(masking.forExchange(''), signal)));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    for (const controller of controllers) controller.abort(gone);
    expect(await Promise.all(all)).toEqual(Array.from(controllers, () => gone));
    expect(await rejection(judgedUntil(masking.forExchange(''), AbortSignal.abort(gone)))).toBe(gone);
  });

  it('does not keep the next one from being judged', async () => {
    const after = await judged(masking, document, true);
    expect(after.redactions).toHaveLength(1);
  });
});

function rejection(promise: unknown): Promise<unknown> {
  return Promise.resolve(promise).then(
    () => null,
    (error: unknown) => error,
  );
}
