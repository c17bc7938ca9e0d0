/** One thing that is wrong with a configuration. Never quotes a value that may be a secret. */
export interface Problem {
  /** Null where the value did not come from a file, e.g. a rollout sent to the admin API. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  /** From 1. */
  readonly column: number | null;
  /** E.g. `providers.openai.baseUrl` or `keys[0].limits`; empty for the file as a whole. */
  readonly path: string;
  /** A sentence that starts with the path. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

export type Path = readonly (string | number)[];

/** A problem before it is known where in which file it stands. */
export interface Issue {
  readonly path: Path;
  /** Whether the name at the end of the path is at fault or what it holds. */
  readonly at: 'key' | 'value';
  /** The sentence without its subject, which is the path: `must be a number`. */
  readonly message: string;
  readonly fix: string;
}

/** Collects every issue of one load, so that they are told all at once. */
export class Issues {
  readonly list: Issue[] = [];

  add(path: Path, message: string, fix: string): void {
    this.list.push({ path, at: 'value', message, fix });
  }
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    super(`${problems[0]?.message ?? 'The configuration is not valid.'}${more}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `['keys', 0, 'limits']` as `keys[0].limits`; a name that would be ambiguous stands as `models["gpt-4.1"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** The problem of an issue whose place is not in a file. */
export function placeless(issue: Issue): Problem {
  return {
    file: null,
    line: null,
    column: null,
    path: formatPath(issue.path),
    message: sentence(issue),
    fix: issue.fix,
  };
}

export function sentence(issue: Issue): string {
  return issue.path.length === 0
    ? `The configuration ${issue.message}`
    : `"${formatPath(issue.path)}" ${issue.message}`;
}
