import type { Random } from '../random.ts';

const OBFUSCATION_BLOCK = 16;

/** One event of a stream, encoded, and the output tokens that the model had to write for it. */
export interface StreamEvent {
  readonly text: string;
  readonly tokens: number;
}

/** @source WHATWG HTML, section 9.2.6 (https://html.spec.whatwg.org/multipage/server-sent-events.html) */
export function dataEvent(json: string, tokens = 0): StreamEvent {
  return { text: `data: ${json}\n\n`, tokens };
}

export function namedEvent(name: string, json: string, tokens = 0): StreamEvent {
  return { text: `event: ${name}\ndata: ${json}\n\n`, tokens };
}

/** The end of an OpenAI chat or completions stream. */
export const DONE_EVENT = dataEvent('[DONE]');

/**
 * Gives each delta the `obfuscation` letters that OpenAI adds to hide the delta's length: together they fill blocks of
 * 16. Gives undefined when the request turns them off.
 */
export function obfuscator(enabled: boolean, random: Random): (delta: string) => string | undefined {
  if (!enabled) return () => undefined;
  const letters = random.base62(OBFUSCATION_BLOCK);
  return (delta) => letters.slice(delta.length % OBFUSCATION_BLOCK);
}
