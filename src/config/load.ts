import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../core/config.ts';
import { expand, type Environment } from './environment.ts';
import { adviseGuards } from './guard-advice.ts';
import { checkOrder } from './layers.ts';
import { adviseProviders } from './provider-advice.ts';
import { ConfigError, Issues, formatPath, type Issue, type Problem } from './problem.ts';
import { resolveConfig } from './resolve.ts';
import { configFile } from './schema.ts';
import { YamlSource } from './yaml-source.ts';
import { toIssues, wording } from './zod-issues.ts';

export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly Problem[];
  /** SHA-256 of the file's bytes, in hex. */
  readonly sourceHash: string;
}

/** Asks the parts that a configuration is for (redactor, simulator) whether they accept it. */
export type PartsCheck = (config: Config, errors: Issues, warnings: Issues) => void;

const NO_PARTS: PartsCheck = () => {};

/** Reads, checks and resolves a configuration file. @throws ConfigError with everything that is wrong, by line */
export function loadConfig(path: string, environment: Environment, checkParts = NO_PARTS): LoadedConfig {
  return parseConfig(readSource(path), path, environment, checkParts);
}

/** @throws ConfigError */
export function readSource(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError([unreadable(path, `cannot be read (${(error as NodeJS.ErrnoException).code})`)]);
  }
}

/** SHA-256, in hex. */
export function sourceHash(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/** As `loadConfig`, for bytes that are at hand; `file` only stands in messages. @throws ConfigError */
export function parseConfig(
  bytes: Uint8Array,
  file: string,
  environment: Environment,
  checkParts = NO_PARTS,
): LoadedConfig {
  const source = new YamlSource(decode(bytes, file), file);
  const expansionErrors = expandAll(source, environment);
  const given = withoutEmptySections(source.toData());
  const parsed = configFile.safeParse(given, { error: wording });
  if (!parsed.success || expansionErrors.list.length > 0)
    throw failure(source, [...expansionErrors.list, ...(parsed.success ? [] : toIssues(parsed.error.issues))]);
  const errors = new Issues();
  const warnings = new Issues();
  const config = resolveConfig(parsed.data, given, environment, errors);
  if (errors.list.length === 0) checkEssentials(config, errors);
  if (errors.list.length === 0) checkParts(config, errors, warnings);
  if (errors.list.length > 0) throw failure(source, errors.list);
  adviseProviders(config, warnings);
  checkOrder(config.rollouts, (index) => ['rollouts', index], warnings);
  for (const [index, spec] of config.rollouts.entries()) adviseGuards(spec, ['rollouts', index], warnings);
  return detached({
    config,
    warnings: sorted(warnings.list.map((issue) => source.problem(issue))),
    sourceHash: sourceHash(bytes),
  });
}

/** A copy: a text that was cut out of the file would keep all of the file in memory, and so the secrets in it. */
function detached<T>(value: T): T {
  return structuredClone(value);
}

/** What is empty or cut off is refused: it would serve nothing, and lack `auth.required` and all else that guards. */
function checkEssentials({ providers, routes, passthrough }: Config, errors: Issues): void {
  if (providers.length === 0)
    errors.add(['providers'], 'names no provider', 'name at least one, e.g. providers: { sim: { type: simulator } }');
  else if (routes.length === 0 && passthrough.provider === null)
    errors.add(
      ['models'],
      'names no model',
      `name at least one, e.g. models: { "*": { provider: ${providers[0]!.name} } }, or set passthrough.provider`,
    );
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([unreadable(file, 'is not UTF-8 text')]);
  }
}

function unreadable(file: string, what: string): Problem {
  return {
    file,
    line: null,
    column: null,
    path: '',
    message: `The file ${what}.`,
    fix: 'give the path of a YAML file',
  };
}

/** Replaces references inside text values only, after parsing: a variable's content cannot change the structure. */
function expandAll(source: YamlSource, environment: Environment): Issues {
  const issues = new Issues();
  source.mapText((text, path) => {
    const { text: expanded, missing, isMalformed } = expand(text, environment);
    for (const name of missing)
      issues.add(
        path,
        `needs the environment variable ${name}, which is not set`,
        `set it, or write \${${name}:-DEFAULT}`,
      );
    if (isMalformed)
      issues.add(
        path,
        'has a "${" that begins no reference',
        'write ${NAME} or ${NAME:-DEFAULT}; $${ stands for a plain ${',
      );
    return expanded;
  });
  return issues;
}

/** A section whose entries are all commented out reads as null; an empty file too. */
function withoutEmptySections(data: unknown): unknown {
  if (data === null || data === undefined) return {};
  if (typeof data !== 'object' || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}

/** A setting with several issues tells the first: the others follow from it. */
function failure(source: YamlSource, issues: readonly Issue[]): ConfigError {
  const first = new Map<string, Issue>();
  for (const issue of issues) {
    const path = formatPath(issue.path);
    if (!first.has(path)) first.set(path, issue);
  }
  return new ConfigError(sorted([...first.values()].map((issue) => source.problem(issue))));
}

function sorted(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
