import { z } from 'zod';
import { headerSecret, name } from './names.ts';
import { timeLimit } from './units.ts';
import { strict, told } from './zod-kit.ts';

const GATES = ['confirm-advance', 'confirm-promotion', 'rollback'] as const;

export const webhook = strict({
  name: name().describe('Stands in metrics and events.'),
  url: z
    .string()
    .regex(/^https?:\/\/\S+$/, told('must be a URL', 'write https://host/path'))
    .describe('Gets a POST with JSON; redirects are not followed.'),
  secret: headerSecret()
    .nullable()
    .optional()
    .describe('Signs each delivery (Standard Webhooks); `whsec_…` is base64, anything else is taken as it stands.'),
  events: z
    .array(z.string().min(1))
    .prefault(['*'])
    .describe(
      'Event types or globs, e.g. `rollout.abort`, `rollout.*`, `regression.*`; `[]`: the hook is only a gate.',
    ),
  gates: z
    .array(z.enum(GATES))
    .prefault([])
    .describe(
      'Asked before the rollout goes on: a reply other than 2xx makes it wait. `rollback`: a 2xx reply rolls it back.',
    ),
  rollouts: z.array(z.string().min(1)).prefault(['*']).describe('Rollout names or globs that it is about.'),
  timeout: timeLimit().prefault('10s').describe('A gate that takes longer says no.'),
  allowAddresses: z
    .array(z.string())
    .prefault([])
    .describe('Link-local or metadata addresses that may be called all the same.'),
});
