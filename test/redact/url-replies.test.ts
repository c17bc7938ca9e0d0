import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RedactionPolicy, Redactor } from '../../src/core/redaction.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
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
  const call = (args: string) => (buffered({ tool_calls: [{ function: { name: 'run', arguments: args } }] }, exchange)
    .tool_calls as { function: { arguments: string } }[])[0]!.function.arguments;
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

const filled = (text: string, one: string, other: string): string => text.replaceAll('@', one).replaceAll('¤', other);

function expectEverywhere(channel: Channel, text: string, expected: string): void {
  expect(channel.whole(text)).toBe(expected);
  expect(channel.pieces(text, byCharacter)).toBe(expected);
  for (const seed of [1, 2, 3]) expect(channel.pieces(text, atRandom(seed))).toBe(expected);
}

describe('a placeholder that a reply puts into a URL stays', () => {
  it.each(HOSTILE)('in the text %j', (each) => {
    const text = filled(each, EM, EM);
    expectEverywhere(TEXT, text, text);
  });

  it.each([...HOSTILE, ...HOSTILE_COMMANDS])('of a secret in the command %j', (each) => {
    const text = filled(each, SK, SK);
    expectEverywhere(COMMAND, text, text);
  });
});

describe('a placeholder beside URLs comes back', () => {
  it.each([...HONEST, ...HONEST_PROSE])('in the text %j', (each) => {
    expectEverywhere(TEXT, filled(each, EM, EM), filled(each, EMAIL, EMAIL));
  });

  it.each([...HONEST, ...HONEST_COMMANDS])('of a secret in the command %j', (each) => {
    expectEverywhere(COMMAND, filled(each, SK, SK), filled(each, TOKEN, TOKEN));
  });
});
