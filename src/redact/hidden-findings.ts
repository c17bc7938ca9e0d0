import type { Finding } from '../core/redaction.ts';

/** Those that no known finding overlaps; what is only reported hides nothing that is acted upon. Both are in order. */
export function notHidden(known: readonly Finding[], findings: readonly Finding[]): Finding[] {
  const acting = known.filter((finding) => !isReport(finding));
  return [
    ...apartFrom(known, findings.filter(isReport)),
    ...apartFrom(
      acting,
      findings.filter((finding) => !isReport(finding)),
    ),
  ];
}

export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => a.start - b.start);
}

function isReport({ action }: Finding): boolean {
  return action === 'report';
}

function apartFrom(known: readonly Finding[], findings: readonly Finding[]): Finding[] {
  let at = 0;
  return findings.filter(({ start, end }) => {
    while (at < known.length && known[at]!.end <= start) at++;
    return (known[at]?.start ?? Infinity) >= end;
  });
}
