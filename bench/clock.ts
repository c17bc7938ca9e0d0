/** Microseconds of a clock that only moves forward and that every process of one machine reads alike. */
export type Micros = number;

const LETTERS = 26;
const FIRST_LETTER = 97; // 'a'
/** 26^10 us are 4.4 years of uptime. */
export const STAMP_LENGTH = 10;

/** @source libuv `uv_hrtime`: CLOCK_MONOTONIC on Linux, mach time on macOS; both count for the whole machine */
export function monotonicMicros(): Micros {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanos / 1e3);
}

/**
 * A time as lower-case letters: digits could be taken for a card or phone number on the way, and a redactor that
 * looks twice at them would make the stream slower than a model's words do.
 */
export function encodeStamp(time: Micros): string {
  let rest = time;
  let text = '';
  for (let index = 0; index < STAMP_LENGTH; index++) {
    text = String.fromCharCode(FIRST_LETTER + (rest % LETTERS)) + text;
    rest = Math.floor(rest / LETTERS);
  }
  return text;
}

/** Reads the stamp at `start`; the caller makes sure that all its bytes are there. */
export function decodeStamp(bytes: Uint8Array, start: number): Micros {
  let time = 0;
  for (let index = start; index < start + STAMP_LENGTH; index++) time = time * LETTERS + (bytes[index]! - FIRST_LETTER);
  return time;
}
