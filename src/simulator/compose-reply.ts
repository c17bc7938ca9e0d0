import type { OutgoingHttpHeaders } from 'node:http';
import { errorTypeHeader, failureBody, RequestFailure, type Dialect, type Failure } from './failure.ts';
import { drawDelay, type ResolvedProfile } from './profile.ts';
import { modelList, modelObject } from './protocols/models.ts';
import { outputTokensOf, type ComputationProtocol, type GenerationProtocol, type Stamp } from './protocols/protocol.ts';
import { Random } from './random.ts';
import type { ModelCall } from './read-request.ts';
import { bodyTransmission, type BodyOptions, type TextTransmission } from './transmission.ts';
import { takeTurn } from './turn.ts';

const SSE_TYPE = 'text/event-stream; charset=utf-8';

/** A reply before any fault. */
export interface Reply {
  readonly plan: TextTransmission;
  readonly streamed: boolean;
  /** Billed whatever becomes of the reply. */
  readonly inputTokens: number;
}

/** What the simulator adds to a call in order to answer it. */
interface Answering {
  readonly seed: number;
  readonly profile: ResolvedProfile;
  readonly stamp: Stamp;
  /** Differs from request to request. */
  readonly fate: Random;
  /** The dialect's standard headers. */
  readonly headers: Readonly<OutgoingHttpHeaders>;
}

/** @throws InvalidRequest */
export function composeReply(call: ModelCall, answering: Answering): Reply {
  const { protocol } = call;
  return protocol.kind === 'generation' ? generate(protocol, call, answering) : compute(protocol, call, answering);
}

function generate(protocol: GenerationProtocol, call: ModelCall, answering: Answering): Reply {
  const { seed, profile, stamp, fate, headers } = answering;
  const prompt = protocol.readPrompt(call.body, call.model);
  const { streamed } = call;
  const firstMs = drawDelay(streamed ? profile.ttft : profile.latency, fate);
  const conversation = new Random(seed, call.model, prompt.conversation).hex(16);
  const turns = Array.from({ length: prompt.choices }, (_, choice) =>
    takeTurn({ prompt, profile, fate, content: new Random(conversation, choice), requestText: call.text }),
  );
  const rendering = { body: call.body, prompt, turns, stamp };
  const { inputTokens } = prompt;
  if (!streamed) {
    const body = jsonPlan(protocol.dialect, headers, protocol.renderBody(rendering), {
      firstMs,
      tokens: outputTokensOf(turns),
    });
    return { plan: body, streamed, inputTokens };
  }
  const events = protocol.renderEvents(rendering);
  const plan: TextTransmission = {
    status: 200,
    headers: { ...headers, 'content-type': protocol.framing?.contentType ?? SSE_TYPE, 'cache-control': 'no-cache' },
    chunks: events.map(({ text }) => text),
    firstMs,
    betweenMs: profile.interTokenMs,
    ending: 'end',
    written: running(events.map(({ tokens }) => tokens)),
    ...(protocol.framing === undefined ? {} : { frame: protocol.framing.frame }),
  };
  return { plan, streamed, inputTokens };
}

function compute(protocol: ComputationProtocol, call: ModelCall, answering: Answering): Reply {
  const { profile, stamp, fate, headers } = answering;
  const { body, inputTokens } = protocol.compute(call.body, stamp);
  const firstMs = drawDelay(profile.latency, fate);
  return { plan: jsonPlan(protocol.dialect, headers, body, { firstMs, tokens: 0 }), streamed: false, inputTokens };
}

function running(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((number) => (sum += number));
}

/** GET /models and /models/{id}. Any id is a model. @throws RequestFailure for an id that is not percent-encoded */
export function composeModels(
  path: string,
  dialect: Dialect,
  names: readonly string[],
  headers: Readonly<OutgoingHttpHeaders>,
): Reply {
  const id = path.slice('/models/'.length);
  const value = id === '' ? modelList(dialect, names) : modelObject(dialect, decodeName(id));
  return unbilled(jsonPlan(dialect, headers, value));
}

function decodeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new RequestFailure(404, `The model '${encoded}' does not exist`, 'model');
  }
}

export function composeFailure(
  dialect: Dialect,
  failure: Failure,
  requestId: string,
  headers: Readonly<OutgoingHttpHeaders>,
): Reply {
  const body = failureBody(dialect, failure, requestId);
  const type = { 'content-type': 'application/json', ...errorTypeHeader(dialect, failure.status) };
  return unbilled(bodyTransmission(failure.status, { ...headers, ...type }, body));
}

function unbilled(plan: TextTransmission): Reply {
  return { plan, streamed: false, inputTokens: 0 };
}

/** OpenAI and Google indent their JSON, the others do not. */
function jsonPlan(
  dialect: Dialect,
  headers: Readonly<OutgoingHttpHeaders>,
  value: unknown,
  options: BodyOptions = {},
): TextTransmission {
  const body = dialect === 'openai' || dialect === 'google' ? JSON.stringify(value, null, 2) : JSON.stringify(value);
  return bodyTransmission(200, { ...headers, 'content-type': 'application/json' }, body, options);
}
