import type { z } from 'zod';
import type { Issue, Path } from './problem.ts';
import { told } from './zod-kit.ts';

/** The wording of what zod finds by itself; messages set in the schema come before it. */
export function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return told('is missing', 'add it');
  switch (issue.code) {
    case 'invalid_type': {
      const expected = TYPE_NAMES[issue.expected] ?? issue.expected;
      return told(`must be ${expected}, not ${typeName(issue.input)}`, `write ${expected}`);
    }
    case 'invalid_value':
      return told('has a value that is not known', `write ${issue.values.map(String).join(' or ')}`);
    case 'too_small':
      return told('is empty', 'write a value, or leave the setting out');
    default:
      return told('is not valid', 'see docs/reference/configuration.md');
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return TYPE_NAMES[typeof value] ?? typeof value;
}

/** Zod's issues as ours: one per unknown key, and for a union those of the form that was meant. */
export function toIssues(issues: readonly z.core.$ZodIssue[], prefix: Path = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...(issue.path as Path)];
    const [message = '', ...rest] = issue.message.split('\n');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key, index): Issue => unknownKey([...path, key], [message, ...rest][index]!));
    if (issue.code === 'invalid_key') return [badKey(path, issue.issues[0])];
    const meant = issue.code === 'invalid_union' ? meantForm(issue.errors) : undefined;
    if (meant !== undefined) return toIssues(meant, path);
    return [{ path, at: 'value', message, fix: rest[0] ?? '' }];
  });
}

function unknownKey(path: Path, fix: string): Issue {
  return { path, at: 'key', message: 'is not a known setting', fix };
}

function badKey(path: Path, reason: z.core.$ZodIssue | undefined): Issue {
  const [message = '', fix = ''] = (reason?.message ?? '').split('\n');
  return { path, at: 'key', message, fix };
}

/** The alternative that fits the value itself and fails only inside it. */
function meantForm(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return alternatives.find(
    (issues) => issues.length > 0 && issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
}
