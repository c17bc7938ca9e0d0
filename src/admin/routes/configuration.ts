import { z } from 'zod';
import { AdminError, describeProblems } from '../errors.ts';
import { defineRoute, json } from '../route.ts';

export const configurationRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/v1/config',
    summary: 'The configuration in force, secrets hidden',
    replies: { 200: { description: 'The configuration as resolved.', schema: z.record(z.string(), z.unknown()) } },
    handle: ({ configuration }) => json(configuration.describe()),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/config/reload',
    summary: 'Read the configuration file again; one that does not hold leaves the last good one in force',
    body: z.strictObject({}),
    audit: { kind: 'config.reload', subject: () => 'config' },
    replies: {
      200: {
        description: 'The file is in force.',
        schema: z.strictObject({
          changed: z.boolean().describe('False: the file is as it was.'),
          warnings: z.array(z.string()),
          restartNeeded: z.array(z.string()).describe('Settings that take effect at the next start.'),
        }),
      },
    },
    handle: async ({ configuration }) => {
      const { ok, changed, problems, warnings, restartNeeded } = await configuration.reload();
      if (!ok) throw new AdminError(409, 'invalid_config', describeProblems(problems));
      return json({ changed, warnings: warnings.map((warning) => describeProblems([warning])), restartNeeded });
    },
  }),
];
