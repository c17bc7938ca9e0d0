import { expect, test } from 'vitest';
import { CLIENT_KINDS } from './client-kinds.ts';
import { PIXEL, type Asked, type Client, type ClientKind } from './client-kind.ts';
import { compare, type BothWays } from './surface/both-ways.ts';
import type { Answer } from './surface/recording-upstream.ts';
import { speaksChat, speaksMessages, speaksResponses } from './surface/spoken.ts';
import { GATEWAY_KEY, KEYED, waysOf } from './surface/ways.ts';

/** By what is asked: LangChain turns to responses where a model is to think. Never asks for a tool. */
const says: Answer = (outgoing, index, request) => {
  const { url } = request;
  const chatOr = url.startsWith('/v1/responses') ? speaksResponses : speaksChat;
  const speaks = url.startsWith('/v1/messages') ? speaksMessages : chatOr;
  speaks(outgoing, index + 1, request);
};

const PROMPT = { model: 'a-model', prompt: 'Grüße, 世界 🌍' };
const ASKED: readonly Omit<Asked, 'stream'>[] = [
  PROMPT,
  { ...PROMPT, tools: 'auto', maxTokens: 9000 },
  { ...PROMPT, tools: 'none' },
  { ...PROMPT, image: PIXEL },
  { ...PROMPT, reasons: true },
];

function bothWays({ wire, open }: ClientKind): Promise<BothWays<Client>> {
  const vendor = wire === 'messages' ? 'claude' : 'openai';
  return waysOf(vendor, KEYED, (url) => open({ url, apiKey: GATEWAY_KEY, maxRetries: 0 }));
}

test.each(CLIENT_KINDS.map((kind) => [kind.name, kind] as const))(
  '%s: a provider of the same protocol gets what it would get without a gateway',
  async (_name, kind) => {
    const ways = await bothWays(kind);
    for (const asked of ASKED)
      for (const stream of [false, true]) {
        const { difference, requests, outcome } = await compare(ways, says, (client) =>
          client.ask({ ...asked, stream }),
        );
        expect(difference).toBeNull();
        expect(requests).toBe(1);
        expect(JSON.stringify(outcome)).toContain('Köln');
      }
  },
);
