import type { Problem } from './problem.ts';

/** `FILE:LINE:COLUMN: error: message`, then the fix on a line of its own; the form that editors and CI make clickable. */
export function formatProblems(problems: readonly Problem[], severity: 'error' | 'warning' = 'error'): string {
  return problems
    .map((problem) => `${place(problem)}${severity}: ${problem.message}\n    fix: ${problem.fix}`)
    .join('\n');
}

function place({ file, line, column }: Problem): string {
  const parts = [file, line, column].filter((part) => part !== null);
  return parts.length === 0 ? '' : `${parts.join(':')}: `;
}
