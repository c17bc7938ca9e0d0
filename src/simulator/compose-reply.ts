import type { OutgoingHttpHeaders } from 'node:http';
import type { Milliseconds } from '../core/units.ts';
import { errorTypeHeader, failureBody, RequestFailure, type Dialect, type Failure } from './failure.ts';
import { drawDelay, type ResolvedProfile } from './profile.ts';
import { modelList, modelObject } from './protocols/models.ts';
import { outputTokensOf, type ComputationProtocol, type GenerationProtocol, type Stamp } from './protocols/protocol.ts';
import { Random } from './random.ts';
import type { ModelCall } from './read-request.ts';
import type { Bill } from './stats.ts';
import { bodyTransmission, type TextTransmission } from './transmission.ts';
import { takeTurn } from './turn.ts';

const SSE_TYPE = 'text/event-stream; charset=utf-8';
const NOTHING: Bill = { inputTokens: 0, outputTokens: 0 };

/** A reply before any fault, and what it is billed. */
export interface Reply {
  readonly plan: TextTransmission;
  readonly streamed: boolean;
  readonly bill: Bill;
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
  const bill = { inputTokens: prompt.inputTokens, outputTokens: outputTokensOf(turns) };
  if (!streamed) {
    return buffered(jsonPlan(protocol.dialect, headers, protocol.renderBody(rendering), firstMs), bill);
  }
  const plan: TextTransmission = {
    status: 200,
    headers: { ...headers, 'content-type': protocol.framing?.contentType ?? SSE_TYPE, 'cache-control': 'no-cache' },
    chunks: protocol.renderEvents(rendering),
    firstMs,
    betweenMs: profile.interTokenMs,
    ending: 'end',
    replyShare: 1,
    ...(protocol.framing === undefined ? {} : { frame: protocol.framing.frame }),
  };
  return { plan, streamed, bill };
}

function compute(protocol: ComputationProtocol, call: ModelCall, answering: Answering): Reply {
  const { profile, stamp, fate, headers } = answering;
  const { body, inputTokens } = protocol.compute(call.body, stamp);
  const firstMs = drawDelay(profile.latency, fate);
  return buffered(jsonPlan(protocol.dialect, headers, body, firstMs), { inputTokens, outputTokens: 0 });
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
  return buffered(jsonPlan(dialect, headers, value), NOTHING);
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
  return buffered(bodyTransmission(failure.status, { ...headers, ...type }, body), NOTHING);
}

function buffered(plan: TextTransmission, bill: Bill): Reply {
  return { plan, streamed: false, bill };
}

/** OpenAI and Google indent their JSON, the others do not. */
function jsonPlan(
  dialect: Dialect,
  headers: Readonly<OutgoingHttpHeaders>,
  value: unknown,
  firstMs: Milliseconds = 0,
): TextTransmission {
  const body = dialect === 'openai' || dialect === 'google' ? JSON.stringify(value, null, 2) : JSON.stringify(value);
  return bodyTransmission(200, { ...headers, 'content-type': 'application/json' }, body, firstMs);
}
