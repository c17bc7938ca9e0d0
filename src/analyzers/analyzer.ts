import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type {
  DetectorConfig,
  DetectorQuestion,
  DetectorResult,
  ExternalDetector,
  ExternalSpan,
} from '../core/external-detector.ts';
import type { Milliseconds } from '../core/units.ts';
import { AnalyzerClient, CallFailure } from './analyzer-client.ts';
import { Batch } from './batches.ts';
import { joinSpans } from './join-spans.ts';
import { piecesOf, type Piece } from './pieces.ts';
import { readAnswer } from './read-answer.ts';
import { Slots } from './slots.ts';

/** Texts whose findings are remembered: a history comes again with every turn. */
const TEXTS_REMEMBERED = 4_096;

/** Whether a call may be made now, and what became of it. */
interface Circuit {
  tryAcquire(): boolean;
  succeeded(): void;
  failed(): void;
  undecided(): void;
}

/** By text; what could not be judged is not in it. */
type Judged = Map<string, readonly ExternalSpan[]>;

type Failed = Exclude<DetectorResult, 'ok'>;

/** One analyzer as Presidio serves it. @source https://microsoft.github.io/presidio/api-docs/api-docs.html */
export class Analyzer implements ExternalDetector {
  readonly config: DetectorConfig;
  private readonly client: AnalyzerClient;
  private readonly circuit: Circuit;
  private readonly clock: Clock;
  private readonly slots: Slots;
  private readonly entities: readonly string[];
  /** Places only, by a hash of the text. */
  private readonly known = new LRUCache<string, readonly ExternalSpan[]>({ max: TEXTS_REMEMBERED });
  private isDown = false;

  constructor(config: DetectorConfig, circuit: Circuit, clock: Clock) {
    this.config = config;
    this.circuit = circuit;
    this.clock = clock;
    this.client = new AnalyzerClient(config);
    this.slots = new Slots(config.concurrency);
    this.entities = [...new Set(config.entities.map(({ entity }) => entity))];
  }

  async ask(question: DetectorQuestion): Promise<readonly (readonly ExternalSpan[])[]> {
    const language = this.languageOf(question);
    const pieces = piecesOf(question.texts, this.config.maxText);
    const judged = this.remembered(pieces, language, question.tenant);
    const unknown = [...new Set(pieces.filter(({ text }) => !judged.has(text)).map(({ text }) => text))];
    if (unknown.length > 0) await this.judge(unknown, language, question, judged);
    return toTexts(question.texts.length, pieces, judged);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private languageOf(question: DetectorQuestion): string {
    const { languages } = this.config;
    const spoken = languages.length > 1 ? question.language() : '';
    return languages.includes(spoken) ? spoken : languages[0]!;
  }

  private remembered(pieces: readonly Piece[], language: string, tenant: string): Judged {
    const judged: Judged = new Map();
    for (const { text } of pieces) {
      const spans = this.known.get(keyOf(text, language, tenant));
      if (spans !== undefined) judged.set(text, spans);
    }
    return judged;
  }

  /** Where one call fails and the request with it, the others are given up. */
  private async judge(
    texts: readonly string[],
    language: string,
    question: DetectorQuestion,
    judged: Judged,
  ): Promise<void> {
    const { maxText, failure } = this.config;
    const others = new AbortController();
    const asked = { ...question, signal: AbortSignal.any([question.signal, others.signal]) };
    const one = async (batch: Batch): Promise<void> => {
      const spans = await this.call(batch, language, asked);
      if (typeof spans === 'string') {
        const { aborted, reason } = question.signal;
        if (failure === 'closed' || aborted) throw this.unavailable(aborted ? String(reason) : spans);
        return;
      }
      for (const [index, text] of batch.texts.entries()) {
        judged.set(text, spans[index]!);
        this.known.set(keyOf(text, language, question.tenant), spans[index]!);
      }
    };
    try {
      await Promise.all(Batch.of(texts, maxText).map(one));
    } finally {
      others.abort();
    }
  }

  /** @returns the spans of each text of the batch, or why there are none */
  private async call(
    batch: Batch,
    language: string,
    question: DetectorQuestion,
  ): Promise<readonly ExternalSpan[][] | Failed> {
    if (!(await this.slots.take(question.signal))) return 'cancelled';
    const started = this.clock.now();
    try {
      const spans = this.circuit.tryAcquire() ? await this.post(batch.text, language, question.signal) : 'circuit_open';
      this.tell(question, typeof spans === 'string' ? spans : 'ok', this.clock.now() - started);
      return typeof spans === 'string' ? spans : batch.split(spans);
    } finally {
      this.slots.give();
    }
  }

  private async post(text: string, language: string, signal: AbortSignal): Promise<ExternalSpan[] | Failed> {
    const { entities, client, circuit, config } = this;
    const body = JSON.stringify({ text, language, entities, score_threshold: config.minScore });
    try {
      const answer = readAnswer(await client.post(body, signal), text);
      if (answer === null) throw new CallFailure('bad_answer');
      circuit.succeeded();
      return joinSpans(answer.filter(({ entity, score }) => score >= config.minScore && entities.includes(entity)));
    } catch (error) {
      const result = error instanceof CallFailure ? error.result : 'bad_answer';
      if (result === 'cancelled') circuit.undecided();
      else circuit.failed();
      return result;
    }
  }

  private tell(question: DetectorQuestion, result: DetectorResult, durationMs: Milliseconds): void {
    const isDown = result === 'cancelled' || result === 'circuit_open' ? this.isDown : result !== 'ok';
    const change = isDown === this.isDown ? null : isDown ? 'down' : 'up';
    this.isDown = isDown;
    question.called({ detector: this.config.name, result, durationMs, change });
  }

  private unavailable(reason: string): GatewayError {
    const message = `The detector "${this.config.name}" could not judge the request (${reason}); try again.`;
    return new GatewayError('detector_unavailable', message, { retryAfterSeconds: 1 });
  }
}

/** Per tenant: what stood beside a text when it was judged is the work of the same one. */
function keyOf(text: string, language: string, tenant: string): string {
  return hash('sha256', `${tenant}|${language}|${text}`, 'base64');
}

function toTexts(count: number, pieces: readonly Piece[], judged: Judged): readonly (readonly ExternalSpan[])[] {
  const spans: ExternalSpan[][] = Array.from({ length: count }, () => []);
  for (const { text, index, offset } of pieces)
    for (const span of judged.get(text) ?? [])
      spans[index]!.push({ ...span, start: span.start + offset, end: span.end + offset });
  return spans.map((each) => (each.length > 1 ? joinSpans(each) : each));
}
