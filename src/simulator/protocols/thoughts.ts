import { Random } from '../random.ts';
import { writeSentences } from '../text.ts';

const THOUGHT_TOKENS = 12;
const MARK = 'simulated-thought:';

/** What a reasoning model thought before it answered: the same for equal conversations. */
export interface Thought {
  readonly text: string;
  /** Proof of it, which the model wants back. */
  readonly signature: string;
}

export function thoughtOf(model: string, conversation: string): Thought {
  const random = new Random('thought', model, conversation);
  const text = writeSentences(THOUGHT_TOKENS, 'en', random);
  return { text, signature: Buffer.from(`${MARK}${random.hex(32)}`).toString('base64') };
}

/** It was made by a simulated model and is whole. */
export function isSignature(value: unknown): boolean {
  return typeof value === 'string' && /^simulated-thought:[0-9a-f]{32}$/.test(Buffer.from(value, 'base64').toString());
}
