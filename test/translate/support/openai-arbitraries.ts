import * as fc from 'fast-check';

/** A text that nothing else holds: what is lost is seen. */
export class Markers {
  readonly made: string[] = [];

  next(text: string): string {
    const marker = `<${this.made.length}:${text}>`;
    this.made.push(marker);
    return marker;
  }
}

const image = fc.constantFrom(
  'https://pics.example/a.png',
  'data:image/png;base64,AAAA',
  'data:image/png;x=1;base64,AAAA',
);
const word = fc.string({ maxLength: 8 });
const MESSAGE_KINDS = ['system', 'developer', 'user', 'parts', 'assistant', 'calls', 'thoughts', 'refusal'] as const;
const message = fc.record({
  kind: fc.constantFrom(...MESSAGE_KINDS),
  a: word,
  b: word,
  url: image,
  isCustom: fc.boolean(),
});
type Plan = typeof message extends fc.Arbitrary<infer T> ? T : never;

export interface Generated {
  readonly body: Record<string, unknown>;
  /** All that must not be lost. */
  readonly texts: readonly string[];
}

/** Requests of chat clients. */
export const chatRequests: fc.Arbitrary<Generated> = fc.array(message, { maxLength: 12 }).map((plans) => {
  const markers = new Markers();
  const messages = plans.flatMap((plan, index) => chatMessages(plan, index, markers));
  return { body: { model: 'm', messages }, texts: markers.made };
});

function chatMessages({ kind, a, b, url, isCustom }: Plan, index: number, markers: Markers): object[] {
  const id = `call-${index}`;
  switch (kind) {
    case 'parts':
      return [
        {
          role: 'user',
          content: [
            { type: 'text', text: markers.next(a) },
            { type: 'image_url', image_url: { url } },
            { type: 'text', text: markers.next(b) },
          ],
        },
      ];
    case 'calls': {
      const called = isCustom
        ? { type: 'custom', custom: { name: markers.next(''), input: markers.next(a) } }
        : { type: 'function', function: { name: markers.next(''), arguments: JSON.stringify({ index }) } };
      return [
        { role: 'assistant', content: markers.next(b), tool_calls: [{ id, ...called }] },
        { role: 'tool', tool_call_id: id, content: markers.next(a) },
      ];
    }
    case 'thoughts':
      return [{ role: 'assistant', content: markers.next(a), reasoning_content: b }];
    case 'refusal':
      return [{ role: 'assistant', content: null, refusal: markers.next(a) }];
    default:
      return [{ role: kind, content: markers.next(a) }];
  }
}

/** Requests of Responses clients. */
export const responsesRequests: fc.Arbitrary<Generated> = fc.array(message, { maxLength: 12 }).map((plans) => {
  const markers = new Markers();
  const input = plans.flatMap((plan, index) => items(plan, index, markers));
  return { body: { model: 'm', instructions: markers.next('be'), input }, texts: markers.made };
});

function items({ kind, a, b, url, isCustom }: Plan, index: number, markers: Markers): object[] {
  const call_id = `call-${index}`;
  switch (kind) {
    case 'parts':
      return [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: markers.next(a) },
            { type: 'input_image', image_url: url },
            { type: 'input_text', text: markers.next(b) },
          ],
        },
      ];
    case 'calls': {
      const name = markers.next('');
      const call = isCustom
        ? { type: 'custom_tool_call', call_id, name, input: markers.next(a) }
        : { type: 'function_call', call_id, name, arguments: JSON.stringify({ index }) };
      return [call, { type: call.type.concat('_output'), call_id, output: markers.next(b) }];
    }
    case 'thoughts':
      return [{ type: 'reasoning', summary: [{ type: 'summary_text', text: a }], encrypted_content: b }];
    case 'refusal':
      return [{ role: 'assistant', content: [{ type: 'refusal', refusal: markers.next(a) }] }];
    default:
      return [{ role: kind, content: markers.next(a) }];
  }
}

/** The same with something in it that is not what it should be. */
export function broken(requests: fc.Arbitrary<Generated>): fc.Arbitrary<unknown> {
  return fc.tuple(requests, fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([{ body }, at, value]) => {
    const text = JSON.stringify(body);
    const places = [...text.matchAll(/:(?="|\{|\[)/g)].map(({ index }) => index + 1);
    let place = places[at % places.length]!;
    let count = 0;
    return JSON.parse(text, (_, member: unknown) =>
      count++ === place % 40 ? ((place = -1), value) : member,
    ) as unknown;
  });
}
