import { parse } from 'yaml';
import { judgePlan, type JudgePlan } from '../../judge/plan.ts';
import { CliError } from '../errors.ts';
import { readText } from '../input.ts';
import type { Io } from '../io.ts';
import { invalidConfig } from './check.ts';

export interface JudgedRollout {
  readonly name: string;
  readonly plan: JudgePlan;
}

/** Reads one rollout of a YAML file: an object, a list, or a list under `rollouts`; of several, `name` picks one. */
export async function readJudgedRollout(file: string, name: string | undefined, io: Io): Promise<JudgedRollout> {
  let content: unknown;
  try {
    content = parse(await readText(file, io));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('invalid_input', `${file} is not YAML: ${(error as Error).message}`);
  }
  return judgedRollout(pick(listOf(content), name, file));
}

/** A canary as declared. What its targets and prompts refer to is not looked at. @throws CliError `invalid_config` */
export async function judgedRollout(declared: unknown): Promise<JudgedRollout> {
  // Loaded when needed: most verbs only talk to a gateway and should start at once.
  const [{ rollout: schema }, { resolveRollout }, { ConfigError, Issues, placeless }, { toIssues, wording }] =
    await Promise.all([
      import('../../config/rollout-schema.ts'),
      import('../../config/rollout.ts'),
      import('../../config/problem.ts'),
      import('../../config/zod-issues.ts'),
    ]);
  const parsed = schema.safeParse(declared, { error: wording });
  if (!parsed.success) throw invalidConfig(new ConfigError(toIssues(parsed.error.issues).map(placeless)));
  const file = parsed.data;
  if (file.canary === undefined)
    throw new CliError('invalid_input', `"${file.name}" is no canary: only those are judged step by step.`);
  const { steps, judgement } = resolveRollout(file, null, { providers: [], prompts: new Map() }, [], new Issues());
  try {
    return {
      name: file.name,
      plan: judgePlan(
        judgement,
        steps.map(({ weight }) => weight),
      ),
    };
  } catch (error) {
    throw new CliError('invalid_input', (error as Error).message);
  }
}

function listOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  const { rollouts } = (content ?? {}) as { rollouts?: unknown };
  return Array.isArray(rollouts) ? rollouts : [content];
}

function pick(list: readonly unknown[], name: string | undefined, file: string): unknown {
  const names = list.map((declared) => (declared as { name?: unknown } | null)?.name);
  if (name !== undefined) {
    const index = names.indexOf(name);
    if (index >= 0) return list[index];
    throw new CliError('not_found', `${file} has no rollout "${name}"; it has ${names.map(String).join(', ')}.`);
  }
  if (list.length === 1) return list[0];
  throw new CliError(
    'invalid_input',
    `${file} has ${list.length} rollouts; name one of ${names.map(String).join(', ')}.`,
  );
}
