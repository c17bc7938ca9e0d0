import { z } from 'zod';
import { suggest } from './suggest.ts';

/** Zod carries one string per issue: its first line is the message, its second the fix. Read back in `zod-issues.ts`. */
export function told(message: string, fix: string): string {
  return `${message}\n${fix}`;
}

/** An object in which every unknown key is an error that names the closest known one, one line per key. */
export function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => suggest(key, known)).join('\n') : undefined,
  });
}

/** Text or a number in a notation of its own. `convert` gets the text and returns null where it does not fit. */
export function notation<T>(
  title: string,
  message: string,
  fix: string,
  convert: (text: string) => T | null,
): z.ZodPipe<z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>, z.ZodTransform<Awaited<T>, string | number>> {
  const error = told(message, fix);
  return z
    .union([z.string(), z.number()], { error: (issue) => (issue.input === undefined ? undefined : error) })
    .meta({ title })
    .transform((value, context) => {
      const converted = convert(String(value).trim());
      if (converted !== null) return converted;
      context.issues.push({ code: 'custom', message: error, input: value });
      return z.NEVER;
    });
}
