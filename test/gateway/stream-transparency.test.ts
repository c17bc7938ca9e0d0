import { expect, test } from 'vitest';
import { startFakeUpstream } from '../support/fake-upstream.ts';
import { exchange, keepAliveAgent } from '../support/http-client.ts';
import { seededRandom, splitAt, splitAtRandom } from '../support/split-bytes.ts';
import { LONG_STREAMS, SHORT_STREAMS, type StreamFixture } from '../support/streams.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const REDACTION = {
  off: Object.fromEntries(
    ['secrets', 'cards', 'ibans', 'national_ids', 'generic_secrets'].map((each) => [each, 'allow']),
  ),
  default: {},
  on: { secrets: 'mask', cards: 'mask', ibans: 'mask', emails: 'mask' },
} as const;

/** Its last word may be the beginning of a mail address when the tool call takes over; see the test of just that. */
function endsItsWord({ bytes, ...rest }: StreamFixture): StreamFixture {
  return { ...rest, bytes: Buffer.from(bytes.toString().replace('" end."', '" end. "')) };
}

/** A turn of the event loop: what was written has been read on the other side of the loopback by then. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What the client gets of a stream that the provider sends in these pieces, each in a packet of its own. */
async function passes(
  redaction: keyof typeof REDACTION,
  { path, request }: StreamFixture,
): Promise<(pieces: readonly Buffer[]) => Promise<Buffer>> {
  let pieces: readonly Buffer[] = [];
  const upstream = await startFakeUpstream(async ({ outgoing }) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const piece of pieces) {
      outgoing.write(piece);
      await turn();
    }
    outgoing.end();
  });
  const gateway = await startTestGateway({
    providers: {
      openai: { type: 'openai', baseUrl: `${upstream.url}/v1` },
      claude: { type: 'anthropic', baseUrl: upstream.url },
    },
    models: { m: { provider: path.startsWith('/v1/messages') ? 'claude' : 'openai' } },
    redaction: REDACTION[redaction],
    log: { level: 'silent' },
  });
  const agent = keepAliveAgent();
  const body = JSON.stringify(request);
  return async (next) => {
    pieces = next;
    const reply = await exchange(`${gateway.url}${path}`, { body, agent });
    expect([reply.status, reply.isComplete]).toEqual([200, true]);
    return reply.body;
  };
}

for (const redaction of ['off', 'default', 'on'] as const) {
  test.each(SHORT_STREAMS)(
    `with redaction ${redaction}, $name comes back byte for byte under every split`,
    async (stream) => {
      const send = await passes(redaction, stream);
      const { bytes } = stream;
      for (let at = 0; at < bytes.length; at++) expect((await send(splitAt(bytes, [at]))).equals(bytes)).toBe(true);
      expect((await send(Array.from(bytes, (byte) => Buffer.of(byte)))).equals(bytes)).toBe(true);
    },
  );

  test.each(redaction === 'on' ? LONG_STREAMS.map(endsItsWord) : LONG_STREAMS)(
    `with redaction ${redaction}, $name comes back byte for byte under random splits`,
    async (stream) => {
      const send = await passes(redaction, stream);
      const { bytes } = stream;
      const random = seededRandom(20_260_117);
      expect((await send([bytes])).equals(bytes)).toBe(true);
      for (const longest of [3, 17, 64, 64, 300, 300]) {
        expect((await send(splitAtRandom(bytes, random, longest))).equals(bytes)).toBe(true);
      }
    },
  );
}

test('with mail addresses judged, a word that a tool call interrupts keeps its text and order, not its framing', async () => {
  const [stream] = LONG_STREAMS;
  const send = await passes('on', stream!);
  const random = seededRandom(9);
  for (const longest of [1, 40, 300, stream!.bytes.length]) {
    const text = (await send(splitAtRandom(stream!.bytes, random, longest))).toString();
    expect(contentOf(text)).toBe(contentOf(stream!.bytes.toString()));
    expect(text.slice(text.indexOf('data: {"id":"chatcmpl-1","choices":[]'))).toMatch(/\[DONE\]\n\n$/);
  }
});

test('a mail address in a stream is masked wherever the provider splits it', async () => {
  const [stream] = LONG_STREAMS;
  const text = stream!.bytes
    .toString()
    .replace('"content":" an"', '"content":" ada@exam"')
    .replace('" die"', '"ple.com and "');
  const send = await passes('on', stream!);
  const whole = (await send([Buffer.from(text)])).toString();
  expect(contentOf(whole)).not.toMatch(/ada|exam|ple\.com/);
  expect(contentOf(whole)).toMatch(/^Grüße .+ and {2}世界/);
  const random = seededRandom(5);
  for (const longest of [1, 7, 40, 200]) {
    const split = (await send(splitAtRandom(Buffer.from(text), random, longest))).toString();
    expect(contentOf(split)).toBe(contentOf(whole));
  }
});

function contentOf(stream: string): string {
  return [...stream.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text!) as string).join('');
}
