import type {
  DetectorConfig,
  DetectorQuestion,
  EntityRule,
  ExternalDetector,
  ExternalSpan,
} from '../../core/external-detector.ts';
import type { JsonDocument } from '../../core/json-document.ts';
import type { Finding, RedactionLog } from '../../core/redaction.ts';
import { Places } from '../places.ts';
import { outermostEdits, tell } from '../redact-document.ts';
import { forOneText, type ScanContext } from '../span-settler.ts';
import { TokenEdits } from '../token-edits.ts';
import { askedTexts, editsFor, type AskedText, type ChangedText } from './asked-texts.ts';
import { replaceFindings, ruled, type RuledSpan } from './settle-findings.ts';

interface AskedDetector {
  readonly detector: ExternalDetector;
  readonly rules: ReadonlyMap<string, EntityRule>;
}

/** What the detectors outside the process find, by the rules of one policy. */
export class ExternalRules {
  /** Those of which something is wanted. */
  private readonly asked: readonly AskedDetector[];

  constructor(configs: readonly DetectorConfig[], detectors: ReadonlyMap<string, ExternalDetector>) {
    this.asked = configs.flatMap(({ name, entities }) => {
      const detector = detectors.get(name);
      const isOn = detector !== undefined && entities.some(({ request }) => request !== 'allow');
      return isOn ? [{ detector, rules: new Map(entities.map((rule) => [rule.entity, rule])) }] : [];
    });
  }

  get isEmpty(): boolean {
    return this.asked.length === 0;
  }

  /** @throws GatewayError `detector_unavailable`, `secret_detected` */
  async redact(
    context: ScanContext,
    document: JsonDocument,
    asking: Omit<DetectorQuestion, 'texts'>,
    log: RedactionLog,
  ): Promise<JsonDocument> {
    const texts = askedTexts(document);
    if (texts.length === 0) return document;
    const spans = await this.ask(texts, asking);
    return replaced(forOneText(context), document, texts, spans, log);
  }

  /** @returns the spans of each text */
  private async ask(asked: readonly AskedText[], asking: Omit<DetectorQuestion, 'texts'>): Promise<RuledSpan[][]> {
    const texts = asked.map(({ text }) => text);
    const question = { ...asking, texts };
    const answers = await Promise.all(this.asked.map(({ detector }) => detector.ask(question)));
    return texts.map((_, index) =>
      answers.flatMap((found: readonly (readonly ExternalSpan[])[], from) =>
        ruled(found[index]!, this.asked[from]!.rules),
      ),
    );
  }
}

function replaced(
  context: ScanContext,
  document: JsonDocument,
  texts: readonly AskedText[],
  spans: readonly (readonly RuledSpan[])[],
  log: RedactionLog,
): JsonDocument {
  const places = new Places(context.rules);
  const changed: ChangedText[] = [];
  for (const [index, asked] of texts.entries()) {
    if (spans[index]!.length === 0) continue;
    const onFinding = (finding: Finding): void => tell(log, 'request', finding, places.of(asked.node));
    const text = replaceFindings(context, asked.text, spans[index]!, onFinding);
    if (text !== asked.text) changed.push({ asked, text });
  }
  if (changed.length === 0) return document;
  const edits = editsFor(changed);
  const tokens = new TokenEdits(document, edits);
  for (const { asked } of changed) tokens.changed(asked.node);
  return document.edited(outermostEdits(edits));
}
