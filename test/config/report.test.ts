import { expect, it } from 'vitest';
import { ConfigError, formatPath, type Problem } from '../../src/config/problem.ts';
import { formatProblems } from '../../src/config/report.ts';

const PROBLEM: Problem = {
  file: 'a.yaml',
  line: 3,
  column: 5,
  path: 'gateway.port',
  message: '"gateway.port" must be a whole number',
  fix: 'write a whole number from 0 to 65535',
};

it('a problem reads as FILE:LINE:COLUMN, severity, message and fix', () => {
  expect(formatProblems([PROBLEM])).toBe(
    'a.yaml:3:5: error: "gateway.port" must be a whole number\n    fix: write a whole number from 0 to 65535',
  );
});

it('a problem without a place reads without one', () => {
  const unplaced = { ...PROBLEM, line: null, column: null };
  expect(formatProblems([unplaced, { ...unplaced, file: null }], 'warning').split('\n')).toEqual([
    'a.yaml: warning: "gateway.port" must be a whole number',
    '    fix: write a whole number from 0 to 65535',
    'warning: "gateway.port" must be a whole number',
    '    fix: write a whole number from 0 to 65535',
  ]);
});

it('the error itself tells the first problem and how many more there are', () => {
  expect(new ConfigError([PROBLEM]).message).toBe('"gateway.port" must be a whole number');
  expect(new ConfigError([PROBLEM, PROBLEM, PROBLEM]).message).toBe(
    '"gateway.port" must be a whole number (and 2 more)',
  );
});

it('a path reads as one would write it in code', () => {
  expect(formatPath(['keys', 0, 'limits'])).toBe('keys[0].limits');
  expect(formatPath(['models', 'gpt-4.1', 'target'])).toBe('models["gpt-4.1"].target');
});
