import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OPERATIONS } from '../core/operation.ts';
import { POLICY_ACTIONS } from '../core/policy.ts';
import { labelValue } from './names.ts';
import { ConfigError } from './problem.ts';
import { YamlSource } from './yaml-source.ts';
import { toIssues, wording } from './zod-issues.ts';
import { strict, told } from './zod-kit.ts';

const texts = () => z.record(z.string(), labelValue());

const madeUpKey = strict({
  name: z.string(),
  owner: z.string().nullable().prefault(null),
  team: z.string().nullable().prefault(null),
  metadata: texts().prefault({}),
});

const policyCase = strict({
  name: z.string().min(1),
  /** The body. */
  request: z.record(z.string(), z.json()).prefault({}),
  operation: z.enum(OPERATIONS).prefault('chat'),
  /** Of a key of the configuration, or one that is made up; left out: the anonymous caller. */
  key: z.union([z.string(), madeUpKey]).optional(),
  metadata: texts().prefault({}),
  target: strict({ provider: z.string(), model: z.string() }).optional(),
  /** Findings by rule. */
  redaction: z.record(z.string(), z.int().min(0)).prefault({}),
  attack: z.number().min(0).max(1).prefault(0),
  time: z.iso.datetime({ offset: true, error: told('must be a time', 'write e.g. 2026-11-21T13:05:00Z') }).optional(),
  response: strict({
    finish_reason: z.string().prefault('stop'),
    language: z.string().prefault(''),
    bytes: z.int().min(0).prefault(0),
    output_tokens: z.int().min(0).prefault(0),
    refusal: z.boolean().prefault(false),
  }).optional(),
  /** What is left out may be anything. */
  expect: strict({
    decision: z.enum(['pass', 'deny', 'approval_required', 'error']),
    rule: z.string().optional(),
    /** Fields that are changed, with what they are then. */
    body: z.record(z.string(), z.json()).optional(),
    model: z.string().optional(),
    prompt: z.string().optional(),
    tags: texts().optional(),
    /** All that applied, in order: `NAME:ACTION`. */
    applied: z
      .array(
        z
          .string()
          .regex(
            new RegExp(`^[^:]+:(?:would_)?(?:${POLICY_ACTIONS.join('|')})$`),
            told('is no decision', 'write NAME:ACTION, e.g. eu-only:exclude'),
          ),
      )
      .optional(),
  }),
});

const caseFile = strict({ cases: z.array(policyCase).min(1) });

export type PolicyCase = z.output<typeof policyCase>;

/** Reads a table of cases. @throws ConfigError */
export function loadPolicyCases(path: string): readonly PolicyCase[] {
  const source = new YamlSource(readText(path), path);
  const parsed = caseFile.safeParse(source.toData() ?? {}, { error: wording });
  if (!parsed.success) throw new ConfigError(toIssues(parsed.error.issues).map((issue) => source.problem(issue)));
  return parsed.data.cases;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const message = `The file cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    const fix = 'give the path of a YAML file with cases';
    throw new ConfigError([{ file: path, line: null, column: null, path: '', message, fix }]);
  }
}
