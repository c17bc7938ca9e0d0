import { applyEdits } from '../../core/json-document.ts';
import type { TextEdit } from '../../core/json-document.ts';
import type { EntityRule, ExternalSpan } from '../../core/external-detector.ts';
import type { Finding, RedactionAction } from '../../core/redaction.ts';
import type { ScanContext } from '../span-settler.ts';
import { ownTokensIn } from '../replacement.ts';

const CATEGORY = 'custom';
const WRITTEN = /[\p{L}\p{N}]/u;

/** A span and what is done with it. */
export interface RuledSpan {
  readonly start: number;
  readonly end: number;
  readonly score: number;
  readonly rule: string;
  readonly action: RedactionAction;
}

/** With the rules of one policy; what they allow is left out. */
export function ruled(spans: readonly ExternalSpan[], rules: ReadonlyMap<string, EntityRule>): RuledSpan[] {
  return spans.flatMap(({ entity, start, end, score }) => {
    const rule = rules.get(entity);
    const isOn = rule !== undefined && rule.request !== 'allow';
    return isOn ? [{ start, end, score, rule: rule.rule, action: rule.request }] : [];
  });
}

/** The text after its findings have been told and replaced. @param tell throws to refuse the text */
export function replaceFindings(
  context: ScanContext,
  text: string,
  spans: readonly RuledSpan[],
  tell: (finding: Finding) => void,
): string {
  const edits: TextEdit[] = [];
  for (const span of standing(values(text, spans, context.allowed))) {
    const { rule: id, action, start, end } = span;
    const value = text.slice(start, end);
    const replaced = { id, category: CATEGORY } as const;
    const hash = context.replacements.fingerprint(replaced, value);
    tell({ rule: id, category: CATEGORY, action, start, end, hash });
    if (action === 'report') continue;
    const replacement = context.replacements.of(replaced, action, value);
    if (action === 'placeholder')
      context.vault?.issue(replacement, { value, isNumber: false, rule: id, category: CATEGORY });
    edits.push({ start, end, text: replacement });
  }
  return applyEdits(text, edits);
}

/** What of the spans is a value: without the space around it, without what stands for a value already. */
function values(text: string, spans: readonly RuledSpan[], allowed: ReadonlySet<string>): RuledSpan[] {
  return besideTokens(spans, ownTokensIn(text))
    .map((span) => trimmed(text, span))
    .filter(({ start, end }) => WRITTEN.test(text.slice(start, end)) && !allowed.has(text.slice(start, end)));
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What the spans cover beside the tokens, in order. */
function besideTokens(spans: readonly RuledSpan[], tokens: readonly Range[]): RuledSpan[] {
  const pieces: RuledSpan[] = [];
  let first = 0;
  for (const span of inOrder(spans)) {
    let { start } = span;
    while (first < tokens.length && tokens[first]!.end <= start) first++;
    for (let next = first; next < tokens.length && tokens[next]!.start < span.end; next++) {
      const token = tokens[next]!;
      if (token.start > start) pieces.push({ ...span, start, end: token.start });
      start = token.end;
    }
    if (start < span.end) pieces.push({ ...span, start });
  }
  return pieces;
}

function inOrder(spans: readonly RuledSpan[]): RuledSpan[] {
  return [...spans].sort((a, b) => a.start - b.start);
}

function trimmed(text: string, span: RuledSpan): RuledSpan {
  const value = text.slice(span.start, span.end);
  const start = span.end - value.trimStart().length;
  return { ...span, start, end: Math.max(start, span.start + value.trimEnd().length) };
}

/**
 * Those that stand among overlapping ones, in order: what changes the text before what is only told, and of what changes
 * it, one over all that any of them covers: half a name is too much.
 */
function standing(spans: readonly RuledSpan[]): RuledSpan[] {
  const changing = united(spans.filter(({ action }) => action !== 'report'));
  const told = united(spans.filter(({ action }) => action === 'report'));
  let first = 0;
  const apart = told.filter(({ start, end }) => {
    while (first < changing.length && changing[first]!.end <= start) first++;
    return first === changing.length || changing[first]!.start >= end;
  });
  return inOrder([...changing, ...apart]);
}

function united(spans: readonly RuledSpan[]): RuledSpan[] {
  const all: RuledSpan[] = [];
  for (const span of inOrder(spans)) {
    const last = all.at(-1);
    if (last === undefined || span.start >= last.end) all.push(span);
    else all[all.length - 1] = { ...stronger(last, span), start: last.start, end: Math.max(last.end, span.end) };
  }
  return all;
}

/** `block` before all else; then who is surer, then who covers more. */
function stronger(a: RuledSpan, b: RuledSpan): RuledSpan {
  const byAction = Number(b.action === 'block') - Number(a.action === 'block');
  return (byAction || b.score - a.score || b.end - b.start - (a.end - a.start)) > 0 ? b : a;
}
