import { describe, expect, it } from 'vitest';
import { SseEvent } from '../../src/core/sse.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';
const PEM = ['-----BEGIN', 'PRIVATE', 'KEY-----'].join(' ');

function chat(content: string, more: object = {}): SseEvent {
  return eventOf({ choices: [{ index: 0, delta: { content }, ...more }] });
}

function contents(events: readonly SseEvent[]): string[] {
  return events
    .filter(({ data }) => data.startsWith('{'))
    .map(({ data }) => JSON.parse(data).choices[0]?.delta.content ?? '');
}

describe('a streamed reply', () => {
  it('holds events from the first character that may begin a value, and no longer', () => {
    const log = new RecordingLog();
    const { categories } = allActions('mask');
    const emails = { request: 'allow', response: 'allow' } as const;
    const stream = createRedactor({ ...allActions('mask'), categories: { ...categories, emails } }, SECRET).openStream(
      'chat',
      log,
    );
    const out: string[] = [];
    const push = (content: string): void => stream.push(chat(content), (event) => out.push(...contents([event])));
    for (const piece of ['hello ', 'gh', 'p', 'i', ' ok']) push(piece);
    expect(out).toEqual(['hello ', 'gh', 'p', 'i', ' ok']);
    push(' ghp_');
    push(TOKEN.slice(4));
    expect(out).toHaveLength(5);
    const size = (...texts: string[]): number => texts.reduce((total, text) => total + chat(text).raw.length, 0);
    expect(log.heldBytes).toEqual([size('gh'), size('gh', 'p'), size(' ghp_'), size(' ghp_', TOKEN.slice(4))]);
    push(' and on ');
    expect(out.slice(5)).toEqual([` ${MASK}`, '', ' and on ']);
  });

  it('keeps order and bytes of everything else while it waits', () => {
    const comment = new SseEvent(Buffer.from(': keep-alive\n\n'));
    const events = [chat('key: gh'), comment, chat('p_no'), eventOf('[DONE]')];
    expect(runStream(redactor, 'chat', events)).toEqual(events);
  });

  it.each([['message'], ['text'], ['reply']])('puts a value together that comes in the %s of choices', (field) => {
    const events = [TOKEN.slice(0, 20), TOKEN.slice(20), ' '].map((content) =>
      eventOf({ choices: [{ index: 0, [field]: field === 'message' ? { content } : content }] }),
    );
    const text = runStream(redactor, 'chat', events)
      .map(({ data }) => data)
      .join('');
    expect(text).toContain(MASK);
    expect(text).not.toContain(TOKEN.slice(20));
  });

  it('does not know a delta of the Responses API that has none', () => {
    const log = new RecordingLog();
    const stream = redactor.openStream('responses', log);
    stream.push(eventOf({ type: 'response.x.delta', text: TOKEN.slice(0, 20) }), () => {});
    expect(log.unread).toHaveLength(1);
  });

  it('keeps the lanes of choices and tools apart', () => {
    const at = (index: number, content: string): SseEvent => eventOf({ choices: [{ index, delta: { content } }] });
    const half = [TOKEN.slice(0, 20), TOKEN.slice(20)];
    const out = runStream(redactor, 'chat', [
      at(0, half[0]!),
      at(1, half[1]!),
      at(1, ' '),
      at(0, half[1]!),
      at(0, ' '),
    ]);
    expect(contents(out)).toEqual(['', half[1], ' ', MASK, ' ']);
  });

  it('judges fields of a delta that it does not know', () => {
    const piece = (reasoning: string): SseEvent =>
      eventOf({ choices: [{ index: 0, delta: { reasoning_details: [{ index: 0, text: reasoning }] } }] });
    const out = runStream(redactor, 'chat', [piece(TOKEN.slice(0, 9)), piece(TOKEN.slice(9))]);
    expect(out.map(({ data }) => JSON.parse(data).choices[0].delta.reasoning_details[0].text)).toEqual([MASK, '']);
  });

  it('lets go at the finish chunk, and judges what comes after it with what went before', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    const out: SseEvent[] = [];
    const emit = (event: SseEvent): void => void out.push(event);
    stream.push(chat(TOKEN.slice(0, 30)), emit);
    stream.push(chat('', { finish_reason: 'stop' }), emit);
    expect(contents(out)).toEqual([TOKEN.slice(0, 30), '']);
    stream.push(chat(TOKEN.slice(30)), emit);
    stream.flush('end', emit);
    expect(contents(out)[2]).toBe(MASK);
  });

  it('redacts an unfinished token when the provider breaks off', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    const out: SseEvent[] = [];
    stream.push(chat(`my ${TOKEN.slice(0, 20)}`), (event) => out.push(event));
    stream.flush('abort', (event) => out.push(event));
    expect(contents(out)).toEqual([`my ${MASK}`]);
  });

  it('masks a value of any length without holding all of it', () => {
    const lines = Array.from({ length: 2000 }, () => `${'MIIEvQ9x'.repeat(8)}\n`);
    const log = new RecordingLog();
    const pieces = [`a ${PEM}\n`, ...lines, '-----END PRIVATE KEY-----', ' b'];
    const out = runStream(
      redactor,
      'chat',
      pieces.map((piece) => chat(piece)),
      log,
    );
    expect(contents(out).join('')).toBe('a REDACTED_secret_private_key b');
    const total = pieces.reduce((bytes, piece) => bytes + chat(piece).raw.length, 0);
    expect(Math.max(...log.heldBytes)).toBeLessThan(total / 50);
    expect(log.rules).toEqual(['secret.private_key']);
  });

  it('masks an over-long value where others get placeholders, streamed or whole', () => {
    const placing = createRedactor(allActions('placeholder'), SECRET);
    const text = `x eyJ${'a1'.repeat(20)}.eyJ${'b2'.repeat(20_000)}.sig, y`;
    const pieces = text.match(/.{1,1000}/g)!.map((piece) => chat(piece));
    expect(contents(runStream(placing, 'chat', pieces)).join('')).toBe('x REDACTED_secret_jwt, y');
    expect(placing.redactText(text, 'response').text).toBe('x REDACTED_secret_jwt, y');
  });

  it('redacts a key that never ends', () => {
    const out = runStream(redactor, 'chat', [chat(`${PEM}\nMIIEvQIBADANBgkq`), chat('hkiG9w0BAQ')]);
    expect(contents(out).join('')).toBe('REDACTED_secret_private_key');
  });

  it('empties the log probabilities of changed deltas only', () => {
    const logprobs = { content: [{ token: 'x' }] };
    const out = runStream(redactor, 'chat', [chat('fine ', { logprobs }), chat(`${TOKEN} `, { logprobs })]);
    expect(out.map(({ data }) => JSON.parse(data).choices[0].logprobs)).toEqual([logprobs, null]);
  });

  it('ends, closed, where an event is not JSON', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    expect(() => stream.push(eventOf('{"choices":['), () => undefined)).toThrow(
      expect.objectContaining({ code: 'upstream_unavailable' }),
    );
  });

  it('ends, closed, where a lane stays open while too much else arrives', () => {
    const stream = redactor.openStream('chat', new RecordingLog());
    stream.push(chat('sk-'), () => undefined);
    const other = eventOf({ choices: [], note: '. '.repeat(500_000) });
    const flood = (): void => {
      for (let i = 0; i < 9; i++) stream.push(other, () => undefined);
    };
    expect(flood).toThrow(expect.objectContaining({ code: 'upstream_unavailable' }));
  });

  it('blocks before any of the value has left', () => {
    const out: SseEvent[] = [];
    const stream = createRedactor(allActions('block'), SECRET).openStream('chat', new RecordingLog());
    const run = (): void => [...TOKEN, ' '].forEach((piece) => stream.push(chat(piece), (event) => out.push(event)));
    expect(run).toThrow(expect.objectContaining({ code: 'secret_detected' }));
    expect(out).toEqual([]);
  });

  it('puts data that came in several lines on one', () => {
    const raw = `data: {"choices":\ndata: [{"index":0,"delta":{"content":"${TOKEN}"}}]}\n\n`;
    const [event] = runStream(redactor, 'chat', [new SseEvent(Buffer.from(raw))]);
    expect(event!.raw.toString()).toBe(`data: {"choices": [{"index":0,"delta":{"content":"${MASK}"}}]}\n\n`);
  });
});

