import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RedactionPolicy } from '../../src/core/redaction.ts';
import type { SseEvent } from '../../src/core/sse.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';

function chat(delta: object, more: object = {}): SseEvent {
  return eventOf({
    id: 'c1',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
}

function numbered(event: SseEvent, created: number): SseEvent {
  return eventOf({ ...JSON.parse(event.data), created });
}

/** How many events have left after each event that came. */
function leaving(events: readonly SseEvent[], policy: RedactionPolicy = allActions('mask')): number[] {
  const stream = createRedactor(policy, SECRET).openStream('chat', new RecordingLog());
  let left = 0;
  return events.map((event) => {
    stream.push(event, () => left++);
    return left;
  });
}

/* eslint-disable-next-line typescript/no-explicit-any */
const parsed = (events: readonly SseEvent[]): any[] => events.map(({ data }) => JSON.parse(data));

describe('text that is undecided when another lane goes on', () => {
  const ended = chat({ reasoning_content: 'so it is gh' });

  it.each([
    ['the content', chat({ content: 'Yes ' })],
    [
      'a tool call',
      chat({ tool_calls: [{ index: 0, id: 't', type: 'function', function: { name: 'f', arguments: '' } }] }),
    ],
    ['another choice', chat({ content: 'No ' }, { index: 1 })],
  ])('does not keep %s back', (_what, next) => {
    expect(leaving([ended, next])).toEqual([0, 2]);
  });

  it('waits on where only an empty string of another lane comes with its own', () => {
    const events = [ended, chat({ content: '', reasoning_content: 'ost ' })];
    expect(runStream(redactor, 'chat', events)).toEqual(events);
  });

  it('leaves before the end of its lane, in the shape of its last event and without what was said once', () => {
    const first = chat({ role: 'assistant', reasoning_content: 'so it is gh' }, { logprobs: { content: [] } });
    const out = parsed(
      runStream(redactor, 'chat', [first, chat({ content: 'Yes ' }), chat({}, { finish_reason: 'stop' })]),
    );
    expect(out.map(({ choices }) => choices[0].delta)).toEqual([
      { role: 'assistant', reasoning_content: 'so it is ' },
      { content: 'Yes ' },
      { reasoning_content: 'gh' },
      {},
    ]);
    expect(out[2]).toEqual({
      id: 'c1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { reasoning_content: 'gh' }, finish_reason: null }],
    });
  });

  it('leaves before [DONE] and where the stream just stops', () => {
    const events = [ended, chat({ content: 'Yes ' })];
    const done = runStream(redactor, 'chat', [...events, eventOf('[DONE]')]);
    expect(done).toHaveLength(4);
    expect(done[3]!.data).toBe('[DONE]');
    expect(parsed(runStream(redactor, 'chat', events))[2].choices[0].delta).toEqual({ reasoning_content: 'gh' });
  });

  it('is redacted with what its own lane says later', () => {
    const half = [TOKEN.slice(0, 20), TOKEN.slice(20)];
    const events = [
      chat({ reasoning_content: `a ${half[0]}` }, { logprobs: { content: [{ token: half[0] }] } }),
      chat({ content: 'Yes ' }),
      chat({ reasoning_content: `${half[1]} b` }),
    ];
    const out = parsed(runStream(redactor, 'chat', events));
    expect(out.map(({ choices }) => choices[0].delta)).toEqual([
      { reasoning_content: 'a ' },
      { content: 'Yes ' },
      { reasoning_content: `${MASK} b` },
    ]);
    expect(out[0].choices[0].logprobs).toBeNull();
  });

  it('is refused with it where the action is to block', () => {
    const stream = createRedactor(allActions('block'), SECRET).openStream('chat', new RecordingLog());
    const out: SseEvent[] = [];
    const emit = (event: SseEvent): void => void out.push(event);
    stream.push(chat({ reasoning_content: TOKEN.slice(0, 20) }), emit);
    stream.push(chat({ content: 'Yes ' }), emit);
    const goOn = (): void => stream.push(chat({ reasoning_content: `${TOKEN.slice(20)} ` }), emit);
    expect(goOn).toThrow(expect.objectContaining({ code: 'secret_detected' }));
    expect(out.map(({ data }) => data).join('')).not.toContain('ghp_');
  });

  it('is redacted unfinished where the provider breaks off', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    const out: SseEvent[] = [];
    stream.push(chat({ reasoning_content: TOKEN.slice(0, 20) }), (event) => out.push(event));
    stream.push(chat({ content: 'Yes ' }), (event) => out.push(event));
    stream.flush('abort', (event) => out.push(event));
    expect(parsed(out).map(({ choices }) => choices[0].delta)).toEqual([
      { reasoning_content: '' },
      { content: 'Yes ' },
      { reasoning_content: MASK },
    ]);
  });

  it('never begins with half a character', () => {
    const rules = [{ id: 'custom.x', pattern: 'x{3}y', request: 'allow', response: 'mask' }] as const;
    const custom = createRedactor(allActions('allow', { rules }), SECRET);
    const events = [chat({ reasoning_content: 'ab😀de' }), chat({ content: 'Yes, ' }), chat({ content: 'I do' })];
    const texts = parsed(runStream(custom, 'chat', events)).map(
      ({ choices }) => (choices[0].delta.reasoning_content ?? '') as string,
    );
    expect(texts.join('')).toBe('ab😀de');
    expect(texts.every((text) => text.isWellFormed())).toBe(true);
  });

  it('ends the stream, closed, where too many lanes carry some', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    const flood = (): void => {
      for (let index = 0; index < 10; index++)
        stream.push(chat({ content: `${'. '.repeat(500_000)}sk-` }, { index }), () => undefined);
    };
    expect(flood).toThrow(expect.objectContaining({ code: 'upstream_unavailable' }));
  });
});

