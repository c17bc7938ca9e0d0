import { applyEdits } from '../core/json-document.ts';
import type { TextEdit } from '../core/json-document.ts';
import type { Finding } from '../core/redaction.ts';
import type { Chars } from '../core/units.ts';
import { EDGE, LEFT_CONTEXT } from './char-set.ts';
import { encodedRuns } from './encoded-runs.ts';
import { unescaped } from './escapes.ts';
import { inOrder, notHidden } from './hidden-findings.ts';
import { Lane } from './lane.ts';
import type { LaneKind } from './lane.ts';
import { isNormal } from './normalised-text.ts';
import type { ScanContext, ScanEdit, ScanSink } from './span-settler.ts';
import { TextScanner } from './text-scanner.ts';
import { UrlTracker } from './url-tracker.ts';
import type { PlaceInUrl } from './url-tracker.ts';
import type { Vault } from './vault.ts';

/** What one way of reading a text found in it: edits and findings in order, offsets in the text. */
interface Pass {
  readonly edits: readonly TextEdit[];
  readonly findings: readonly Finding[];
}

/** Text in encoded text in encoded text is judged; what is hidden more deeply is not meant to be read. */
const MOST_DECODED = 2;

type OnFinding = (finding: Finding) => void;

/** JSON text whose escapes hide characters from a plain reading. */
const JSON_WITH_ESCAPES = /^\s*[{[][^]*\\/;
const BEGINS_JSON = /^\s*[{[]/;

/** One text that is there in full. */
export function redactWhole(context: ScanContext, text: string, onFinding: OnFinding): string {
  return context.rules.isClean(text) ? text : conclude(text, fullPass(context, text, ''), onFinding);
}

/**
 * A string of a body. JSON text in it, as tools return it, is judged as it stands and decoded.
 * @param name of the member that it is the value of
 * @param isField the name says what the string is, as it does in what tools are handed: `content` says nothing
 */
export function redactString(
  context: ScanContext,
  name: string | null,
  text: string,
  isField: boolean,
  onFinding: OnFinding,
): string {
  const isTelling = name !== null && isNameTelling(context, name);
  if (!isTelling && context.rules.isClean(text)) return text;
  const prefix = isTelling || isField ? `${name ?? ''}=${EDGE}` : '';
  const plain = fullPass(context, text, prefix);
  if (!JSON_WITH_ESCAPES.test(text) && !isChangedJson(context, text, plain)) return conclude(text, plain, onFinding);
  // Where the quotes of text stand decides what is a URL in it: only the plain reading gives values back.
  const decoded = lanePass({ ...context, restoration: null }, 'arguments', text);
  if (context.vault !== null) noteQuoted(context.vault, text, decoded);
  return conclude(text, isJson(text) ? union(decoded, plain) : union(plain, decoded), onFinding);
}

/** A shorter name says nothing but where it stands: `d` of a JSON Web Key. */
const SHORT_NAME: Chars = 2;

function isNameTelling({ rules }: ScanContext, name: string): boolean {
  return !rules.isClean(name) || (name.length <= SHORT_NAME && !rules.isClean(`${name}=${EDGE}`));
}

const BARE = { isBare: () => true };

/** What replaces a number in it needs quotes. Of replies it is not known before their end. */
function isChangedJson({ rules }: ScanContext, text: string, { edits }: Pass): boolean {
  return rules.decodes && edits.length > 0 && BEGINS_JSON.test(text) && isJson(text);
}

/**
 * A number of JSON that is no string; only a name or its own form can tell what it is, as there is no such thing as a text
 * that is nothing but a number. @returns what stands in its place; null where it stays
 */
export function redactNumber(context: ScanContext, name: string, digits: string, onFinding: OnFinding): string | null {
  const prefix = `${name.slice(-LEFT_CONTEXT)}: `;
  if (context.rules.isClean(prefix + digits)) return null;
  const pass = shifted(scanPass(context, prefix + digits, prefix.length, BARE), prefix.length);
  const redacted = conclude(digits, pass, onFinding);
  return redacted === digits ? null : redacted;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The values in JSON text as they are written there. */
function noteQuoted(vault: Vault, text: string, { edits }: Pass): void {
  for (const { start, end, text: placeholder } of edits) vault.quote(placeholder, text.slice(start, end));
}

/** JSON text inside a string: judged decoded, whether it is whole or was streamed. */
export function redactArguments(context: ScanContext, text: string, onFinding: OnFinding): string {
  if (context.rules.isCleanJson(text)) return text;
  return conclude(text, withHidden(context, text, lanePass(context, 'arguments', text)), onFinding);
}

function conclude(text: string, { edits, findings }: Pass, onFinding: OnFinding): string {
  findings.forEach(onFinding);
  return applyEdits(text, edits);
}

function fullPass(context: ScanContext, text: string, prefix: string): Pass {
  return withHidden(context, text, plainPass(context, text, prefix));
}

/**
 * Adds what is written in escapes or encoded. In requests only, which are always whole: a stream would have to hold back
 * all of what may be base64. What it costs is bounded by the length of the text, as nothing decodes to more than itself.
 */
function withHidden(context: ScanContext, text: string, pass: Pass): Pass {
  if (!context.rules.decodes || context.decoded === MOST_DECODED) return pass;
  const inner = { ...context, decoded: context.decoded + 1 };
  const encoded = encodedPass(inner, text);
  const escaped = escapedPass(inner, text);
  const hidden = escaped === null ? encoded : union(escaped, encoded);
  return hidden.findings.length === 0 ? pass : union(pass, hidden);
}

/** Covers the escapes of the value. */
function escapedPass(context: ScanContext, text: string): Pass | null {
  const decoded = unescaped(text);
  if (decoded === null || context.rules.isClean(decoded.text)) return null;
  const { map } = decoded;
  const { edits, findings } = fullPass(context, decoded.text, '');
  const causes = inOrder(findings);
  let cause = 0;
  const back = <S extends TextEdit | Finding>(span: S): S => ({
    ...span,
    start: map.start(span.start),
    end: map.end(span.end),
  });
  const asWritten = (edit: TextEdit): TextEdit => {
    const value = decoded.text.slice(edit.start, edit.end);
    const { start, end } = back(edit);
    const written = text.slice(start, end);
    while (cause < causes.length && causes[cause]!.end <= edit.start) cause++;
    const finding = causes[cause];
    const isItsOwn = finding?.action === 'placeholder' && finding.start < edit.end;
    return { start, end, text: isItsOwn && written !== value ? replacementOf(context, finding, written) : edit.text };
  };
  return { edits: edits.map(asWritten), findings: findings.map(back) };
}

/** Covers all of what is encoded: part of it replaced would decode to something else. */
function encodedPass(context: ScanContext, text: string): Pass {
  const pass = { edits: [] as TextEdit[], findings: [] as Finding[] };
  const inner = { ...context, vault: null };
  for (const { start, end, decoded } of encodedRuns(text)) {
    if (context.rules.isClean(decoded)) continue;
    const { edits, findings } = fullPass(inner, decoded, '');
    const first = findings.find(({ action }) => edits.length === 0 || action !== 'report');
    if (first === undefined) continue;
    pass.findings.push({ ...first, start, end });
    if (edits.length > 0) pass.edits.push({ start, end, text: replacementOf(context, first, text.slice(start, end)) });
  }
  return pass;
}

function replacementOf({ replacements, vault }: ScanContext, finding: Finding, value: string): string {
  const { rule, category, action } = finding;
  const text = replacements.of({ id: rule, category }, action, value);
  if (action === 'placeholder') vault?.issue(text, { value, isNumber: false, rule, category });
  return text;
}

/** @param prefix belongs to what is judged: the member's name in `"aws_secret_access_key": "…"` */
function plainPass(context: ScanContext, text: string, prefix: string): Pass {
  const judged = prefix + text;
  const { length } = prefix;
  const form = { beginsJson: BEGINS_JSON.test(judged) };
  const pass = isNormal(judged) ? scanPass(context, judged, length, form) : lanePass(context, 'plain', judged, length);
  return length === 0 ? pass : shifted(pass, length);
}

/** Without what begins in the first `by` characters. */
function shifted({ edits, findings }: Pass, by: Chars): Pass {
  const shift = <S extends { readonly start: number; readonly end: number }>(spans: readonly S[]): S[] =>
    spans.filter(({ start }) => start >= by).map((span) => ({ ...span, start: span.start - by, end: span.end - by }));
  return { edits: shift(edits), findings: shift(findings) };
}

/** Where nothing is to be normalised: as a lane, without what a lane keeps. */
function scanPass(
  context: ScanContext,
  text: string,
  prefix: Chars,
  form: Pick<ScanSink, 'isBare' | 'beginsJson'>,
): Pass {
  const edits: TextEdit[] = [];
  const findings: Finding[] = [];
  const edit = ({ start, end, text: replacement }: ScanEdit): void => {
    if (replacement !== null) edits.push({ start, end, text: replacement });
  };
  const found = (finding: Finding): void => void findings.push(finding);
  const urls = context.restoration === null ? null : new UrlTracker(false, context.place === 'tool_arguments', prefix);
  urls?.push(text.slice(prefix));
  const placeInUrl = (start: number): PlaceInUrl | null => urls?.placeOf(start) ?? null;
  new TextScanner(context, { edit, found, placeInUrl, ...form }).scanWhole(text);
  return { edits, findings };
}

function lanePass(context: ScanContext, kind: LaneKind, text: string, prefix: Chars = 0): Pass {
  const findings: Finding[] = [];
  const lane = new Lane(context, kind, (finding) => findings.push(finding), prefix);
  lane.push(text);
  lane.finish(false);
  return { edits: lane.changes(), findings };
}

/** What both found is told and replaced once, as `first` has it, over all that either covers. */
function union(first: Pass, second: Pass): Pass {
  const known = inOrder(first.findings);
  const findings = inOrder([...known, ...notHidden(known, inOrder(second.findings))]);
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
