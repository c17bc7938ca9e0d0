import { encodeStamp, type Micros } from './clock.ts';

export const STABLE_MODEL = 'gpt-4o-mini';
export const CANARY_MODEL = 'gpt-4.1-mini';

const PROMPT =
  'A customer wrote: "My parcel was due on Monday and the tracking page has not changed since. I tried the chat on your ' +
  'site twice and nobody answered. Please tell me where it is, or send my money back. You can reach me at ' +
  'jordan.miller@example.com." Write a short, friendly answer that says we are looking into it, asks for the order ' +
  'number, and promises a reply within one working day. Do not offer a refund yet.';

/** About 0.6 KB, and nothing in it to redact: what most calls are like. */
export const CHAT_BODY = chatBody(PROMPT.replace('jordan.miller@example.com', 'the number in my customer account'));

/** The same with an e-mail address, so that a gateway which redacts those has something to replace. */
export const FINDING_BODY = chatBody(PROMPT);

function chatBody(prompt: string): string {
  return JSON.stringify({
    model: STABLE_MODEL,
    messages: [
      { role: 'system', content: 'You are a support agent of a small online shop. Answer in plain English.' },
      { role: 'user', content: prompt },
    ],
    temperature: 0.7,
  });
}

/** The same call as a stream; the upstream sends one frame for each token that may be used. */
export function streamBody(frames: number): string {
  return JSON.stringify({ ...(JSON.parse(CHAT_BODY) as object), stream: true, max_tokens: frames });
}

const META = { id: 'chatcmpl-CkP7wYt0Zr5mBq2xVd8sLh1nTfGaE', created: 1763600000, system_fingerprint: 'fp_51db84afab' };

const ANSWER =
  'Thank you for writing, and I am sorry about the wait. We are looking into where your parcel is. Please send me ' +
  'your order number. You will hear from us within one working day.';

/** About 0.6 KB, as OpenAI lays out a chat completion. */
export const CHAT_REPLY = JSON.stringify({
  ...META,
  object: 'chat.completion',
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: ANSWER, refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 122, completion_tokens: 41, total_tokens: 163 },
  service_tier: 'default',
});

const STORY =
  'In the morning the river is high and brown after a night of rain, so most of the boats stay where they are. The baker ' +
  'opens first, then the school, and by nine the square smells of bread, coffee and wet stone. Somebody says that the bridge ' +
  'will be closed until Thursday; nobody knows who decided it, and the ferry has begun to carry cars to both sides.';

/** What stands before a frame's stamp; it occurs nowhere else in a stream. */
export const STAMP_MARK = 'tick';

/**
 * One SSE event of about 0.3 KB with the time of sending among its words. As a model's deltas do, it ends in an ordinary
 * word without the space behind it, another one from token to token: what a redactor must hold back depends on the end.
 */
export function tokenFrame(sentAt: Micros, token: number): string {
  return FRAME_HEAD + encodeStamp(sentAt) + FRAME_TAILS[token % FRAME_TAILS.length]!;
}

export const ROLE_FRAME = frame({ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null });
export const FINISH_FRAMES = frame({ index: 0, delta: {}, finish_reason: 'stop' }) + 'data: [DONE]\n\n';

const FRAME_HEAD = tokenText('?').split('?')[0]!;
const FRAME_TAILS = STORY.split(' ').map((_, index, words) => {
  const some = Array.from({ length: 3 }, (_, offset) => words[(index + offset) % words.length]!);
  return tokenText(`? ${some.join(' ')}`).split('?')[1]!;
});

function tokenText(afterMark: string): string {
  const delta = { content: ` ${STAMP_MARK}${afterMark}` };
  return frame({ index: 0, delta, logprobs: null, finish_reason: null });
}

function frame(choice: object): string {
  const chunk = { ...META, object: 'chat.completion.chunk', model: 'gpt-4o-mini-2024-07-18', choices: [choice] };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
