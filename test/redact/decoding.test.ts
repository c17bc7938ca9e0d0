import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redact/redactor.ts';
import { allActions, RecordingLog, redactBody, SECRET } from './support.ts';

const redactor = createRedactor(allActions('mask'), SECRET);
const TOKEN = 'ghp_' + 'A1b2'.repeat(9);
const MASK = 'REDACTED_secret_github_pat';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const each = (text: string, write: (code: string) => string): string =>
  text.replaceAll(/[^]/g, (char) => write(char.charCodeAt(0).toString(16).padStart(2, '0')));

const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  'percent signs': (text) => each(text, (code) => `%${code}`),
  'one percent sign': (text) => text.replace('_', '%5F'),
  'percent signs, twice': (text) => each(text, (code) => `%25${code}`),
  'decimal entities': (text) => each(text, (code) => `&#${Number.parseInt(code, 16)};`),
  'hexadecimal entities': (text) => each(text, (code) => `&#x${code};`),
  'a named entity': (text) => text.replace('_', '&lowbar;'),
  'escapes of code units': (text) => each(text, (code) => `\\u00${code}`),
  'escapes of bytes': (text) => each(text, (code) => `\\x${code}`),
  'escapes, escaped': (text) => each(text, (code) => `\\\\u00${code}`),
  'an invisible character, escaped': (text) => text.replace('_', '_%E2%80%8B%E2%80%8B'),
  base64,
  'base64 of more text': (text) => base64(`curl -H "Authorization: token ${text}" https://api.example.com`),
  base64url: (text) => Buffer.from(`¿¿¿>>> ${text}`).toString('base64url'),
  'base64, twice': (text) => base64(base64(text)),
  'base64 in lines': (text) => base64(`${'one line of prose. '.repeat(9)}${text}`).replaceAll(/.{76}/g, '$&\n'),
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'hexadecimal digits': (text) => Buffer.from(text).toString('hex'),
  'base64 with escapes': (text) => base64(text.replace('_', '%5F')),
};

describe.each(Object.entries(ENCODINGS))('a value written with %s', (_name, encode) => {
  it('is found whole, by the rule of the value', () => {
    const hidden = encode(TOKEN);
    const { text, findings } = redactor.redactText(`see (${hidden}), é`, 'request');
    expect(text).toBe(`see (${MASK}), é`);
    expect(findings).toEqual([
      { rule: 'secret.github_pat', category: 'secrets', action: 'mask', start: 5, end: 5 + hidden.length },
    ]);
  });

  it('is found in a body and in the arguments of a tool call', () => {
    const log = new RecordingLog();
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'f', arguments: JSON.stringify({ a: encode(TOKEN) }) },
    };
    const body = { messages: [{ role: 'assistant', content: encode(TOKEN), tool_calls: [call] }] };
    const { messages } = redactBody(redactor, body, log) as typeof body;
    expect(messages[0]!.content).toBe(MASK);
    expect(JSON.parse(messages[0]!.tool_calls[0]!.function.arguments)).toEqual({ a: MASK });
    expect(new Set(log.rules)).toEqual(new Set(['secret.github_pat']));
  });
});

describe('a value that is hidden', () => {
  it('is refused where its rule blocks', () => {
    const blocking = createRedactor(allActions('block'), SECRET);
    expect(() => blocking.redactText(base64(TOKEN), 'request')).toThrow('secret.github_pat');
  });

  it('stays where its rule only reports', () => {
    const { text, findings } = createRedactor(allActions('report'), SECRET).redactText(base64(TOKEN), 'request');
    expect(text).toBe(base64(TOKEN));
    expect(findings.map(({ rule }) => rule)).toEqual(['secret.github_pat']);
  });

  it('comes back as it was written', () => {
    const exchange = createRedactor(allActions('placeholder', { restore: everywhere() }), SECRET).forExchange('t');
    const log = new RecordingLog();
    const sent = redactBody(exchange, { input: base64(TOKEN) }, log) as { input: string };
    expect(sent.input).toMatch(/^PII_SK_\w{16}$/);
    const reply = exchange.redactPlain(`Got ${sent.input}.`, 'response', log, '');
    expect(reply).toBe(`Got ${base64(TOKEN)}.`);
  });

  it('is not looked for in replies, so that streams need not wait', () => {
    expect(redactor.redactText(base64(TOKEN), 'response').findings).toEqual([]);
  });
});

function everywhere(): Record<keyof ReturnType<typeof allActions>['restore'], 'everywhere'> {
  const { restore } = allActions('mask');
  return Object.fromEntries(Object.keys(restore).map((name) => [name, 'everywhere'])) as never;
}

const CLEAN = [
  '100%25 of it &amp; more, \\u00e9 and \\x41, 5 %, a & b; &nbsp; C:\\users\\x',
  'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef and 0123456789abcdef0123456789abcdef',
  'a1b2c3d4-1111-4222-8333-abcdefabcdef and getElementsByTagNameNSAndClassName',
  `integrity sha512-${Buffer.from('no text\x00\x01\x02\xff\xfe\xfd, at all\x90\x91\x92\x93\x94', 'latin1').toString('base64')}==`,
  base64('Nothing but a sentence that is as long as it is harmless, and says so.'),
  '12345678901234567890123456789012345678901234567890',
];

describe('what holds no value', () => {
  it.each(CLEAN)('is left alone: %s', (text) => {
    expect(redactor.redactText(text, 'request')).toEqual({ text, findings: [] });
  });

  it('is taken for base64 of text only where it is', () => {
    const bytes = fc.uint8Array({ minLength: 60, maxLength: 200 });
    const cases = fc.property(bytes, (random) => {
      const text = Buffer.from(random).toString('base64url');
      expect(redactor.redactText(`a ${text} b`, 'request').text).toBe(`a ${text} b`);
    });
    fc.assert(cases, { seed: 61, numRuns: 300 });
  });
});

describe('what is only reported', () => {
  it('hides nothing encoded that is acted upon', () => {
    const { categories } = allActions('report');
    const blocking = createRedactor(
      { ...allActions('report'), categories: { ...categories, secrets: { request: 'block', response: 'block' } } },
      SECRET,
    );
    expect(() => blocking.redactText(`key=${base64(`k: ${TOKEN}`)}`, 'request')).toThrow(/secret\.github_pat/);
  });
});