describe('carried text of other formats', () => {
  it('is an Anthropic delta of its block, before the block stops', () => {
    const delta = (index: number, text: string): SseEvent =>
      eventOf({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }, 'content_block_delta');
    const stop = eventOf({ type: 'content_block_stop', index: 0 }, 'content_block_stop');
    const out = runStream(redactor, 'messages', [delta(0, 'so gh'), delta(1, 'Yes '), stop]);
    const expected = [delta(0, 'so '), delta(1, 'Yes '), delta(0, 'gh'), stop];
    expect(out.map(({ raw }) => raw.toString())).toEqual(expected.map(({ raw }) => raw.toString()));
  });

  it('is a Responses delta of its item, before the item is done', () => {
    const type = 'response.output_text.delta';
    const delta = (output_index: number, text: string): SseEvent =>
      eventOf({ type, item_id: `m${output_index}`, output_index, content_index: 0, delta: text }, type);
    const done = eventOf({ type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'so gh' });
    const out = runStream(redactor, 'responses', [delta(0, 'so gh'), delta(1, 'Yes '), done]);
    expect(parsed(out)).toEqual(parsed([delta(0, 'so '), delta(1, 'Yes '), delta(0, 'gh'), done]));
    expect(out.map(({ name }) => name)).toEqual([type, type, type, '']);
  });
});

