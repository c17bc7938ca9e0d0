import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseEvent, SseEventTooLargeError, SseParser } from '../../src/core/sse.ts';
import { splitAt } from '../support/split-bytes.ts';

interface Told {
  readonly name: string;
  readonly data: string;
}

/** What the standard's algorithm dispatches, on whole text. @source https://html.spec.whatwg.org/multipage/server-sent-events.html */
function reference(bytes: Buffer): Told[] {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const lines = text.split(/\r\n|\n|\r/);
  const told: Told[] = [];
  let name = '';
  let data: string[] = [];
  // What follows the last line end is no line yet.
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) told.push({ name, data: data.join('\n') });
      name = '';
      data = [];
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
  }
  return told;
}

function parse(chunks: readonly Buffer[]): { events: SseEvent[]; rest: SseEvent | null } {
  const parser = new SseParser(1_000_000);
  const events: SseEvent[] = [];
  for (const chunk of chunks) parser.push(chunk, (event) => events.push(event));
  return { events, rest: parser.finish() };
}

function dispatched(events: readonly SseEvent[]): Told[] {
  // The standard dispatches no event without a data line; ours carry such bytes along for the client.
  return events
    .filter(({ raw }) => /(?:^|[\r\n])\ufeff?data(?:[:\r\n]|$)/.test(raw.toString('utf8')))
    .map(({ name, data }) => ({ name, data }));
}

const value = fc.string({
  unit: fc.constantFrom('a', ' ', ':', '{', '"', 'é', '日', '🙂', '\u2028', '\\'),
  maxLength: 8,
});
const line = fc.oneof(
  value.map((text) => `data: ${text}`),
  value.map((text) => `data:${text}`),
  fc.constant('data'),
  value.map((text) => `event: ${text}`),
  value.map((text) => `id: ${text}`),
  fc.constant('retry: 10'),
  value.map((text) => `: ${text}`),
  fc.constantFrom('database: 1', ' data: 1', 'eventual', 'data : x', 'unknown: field', ':'),
);
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const stream = fc
  .record({
    isMarked: fc.boolean(),
    lines: fc.array(
      fc.tuple(fc.oneof({ weight: 3, arbitrary: line }, { weight: 1, arbitrary: fc.constant('') }), lineEnd),
      { maxLength: 25 },
    ),
    tail: fc.oneof(fc.constant(''), line),
  })
  .map(({ isMarked, lines, tail }) => {
    // A CR whose next line is empty and ends in LF would read as one CRLF: the text decides, for both parsers.
    const text = lines.map(([content, end]) => content + end).join('') + tail;
    return Buffer.from((isMarked ? '\ufeff' : '') + text, 'utf8');
  });

describe('a parser of server-sent events', () => {
  it('finds what the standard finds, however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (bytes, cuts) => {
        const { events } = parse(splitAt(bytes, cuts));
        expect(dispatched(events)).toEqual(reference(bytes));
      }),
      { seed: 3, numRuns: 1_500 },
    );
  });

  it('finds the same byte by byte', () => {
    fc.assert(
      fc.property(stream, (bytes) => {
        const single = Array.from(bytes, (byte) => Buffer.from([byte]));
        expect(dispatched(parse(single).events)).toEqual(reference(bytes));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('gives back every byte, in order, cut or not', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), (bytes, cuts) => {
        const { events, rest } = parse(splitAt(bytes, cuts));
        const raw = [...events, ...(rest === null ? [] : [rest])].map((event) => event.raw);
        expect(Buffer.concat(raw)).toEqual(bytes);
      }),
      { seed: 5, numRuns: 1_500 },
    );
  });

  it('passes an event on as soon as its blank line is complete', () => {
    for (const end of ['\n\n', '\r\r', '\r\n\r\n', '\n\r\n']) {
      const { events, rest } = parse([Buffer.from(`data: 1${end}`)]);
      expect(events.map(({ data }) => data)).toEqual(['1']);
      expect(rest).toBeNull();
    }
  });

  it('hands out a slice of the chunk where an event lies in one chunk', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2\n\n');
    for (const { raw } of parse([chunk]).events) expect(raw.buffer).toBe(chunk.buffer);
  });

  it('gives bytes without a blank line back at the end', () => {
    const { events, rest } = parse([Buffer.from('data: 1\n\nda'), Buffer.from('ta: 2')]);
    expect(events.map(({ data }) => data)).toEqual(['1']);
    expect(rest?.data).toBe('2');
  });

  it('refuses an event over its limit, in one piece or in many', () => {
    const push = (chunks: readonly string[]) => () => {
      const parser = new SseParser(100);
      for (const chunk of chunks) parser.push(Buffer.from(chunk), () => {});
    };
    expect(push([`data: ${'x'.repeat(100)}`])).toThrow(SseEventTooLargeError);
    expect(push(Array.from({ length: 101 }, () => 'x'))).toThrow(SseEventTooLargeError);
    expect(push(Array.from({ length: 100 }, () => 'x'))).not.toThrow();
    expect(push(Array.from({ length: 50 }, () => 'data: 12345\n\n'))).not.toThrow();
  });
});

describe('an event with other data', () => {
  it('keeps name, id, comments and line ends', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, lineEnd), { minLength: 1, maxLength: 6 }), lineEnd, (lines, end) => {
        const text = lines.map(([content, ending]) => content + ending).join('') + end;
        const isData = (content: string): boolean => /^data(?::|$)/.test(content);
        fc.pre(!/\r\n/.test(text) || (lines.every(([, ending]) => ending === '\r\n') && end === '\r\n'));
        const event = new SseEvent(Buffer.from(text));
        fc.pre(lines.some(([content]) => isData(content)));
        const changed = event.withData('{"new":1}');
        expect(changed.data).toBe('{"new":1}');
        expect(changed.name).toBe(event.name);
        const others = (raw: Buffer): string[] =>
          raw
            .toString()
            .split(/\r\n|\n|\r/)
            .filter((content) => content !== '' && !isData(content));
        expect(others(changed.raw)).toEqual(others(event.raw));
        expect(new SseEvent(changed.raw).data).toBe('{"new":1}');
      }),
      { seed: 6 },
    );
  });

  it('is the event itself where there is no data to replace', () => {
    const ping = new SseEvent(Buffer.from(': ping\nevent: x\n\n'));
    expect(ping.withData('{"new":1}')).toBe(ping);
  });

  it.each([
    ['event: a\r\ndata: old\r\nid: 1\r\n\r\n', 'event: a\r\ndata: new\r\nid: 1\r\n\r\n'],
    ['data:1\ndata:2\n: note\n\n', 'data: new\n: note\n\n'],
    ['data: 1\nid: 7\ndata: 2\n\n', 'id: 7\ndata: new\n\n'],
    ['\ufeffdata: 1\n\n', '\ufeffdata: new\n\n'],
    ['data\n\n', 'data: new\n\n'],
  ])('%j becomes %j', (before, after) => {
    expect(new SseEvent(Buffer.from(before)).withData('new').raw.toString()).toBe(after);
  });
});
