import { DEFAULT_REDACTION } from '../src/config/redaction.ts';
import { JsonDocument } from '../src/core/json-document.ts';
import type { RedactionLog, RedactionPolicy, Redactor } from '../src/core/redaction.ts';
import { SseEvent } from '../src/core/sse.ts';
import { LiveRules } from '../src/redact/live-rules.ts';
import { createRedactor } from '../src/redact/redactor.ts';
import { FINDING_BODY } from './payload.ts';
import { toRedactReport } from './redact-report.ts';
import { type CleanText, TEXTS, prose } from './redact-texts.ts';
import { repeated, type Screened, worstTexts } from './redact-worst.ts';
import type { SuiteReport } from './report.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

/** Characters; most texts are ASCII, so bytes as well. */
export const SIZES = [1000, 10_000, 1_000_000] as const;
const WORST_SIZE = 100_000;
const STREAM_SIZE = 8000;
const DELTA_CHARS = 5;
const WARM_UP_ROUNDS = 2; // the compiler's work
const QUICK = { rounds: 5, roundMs: 15 };
const FULL = { rounds: 9, roundMs: 50 };

/** How long one piece of work takes. */
export interface Figure {
  readonly name: string;
  /** Of the text that is worked on. */
  readonly bytes: number;
  /** A call; the median of the rounds. */
  readonly micros: number;
  readonly rounds: readonly number[];
}

export interface RedactOutcome {
  /** By kind of text, each in all the sizes. */
  readonly clean: readonly (readonly Figure[])[];
  /** The search for keywords alone, on prose. */
  readonly prefilter: readonly Figure[];
  /** The texts that cost most, dearest first. */
  readonly worst: readonly WorstFigure[];
  /** What each rule's own hostile texts cost at most, to tell which are measured. */
  readonly screened: readonly Screened[];
  /** Whole pieces of the gateway's work. */
  readonly work: readonly Figure[];
}

/** A text and prose of the same length, in turns: what else the machine does falls on both. */
export interface WorstFigure extends Figure {
  /** Times the cost of prose; the median of the rounds. */
  readonly ratio: number;
}

type Measure = (name: string, bytes: number, work: () => void) => Figure;

const SILENT: RedactionLog = {
  found: () => undefined,
  held: () => undefined,
  restored: () => undefined,
  uninspected: () => undefined,
};

// As in the other suites.
const POLICY: RedactionPolicy = {
  ...DEFAULT_REDACTION,
  categories: { ...DEFAULT_REDACTION.categories, emails: { request: 'placeholder', response: 'allow' } },
};

/** Redaction alone, in this process: how fast clean text goes through, and what the worst text costs. */
export async function run({ isQuick }: Settings): Promise<SuiteReport> {
  const measure = measureWith(isQuick ? QUICK : FULL);
  const redactor = createRedactor(POLICY, Buffer.from('bench'));
  const redact = (name: string, text: string): Figure =>
    measure(name, Buffer.byteLength(text), () => void redactor.redactText(text, 'request'));
  const { worst, screened } = worstTexts(redactor);
  return toRedactReport({
    clean: TEXTS.map((text) => cleanFigures(text, redactor, redact)),
    prefilter: SIZES.map((size) => prefilterFigure(prose(size), measure)),
    worst: worst
      .map(({ name, unit }) => worstFigure(name, repeated(unit, WORST_SIZE), redactor, isQuick ? QUICK : FULL))
      .sort((a, b) => b.ratio - a.ratio),
    screened,
    work: [callFigure(redactor, measure), deltaFigure(redactor, measure)],
  });
}

function measureWith({ rounds, roundMs }: typeof FULL): Measure {
  return (name, bytes, work) => {
    const all = Array.from({ length: WARM_UP_ROUNDS + rounds }, () => microsOf(work, roundMs));
    const counted = all.slice(WARM_UP_ROUNDS);
    return { name, bytes, micros: median(counted)!, rounds: counted };
  };
}

/** A call, on average over the given time. */
function microsOf(work: () => void, milliseconds: number): number {
  const startedAt = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    work();
    calls++;
    elapsed = performance.now() - startedAt;
  } while (elapsed < milliseconds);
  return (elapsed * 1000) / calls;
}

/** @throws Error for a text that is not clean: its figures would be those of replacing */
function cleanFigures(
  { name, make }: CleanText,
  redactor: Redactor,
  redact: (name: string, text: string) => Figure,
): Figure[] {
  return SIZES.map((size) => {
    const text = make(size);
    const [finding] = redactor.redactText(text, 'request').findings;
    if (finding !== undefined) throw new Error(`${name} is not clean: it holds a ${finding.rule}`);
    return redact(name, text);
  });
}

function prefilterFigure(text: string, measure: Measure): Figure {
  const { table } = new LiveRules(POLICY, 'request');
  const nothing = { counts: () => false };
  return measure('prose, prefilter alone', text.length, () => void table.ruledOut(text, nothing));
}

function worstFigure(name: string, text: string, redactor: Redactor, { rounds, roundMs }: typeof FULL): WorstFigure {
  const usual = prose(text.length);
  const all = Array.from({ length: WARM_UP_ROUNDS + rounds }, () => [
    microsOf(() => void redactor.redactText(usual, 'request'), roundMs) / usual.length,
    microsOf(() => void redactor.redactText(text, 'request'), roundMs),
  ]);
  const counted = all.slice(WARM_UP_ROUNDS);
  const own = counted.map(([, micros]) => micros!);
  const bytes = Buffer.byteLength(text);
  const ratios = counted.map(([usualMicros, micros]) => micros! / bytes / usualMicros!);
  return { name, bytes, micros: median(own)!, rounds: own, ratio: median(ratios)! };
}

function callFigure(redactor: Redactor, measure: Measure): Figure {
  const document = JsonDocument.parse(FINDING_BODY);
  return measure('a call with one e-mail address, already parsed', FINDING_BODY.length, () => {
    redactor.redactDocument(document, 'request', SILENT);
  });
}

/** Events parse their data when it is first asked for: they are new each time, and their making is taken off. */
function deltaFigure(redactor: Redactor, measure: Measure): Figure {
  const pieces = Array.from({ length: STREAM_SIZE / DELTA_CHARS }, (_, index) =>
    deltaBytes(prose(STREAM_SIZE).slice(index * DELTA_CHARS, (index + 1) * DELTA_CHARS)),
  );
  const emit = (): void => undefined;
  const streaming = measure('a stream', STREAM_SIZE, () => {
    const stream = redactor.openStream('chat', SILENT);
    for (const piece of pieces) stream.push(new SseEvent(piece), emit);
    stream.flush('end', emit);
  });
  const making = measure('its events', STREAM_SIZE, () => void pieces.map((piece) => new SseEvent(piece)));
  const rounds = streaming.rounds.map((micros) => (micros - making.micros) / pieces.length);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0) / pieces.length;
  return { name: `a streamed delta of ${DELTA_CHARS} characters`, bytes, micros: median(rounds)!, rounds };
}

function deltaBytes(content: string): Buffer {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }];
  const head = { id: 'chatcmpl-C6xkzBench', object: 'chat.completion.chunk', created: 1_757_000_000, model: 'm' };
  return Buffer.from(`data: ${JSON.stringify({ ...head, choices })}\n\n`);
}