describe('an Anthropic stream', () => {
  const delta = (index: number, fields: object): SseEvent =>
    eventOf({ type: 'content_block_delta', index, delta: fields }, 'content_block_delta');

  it('ends a block before its stop event, and keeps event names', () => {
    const stop = eventOf({ type: 'content_block_stop', index: 0 }, 'content_block_stop');
    const out = runStream(redactor, 'messages', [delta(0, { type: 'text_delta', text: TOKEN }), stop]);
    expect(out.map(({ name }) => name)).toEqual(['content_block_delta', 'content_block_stop']);
    expect(JSON.parse(out[0]!.data).delta.text).toBe(MASK);
  });

  it('leaves thinking that will be signed alone, and inspects other thinking', () => {
    const start = (index: number, block: object): SseEvent =>
      eventOf({ type: 'content_block_start', index, content_block: block });
    const thinking = (index: number): SseEvent => delta(index, { type: 'thinking_delta', thinking: TOKEN });
    const events = [
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      thinking(0),
      start(1, { type: 'thinking', thinking: '' }),
      thinking(1),
    ];
    const out = runStream(redactor, 'messages', events);
    expect(out[1]).toBe(events[1]);
    expect(JSON.parse(out[3]!.data).delta.thinking).toBe(MASK);
  });

  it('inspects citations as a whole', () => {
    const out = runStream(redactor, 'messages', [
      delta(0, { type: 'citations_delta', citation: { cited_text: `a ${TOKEN}` } }),
    ]);
    expect(JSON.parse(out[0]!.data).delta.citation.cited_text).toBe(`a ${MASK}`);
  });
});

describe('a Responses stream', () => {
  it('redacts the deltas and every event that repeats the text', () => {
    const text = `a ${TOKEN}`;
    const events = [
      eventOf({
        type: 'response.output_text.delta',
        output_index: 0,
        content_index: 0,
        item_id: 'm',
        delta: text.slice(0, 12),
      }),
      eventOf({
        type: 'response.output_text.delta',
        output_index: 0,
        content_index: 0,
        item_id: 'm',
        delta: text.slice(12),
      }),
      eventOf({ type: 'response.output_text.done', output_index: 0, content_index: 0, item_id: 'm', text }),
      eventOf({
        type: 'response.completed',
        response: { output: [{ type: 'message', content: [{ type: 'output_text', text }] }] },
      }),
    ];
    const out = runStream(redactor, 'responses', events).map(({ data }) => JSON.parse(data));
    expect(out[0].delta + out[1].delta).toBe(`a ${MASK}`);
    expect(out[2].text).toBe(`a ${MASK}`);
    expect(out[3].response.output[0].content[0].text).toBe(`a ${MASK}`);
  });

  it('inspects event types that it does not know', () => {
    const out = runStream(redactor, 'responses', [
      eventOf({ type: 'response.new_thing.delta', output_index: 3, delta: TOKEN }),
      eventOf({ type: 'vendor.note', note: TOKEN }),
    ]);
    expect(out.map(({ data }) => JSON.parse(data))).toMatchObject([{ delta: MASK }, { note: MASK }]);
  });
});
