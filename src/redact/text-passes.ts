import { applyEdits } from '../core/json-document.ts';
import type { TextEdit } from '../core/json-document.ts';
import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { EDGE } from './char-set.ts';
import { Lane } from './lane.ts';
import type { LaneKind } from './lane.ts';
import { isNormal } from './normalised-text.ts';
import type { ScanContext, ScanEdit } from './span-settler.ts';
import { TextScanner } from './text-scanner.ts';

/** What one way of reading a text found in it: edits and findings in order, offsets in the text. */
interface Pass {
  readonly edits: readonly TextEdit[];
  readonly findings: readonly Finding[];
}

type OnFinding = (finding: Finding) => void;

/** JSON text whose escapes hide characters from a plain reading. */
const JSON_WITH_ESCAPES = /^\s*[{[][^]*\\/;

/** One text that is there in full. */
export function redactWhole(context: ScanContext, text: string, onFinding: OnFinding): string {
  return context.rules.isClean(text) ? text : conclude(text, plainPass(context, text, ''), onFinding);
}

/** A string of a body. JSON text in it, as tools return it, is judged as it stands and decoded. */
export function redactString(context: ScanContext, name: string | null, text: string, onFinding: OnFinding): string {
  const prefix = name === null || context.rules.isClean(name) ? '' : `${name}=${EDGE}`;
  if (prefix === '' && context.rules.isClean(text)) return text;
  const plain = plainPass(context, text, prefix);
  return conclude(
    text,
    JSON_WITH_ESCAPES.test(text) ? union(lanePass(context, 'arguments', text), plain) : plain,
    onFinding,
  );
}

/** JSON text inside a string: judged decoded, whether it is whole or was streamed. */
export function redactArguments(context: ScanContext, text: string, onFinding: OnFinding): string {
  return context.rules.isCleanJson(text) ? text : conclude(text, lanePass(context, 'arguments', text), onFinding);
}

function conclude(text: string, { edits, findings }: Pass, onFinding: OnFinding): string {
  findings.forEach(onFinding);
  return applyEdits(text, edits);
}

/** @param prefix belongs to what is judged: the member's name in `"aws_secret_access_key": "…"` */
function plainPass(context: ScanContext, text: string, prefix: string): Pass {
  const judged = prefix + text;
  const pass = isNormal(judged) ? scanPass(context, judged) : lanePass(context, 'plain', judged);
  return prefix === '' ? pass : shifted(pass, prefix.length);
}

/** Without what begins in the first `by` characters. */
function shifted({ edits, findings }: Pass, by: Chars): Pass {
  const shift = <S extends { readonly start: number; readonly end: number }>(spans: readonly S[]): S[] =>
    spans.filter(({ start }) => start >= by).map((span) => ({ ...span, start: span.start - by, end: span.end - by }));
  return { edits: shift(edits), findings: shift(findings) };
}

/** Where nothing is to be normalised: as a lane, without what a lane keeps. */
function scanPass(context: ScanContext, text: string): Pass {
  const edits: TextEdit[] = [];
  const findings: Finding[] = [];
  const edit = ({ start, end, text: replacement }: ScanEdit): void => {
    if (replacement !== null) edits.push({ start, end, text: replacement });
  };
  new TextScanner(context, { edit, found: (finding) => findings.push(finding) }).scanWhole(text);
  return { edits, findings };
}

function lanePass(context: ScanContext, kind: LaneKind, text: string): Pass {
  const findings: Finding[] = [];
  const lane = new Lane(context, kind, (finding) => findings.push(finding));
  lane.push(text);
  lane.finish(false);
  return { edits: lane.changes(), findings };
}

/** What both found is told and replaced once, as `first` has it, over all that either covers. */
function union(first: Pass, second: Pass): Pass {
  const findings = [...first.findings];
  let at = 0;
  for (const finding of second.findings) {
    while (at < first.findings.length && first.findings[at]!.end <= finding.start) at++;
    if ((first.findings[at]?.start ?? Infinity) >= finding.end) findings.push(finding);
  }
  return { edits: joined(first.edits, second.edits), findings };
}

function joined(first: readonly TextEdit[], second: readonly TextEdit[]): TextEdit[] {
  const preferred = new Set(first);
  const all: TextEdit[] = [];
  for (const edit of [...first, ...second].sort((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last === undefined || last.end <= edit.start) all.push(edit);
    else {
      const { text } = preferred.has(edit) && !preferred.has(last) ? edit : last;
      const whole = { start: last.start, end: Math.max(last.end, edit.end), text };
      if (preferred.has(last) || preferred.has(edit)) preferred.add(whole);
      all[all.length - 1] = whole;
    }
  }
  return all;
}
