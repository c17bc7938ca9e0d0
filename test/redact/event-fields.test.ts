import { describe, expect, it } from 'vitest';
import { SseEvent } from '../../src/core/sse.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, RecordingLog, runStream, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';
const DATA = '{"choices":[{"index":0,"delta":{"content":"hi"}}]}';

function streamed(texts: readonly string[], log = new RecordingLog()): string[] {
  const events = texts.map((text) => new SseEvent(Buffer.from(text)));
  return runStream(redactor, 'chat', events, log).map(({ raw }) => raw.toString());
}

describe('what stands beside the data of an event', () => {
  it.each([
    `: ${TOKEN}\n\n`,
    `:${TOKEN}\r\n\r\n`,
    `event: note ${TOKEN}\ndata: ${DATA}\n\n`,
    `data: ${DATA}\nid: ${TOKEN}\n\n`,
    `\uFEFF:x\rx-new: ${TOKEN}\r\rdata: ${DATA}\n\n`,
    `data: ${DATA.slice(0, 12)}\n: ${TOKEN}\ndata: ${DATA.slice(12)}\n\n`,
    `database: ${TOKEN}\ndata:${DATA}\n\n`,
    `data: ${DATA}\n: ${TOKEN}`,
  ])('is inspected: %j', (text) => {
    const log = new RecordingLog();
    const clean = `event: a\ndata: ${DATA}\n\n`;
    expect(streamed([clean, text, clean], log)).toEqual([clean, text.replace(TOKEN, MASK), clean]);
    expect(log.told.map(({ where }) => where)).toEqual(['a field of an event']);
  });

  it('is inspected in an event whose data changes', () => {
    const text = (secret: string): string => `event: ${secret}\ndata: ${DATA.replace('hi', `a ${secret} b`)}\n\n`;
    const end = 'data: [DONE]\n\n';
    expect(streamed([text(TOKEN), end])).toEqual([text(MASK), end]);
  });

  it('is not given values back', () => {
    const exchange = createRedactor(allActions('placeholder'), SECRET).forExchange('t');
    const placeholder = exchange.redactPlain('to ada@example.com', 'request', new RecordingLog(), '').slice(3);
    expect(placeholder).toContain('PII_EM_');
    const event = new SseEvent(Buffer.from(`: ${placeholder}\n\n`));
    expect(runStream(exchange, 'chat', [event]).map(({ raw }) => raw.toString())).toEqual([`: ${placeholder}\n\n`]);
  });

  it('leaves as the bytes that came where nothing is found', () => {
    const events = [
      ': keep-alive \xff\n\n',
      `event: a\nid: 7\nretry: 5\ndata: ${DATA}\n: x\n\n`,
      `data: ${DATA}\r\n\r\n`,
    ].map((text) => new SseEvent(Buffer.from(text, 'latin1')));
    const out = runStream(redactor, 'chat', events);
    expect(out.map(({ raw }) => raw)).toEqual(events.map(({ raw }) => raw));
  });
});
