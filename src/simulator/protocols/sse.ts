import type { Random } from '../random.ts';

const OBFUSCATION_BLOCK = 16;

/** @source WHATWG HTML, section 9.2.6 (https://html.spec.whatwg.org/multipage/server-sent-events.html) */
export function dataEvent(json: string): string {
  return `data: ${json}\n\n`;
}

export function namedEvent(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
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
