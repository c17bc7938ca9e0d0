import { z } from 'zod';
import { told } from './zod-kit.ts';

/** Names stand in URLs, headers and metric labels. */
export const name = () =>
  z
    .string()
    .regex(
      /^[a-zA-Z0-9._-]{1,64}$/,
      told('must be a name', 'use 1 to 64 letters, digits, dots, dashes or underscores'),
    );

/** A secret that is sent or compared as a header value. */
export const headerSecret = () =>
  z
    .string()
    .regex(
      /^[\x21-\x7e]*$/,
      told('holds a space, a line break or a character outside ASCII', 'check the variable or file that it comes from'),
    );

/** `provider/model`; the model may contain slashes. */
export const target = () =>
  z
    .string()
    .regex(/^[^/]+\/.+$/, told('must be a target', 'write provider/model, e.g. sim/fast-v1'))
    .transform((text) => {
      const slash = text.indexOf('/');
      return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
    });

/** `name@version` of an entry under `prompts`. */
export const promptReference = () =>
  z
    .string()
    .regex(/^[^@]+@[^@]+$/, told('must be a prompt', 'write name@version, e.g. support@v7'))
    .transform((text) => {
      const [name, version] = text.split('@') as [string, string];
      return { name, version };
    });

/** Flat values that are compared as text. */
export const labelValue = () =>
  z
    .union([z.string(), z.number(), z.boolean()], {
      error: told('must be text', 'write text, a number, true or false'),
    })
    .transform(String);

export const METADATA_NAME = /^metadata\..+$/;
