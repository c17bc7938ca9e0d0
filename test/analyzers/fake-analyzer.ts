import { startFakeUpstream, type FakeUpstream, type UpstreamCall } from '../support/fake-upstream.ts';

export interface AnalyzerRequest {
  readonly text: string;
  readonly language: string;
  readonly entities: readonly string[];
  readonly score_threshold: number;
}

export const askedOf = ({ body }: UpstreamCall): AnalyzerRequest =>
  JSON.parse(body.toString('utf8')) as AnalyzerRequest;

const codePointsIn = (text: string): number => [...text].length;

/** Every occurrence of the values, by entity; places in code points, as Python counts. */
export function findingsIn(text: string, values: Readonly<Record<string, readonly string[]>>): unknown[] {
  return Object.entries(values).flatMap(([entity_type, each]) =>
    each.flatMap((value) =>
      Array.from(text.matchAll(new RegExp(value, 'g')), ({ index }) => {
        const start = codePointsIn(text.slice(0, index));
        return { entity_type, start, end: start + codePointsIn(value), score: 0.85, analysis_explanation: null };
      }),
    ),
  );
}

export function answerJson({ outgoing }: UpstreamCall, status: number, body: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** An analyzer that knows these values and nothing else. */
export function startFakeAnalyzer(values: Readonly<Record<string, readonly string[]>>): Promise<FakeUpstream> {
  return startFakeUpstream((call) => answerJson(call, 200, JSON.stringify(findingsIn(askedOf(call).text, values))));
}
