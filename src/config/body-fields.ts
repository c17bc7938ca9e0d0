import { z } from 'zod';
import { told } from './zod-kit.ts';

/** What nobody but the caller or a route may set, and why. */
const RESERVED: Readonly<Record<string, string>> = {
  model: 'use `target`, so that the provider is known and metrics name the model',
  stream: 'the caller decides whether the reply is streamed, and reads it accordingly',
  system: 'use `prompt`',
  messages: 'this is what the caller wrote; use `prompt` to set instructions',
  input: 'this is what the caller wrote; use `prompt` to set instructions',
  prompt: 'this is what the caller wrote; use `prompt` to set instructions',
};

/** Top-level fields of a request body that something other than the caller sets. @param by what, in a message */
export function bodyFields<Value extends z.ZodType>(
  by: string,
  value: Value,
  advice: Readonly<Record<string, string>> = {},
) {
  return z.record(z.string(), value).check((context) => {
    for (const key of Object.keys(context.value)) {
      const why = Object.hasOwn(RESERVED, key) ? (advice[key] ?? RESERVED[key]) : undefined;
      if (why === undefined) continue;
      context.issues.push({
        code: 'custom',
        path: [key],
        input: key,
        message: told(`may not be set by a ${by}`, why),
      });
    }
  });
}
