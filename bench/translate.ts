import { systemClock } from '../src/core/clock.ts';
import type { OpenTranslation, Translation } from '../src/core/translation.ts';
import { startSimulator, type RunningSimulator } from '../src/simulator/simulator.ts';
import { bedrockFormat } from '../src/translate/bedrock/format.ts';
import { chatFormat } from '../src/translate/chat/format.ts';
import type { ProviderFormat } from '../src/translate/format.ts';
import { geminiFormat } from '../src/translate/gemini/format.ts';
import { messagesFormat } from '../src/translate/messages/format.ts';
import { responsesFormat } from '../src/translate/responses/format.ts';
import { translation } from '../src/translate/translate.ts';
import { atMost, type SuiteReport } from './report.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

const CALL_LIMIT_MS = 0.2;
const EVENT_LIMIT_MICROS = 20;
const MAX_EVENT_BYTES = 1024 * 1024;
const WARM_UP_ROUNDS = 3; // the compiler's work
const CALLS = 200;
const STREAMS = 10;
const TURNS = 10;
const SENTENCE = 'The old bridge over the river carries more bicycles than cars in summer. '.repeat(4);

/** With a model of each that is known. */
const PROVIDERS: readonly (readonly [ProviderFormat, string])[] = [
  [chatFormat, 'gpt-5.1'],
  [responsesFormat, 'gpt-5.1'],
  [messagesFormat, 'claude-haiku-4-5'],
  [geminiFormat, 'gemini-3-flash'],
  [bedrockFormat, 'anthropic.claude-haiku-4-5-v1:0'],
];
const CLIENTS = [chatFormat, responsesFormat, messagesFormat] as const;

interface Row {
  readonly name: string;
  readonly callMicros: number;
  readonly eventMicros: number;
}

/** What translation adds: to a whole call of some turns with tools, and to each event of a long stream, of every pair. */
export async function run({ isQuick }: Settings): Promise<SuiteReport> {
  const rounds = isQuick ? 5 : 15;
  const sim = await startSimulator({ defaults: { outputTokens: { median: 500, sigma: 0 }, ...INSTANT } });
  const rows: Row[] = [];
  for (const client of CLIENTS) {
    for (const [provider, model] of PROVIDERS) {
      if (client.wire === provider.wire) continue;
      rows.push(await measurePair(sim, translation(client, provider, systemClock), model, rounds));
    }
  }
  await sim.close();
  const most = (of: (row: Row) => number): number => Math.max(...rows.map(of));
  return {
    suite: 'translate',
    targets: [
      atMost(CALL_LIMIT_MS, 'ms', 'a whole call of the slowest pair', most(({ callMicros }) => callMicros) / 1000),
      atMost(
        EVENT_LIMIT_MICROS,
        'us',
        'an event of the slowest pair',
        most(({ eventMicros }) => eventMicros),
      ),
    ],
    columns: ['client-provider', 'us a call', 'us an event'],
    rows: rows.map(({ name, callMicros, eventMicros }) => [name, callMicros, eventMicros]),
    notes: [
      `a call: ${TURNS} turns and two tools, parsed, translated, and its reply back; the median of the rounds' medians`,
      'an event: framing, reading and writing; the median of the rounds',
    ],
    rounds: rows,
  };
}

const INSTANT = { latency: { medianMs: 0 }, ttft: { medianMs: 0 }, interTokenMs: 0 } as const;

async function measurePair(sim: RunningSimulator, pair: Translation, model: string, rounds: number): Promise<Row> {
  const [whole, streamed] = [requestOf(pair, false), requestOf(pair, true)];
  const reply = (await bytesOf(sim, pair.open(JSON.parse(whole), model))).toString('utf8');
  const opened = pair.open(JSON.parse(streamed), model);
  const chunks = split(await bytesOf(sim, opened));
  const calls = callRounds(pair, { request: whole, reply, model }, rounds);
  const events = eventRounds(opened, chunks, rounds);
  return { name: pair.name, callMicros: median(calls)!, eventMicros: median(events)! };
}

async function bytesOf({ host, port }: RunningSimulator, { request }: OpenTranslation): Promise<Buffer> {
  const reply = await fetch(`http://${host}:${port}${request.path}`, { method: 'POST', body: request.body });
  if (!reply.ok) throw new Error(`${request.path} is answered ${reply.status}: ${await reply.text()}`);
  return Buffer.from(await reply.arrayBuffer());
}

/** About as much as a packet has. */
function split(bytes: Buffer): Buffer[] {
  const size = 512;
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

interface Call {
  readonly request: string;
  readonly reply: string;
  readonly model: string;
}

/** The median of each round, in microseconds. */
function callRounds(pair: Translation, { request, reply, model }: Call, rounds: number): number[] {
  const all = Array.from({ length: rounds + WARM_UP_ROUNDS }, () => {
    const times: number[] = [];
    for (let i = 0; i < CALLS; i++) {
      const started = performance.now();
      pair.open(JSON.parse(request), model).reply(reply);
      times.push((performance.now() - started) * 1000);
    }
    return median(times)!;
  });
  return all.slice(WARM_UP_ROUNDS);
}

function eventRounds(opened: OpenTranslation, chunks: readonly Buffer[], rounds: number): number[] {
  const events = writtenEvents(opened, chunks);
  const all = Array.from({ length: rounds + WARM_UP_ROUNDS }, () => {
    const started = performance.now();
    for (let i = 0; i < STREAMS; i++) translated(opened, chunks);
    return ((performance.now() - started) * 1000) / STREAMS / events;
  });
  return all.slice(WARM_UP_ROUNDS);
}

function translated(opened: OpenTranslation, chunks: readonly Buffer[]): (Buffer | null)[] {
  const stream = opened.openStream(MAX_EVENT_BYTES);
  const written = chunks.map((chunk) => stream.push(chunk));
  return [...written, stream.finish()];
}

/** As clients count them: every vendor cuts otherwise. */
function writtenEvents(opened: OpenTranslation, chunks: readonly Buffer[]): number {
  const text = translated(opened, chunks)
    .map((bytes) => bytes?.toString('utf8') ?? '')
    .join('');
  return text.split('\n\n').length - 1;
}

/** The same conversation in the client's own form. */
function requestOf({ name }: Translation, stream: boolean): string {
  const wire = name.slice(0, name.indexOf('-'));
  const turns = Array.from({ length: TURNS }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: `${i}. ${SENTENCE}`,
  }));
  turns.push({ role: 'user', content: SENTENCE });
  const parameters = { type: 'object', properties: { city: { type: 'string', description: SENTENCE } } };
  const names = ['get_weather', 'get_time'];
  const base = { model: 'm', stream, max_tokens: 4000, tool_choice: wire === 'messages' ? { type: 'none' } : 'none' };
  if (wire === 'messages')
    return JSON.stringify({
      ...base,
      messages: turns,
      tools: names.map((each) => ({ name: each, input_schema: parameters })),
    });
  if (wire === 'responses') {
    const { max_tokens: max_output_tokens, ...rest } = base;
    const tools = names.map((each) => ({ type: 'function', name: each, parameters, strict: false }));
    return JSON.stringify({ ...rest, max_output_tokens, input: turns, tools });
  }
  const tools = names.map((each) => ({ type: 'function', function: { name: each, parameters } }));
  return JSON.stringify({ ...base, messages: turns, tools });
}
