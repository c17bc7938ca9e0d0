import { JsonDocument } from '../src/core/json-document.ts';
import { REDACTION_CATEGORIES } from '../src/core/redaction.ts';
import type { RedactionPolicy } from '../src/core/redaction.ts';
import { SseEvent } from '../src/core/sse.ts';
import { createRedactor } from '../src/redact/redactor.ts';

const WORDS =
  `The rollout of the new model began on a quiet Monday and the first replies were good enough that nobody asked for the old
one back, although the team kept a close eye on the latency of long answers. In the afternoon the error rate rose a little, the guard
held the weight at five percent, and the report showed that a single customer with unusually long documents had caused it.`.split(
    /\s+/,
  );

function prose(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${WORDS[(i * 7 + (i >> 3)) % WORDS.length]!} `;
  return text.slice(0, length);
}

function policy(): RedactionPolicy {
  const secretsOnly = (name: string): 'mask' | 'allow' =>
    ['emails', 'phones', 'ips'].includes(name) ? 'allow' : 'mask';
  const entries = REDACTION_CATEGORIES.map((name) => [
    name,
    { request: secretsOnly(name), response: secretsOnly(name) },
  ]);
  return { categories: Object.fromEntries(entries) as RedactionPolicy['categories'], rules: [], allow: [] };
}

const redactor = createRedactor(policy(), Buffer.from('bench'));
const log = { found: (): void => undefined, held: (): void => undefined };

/** Median of several rounds, in microseconds a call. */
function measure(run: () => void): number {
  const rounds: number[] = [];
  for (let round = 0; round < 9; round++) {
    let calls = 0;
    const start = process.hrtime.bigint();
    while (process.hrtime.bigint() - start < 40_000_000n) {
      run();
      calls++;
    }
    rounds.push(Number(process.hrtime.bigint() - start) / 1000 / calls);
  }
  return rounds.sort((a, b) => a - b)[4]!;
}

function show(name: string, chars: number, micros: number): void {
  console.log(
    `${name.padEnd(44)} ${micros.toFixed(2).padStart(12)} us ${(chars / micros).toFixed(0).padStart(8)} MB/s`,
  );
}

function benchText(name: string, text: string): void {
  show(
    name,
    text.length,
    measure(() => void redactor.redactText(text, 'request')),
  );
}

for (const length of [1000, 10_000, 1_000_000]) benchText(`prose, ${length} characters`, prose(length));

const chat = JSON.stringify({
  model: 'chat-fast',
  messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: prose(430) },
  ],
  max_tokens: 256,
  temperature: 0.2,
});
const chatDocument = JsonDocument.parse(chat);
show(
  `chat body, ${chat.length} bytes`,
  chat.length,
  measure(() => void redactor.redactDocument(chatDocument, 'request', log)),
);

function delta(content: string): SseEvent {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }];
  const head = {
    id: 'chatcmpl-C6xkzBenchmarkEvent',
    object: 'chat.completion.chunk',
    created: 1_757_000_000,
    model: 'm',
  };
  return new SseEvent(Buffer.from(`data: ${JSON.stringify({ ...head, choices })}\n\n`));
}
const pieces = prose(8000).match(/.{1,5}/gs)!;
const emit = (): void => undefined;
const perStream = measure(() => {
  const stream = redactor.openStream('chat', log);
  for (const piece of pieces) stream.push(delta(piece), emit);
  stream.flush('end', emit);
});
const making = measure(() => {
  for (const piece of pieces) delta(piece);
});
console.log(
  `stream, one chat delta of 5 characters         ${((perStream - making) / pieces.length).toFixed(2).padStart(9)} us`,
);

const ADVERSARIAL = [
  'eyJ.',
  'sk-',
  'xoxb-123-',
  '4 ',
  '4111 ',
  'DE89 ',
  'a@',
  '://a:',
  '-----BEGIN PRIVATE KEY-----\nabc',
  'AKIA',
  'glpat-1',
  'A1 ',
  'key-',
];
for (const unit of ADVERSARIAL)
  benchText(`100 kB of ${JSON.stringify(unit)}`, unit.repeat(Math.ceil(100_000 / unit.length)));