describe('several lanes in any order', () => {
  const LANES = [
    (piece: string): SseEvent => chat({ content: piece }),
    (piece: string): SseEvent => chat({ reasoning_content: piece }),
    (piece: string): SseEvent => chat({ tool_calls: [{ index: 1, function: { arguments: piece } }] }),
    (piece: string): SseEvent => chat({ content: piece }, { index: 1 }),
  ];
  const read = ({ choices: [{ index, delta }] }: ReturnType<typeof parsed>[number]): string[] => [
    index === 0 ? (delta.content ?? '') : '',
    delta.reasoning_content ?? '',
    delta.tool_calls?.[0].function.arguments ?? '',
    index === 1 ? (delta.content ?? '') : '',
  ];
  const snippets = fc.constantFrom(
    `see ${TOKEN}.`,
    'ada@example.com',
    'postgres://u:hunter2@db ',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3.sig',
    `4111${' 1111'.repeat(3)} `,
    'It is so. ',
    'sk',
    '12',
    'é😀 ',
  );
  const texts = fc.array(snippets, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));

  it('say the same as each would alone and whole, in the order in which they came', () => {
    const cases = fc.property(
      fc.tuple(texts, texts, texts, texts),
      fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 12 })), { minLength: 10, maxLength: 120 }),
      ([content, reasoning, argument, other], order) => {
        const whole = [content, reasoning, JSON.stringify({ a: argument }), other];
        const rest = [...whole];
        const events: SseEvent[] = [];
        for (const [lane, size] of [...order, [0, 999], [1, 999], [2, 999], [3, 999]] as const) {
          if (rest[lane] !== '') events.push(numbered(LANES[lane]!(rest[lane]!.slice(0, size)), events.length));
          rest[lane] = rest[lane]!.slice(size);
        }
        const out = parsed(runStream(redactor, 'chat', events));
        const joined = [0, 1, 2, 3].map((lane) => out.map((event) => read(event)[lane]).join(''));
        const expected = whole.map((text) => redactor.redactText(text, 'response').text);
        expect(joined).toEqual(expected);
        expect([...new Set(out.map(({ created }) => created))]).toEqual([...events.keys()]);
      },
    );
    fc.assert(cases, { seed: 51, numRuns: 300 });
  });
});

describe('a rule that only reports', () => {
  it('keeps nothing back, and finds the same', () => {
    const log = new RecordingLog();
    const stream = createRedactor(allActions('report'), SECRET).openStream('chat', log);
    const out: SseEvent[] = [];
    const text = `a ${TOKEN} 4111 1111 1111 1111 GB82 WEST 1234 5698 7654 32 ada@example.com.`;
    const events = text.match(/.{1,3}/g)!.map((content) => chat({ content }));
    for (const [i, event] of events.entries()) {
      stream.push(event, (next) => out.push(next));
      expect(out).toHaveLength(i + 1);
    }
    stream.flush('end', (next) => out.push(next));
    expect(out).toEqual(events);
    expect(log.rules).toEqual(['secret.github_pat', 'pii.card', 'pii.iban', 'pii.email']);
  });

  it('gives way to one that changes the text, which alone keeps it back', () => {
    const { categories } = allActions('mask');
    const cards = { request: 'report', response: 'report' } as const;
    const policy = { ...allActions('mask'), categories: { ...categories, cards } };
    const log = new RecordingLog();
    const mixed = createRedactor(policy, SECRET);
    const text = `n 4111 1111 1111 1111 ${TOKEN} 4111111111111111 ada@example.com `;
    const events = text.match(/.{1,5}/gs)!.map((content) => chat({ content }));
    const joined = parsed(runStream(mixed, 'chat', events, log))
      .map(({ choices }) => choices[0].delta.content)
      .join('');
    expect(joined).toBe(mixed.redactText(text, 'response').text);
    expect(log.told.map(({ finding }) => ({ ...finding, hash: undefined }))).toEqual(
      mixed.redactText(text, 'response').findings,
    );
  });
});

describe('ordinary text', () => {
  const { categories } = allActions('mask');
  const emails = { request: 'allow', response: 'allow' } as const;
  const numbers = { request: 'report', response: 'report' } as const;
  const policy = {
    ...allActions('mask'),
    categories: {
      ...categories,
      emails,
      cards: numbers,
      ibans: numbers,
      national_ids: numbers,
      phones: numbers,
      ips: numbers,
    },
  };

  it.each(['the end.', 'Note:', 'about that', 'it', 'h2', 'DE', 'x 12345678901', '(see', 'Hello!'])(
    'that ends in %j leaves at once',
    (content) => {
      expect(leaving([chat({ content })], policy)).toEqual([1]);
    },
  );
});
