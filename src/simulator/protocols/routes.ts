import { RequestFailure, type Dialect } from '../failure.ts';
import { anthropicCountTokens, anthropicMessages } from './anthropic-messages.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { geminiGenerate } from './gemini-generate.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiCompletions } from './openai-completions.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiModerations } from './openai-moderations.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Protocol } from './protocol.ts';

/** What a POST path asks for. */
export interface Route {
  readonly protocol: Protocol;
  /** Null: the body names it. */
  readonly model: string | null;
  /** Null: the body tells. */
  readonly streamed: boolean | null;
}

/** The protocol of each POST path, without its `/v1`. */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['/chat/completions', openaiChat],
  ['/completions', openaiCompletions],
  ['/responses', openaiResponses],
  ['/embeddings', openaiEmbeddings],
  ['/moderations', openaiModerations],
  ['/messages', anthropicMessages],
  ['/messages/count_tokens', anthropicCountTokens],
]);

/** With an API key `/v1beta/models/M:verb`; of Vertex the same behind a project, a location and a publisher. */
const GEMINI_PATH =
  /^\/(?:v1beta1?\/)?(?:projects\/[^/]+\/locations\/[^/]+\/publishers\/[^/]+\/)?models\/([^/:]+):(g|streamG)enerateContent$/;
const BEDROCK_PATH = /^\/model\/([^/]+)\/converse(-stream)?$/;

/** Null: nobody serves it. @throws RequestFailure for a model that is not percent-encoded */
export function routeOf(path: string): Route | null {
  const protocol = PROTOCOLS.get(path);
  if (protocol !== undefined) return { protocol, model: null, streamed: null };
  const gemini = GEMINI_PATH.exec(path);
  if (gemini !== null) return { protocol: geminiGenerate, model: decoded(gemini[1]!), streamed: gemini[2] !== 'g' };
  const bedrock = BEDROCK_PATH.exec(path);
  if (bedrock === null) return null;
  return { protocol: bedrockConverse, model: decoded(bedrock[1]!), streamed: bedrock[2] !== undefined };
}

/** The family that a path belongs to, also where nobody serves it. */
export function dialectOf(path: string, saysAnthropic: boolean): Dialect {
  if (/^\/(?:v1beta1?|projects)\//.test(path) || GEMINI_PATH.test(path)) return 'google';
  if (path.startsWith('/model/')) return 'aws';
  return saysAnthropic || path.startsWith('/messages') ? 'anthropic' : 'openai';
}

/** As statistics name it: OpenAI's and Anthropic's paths with their `/v1`, also where the client left it out. */
export function versionedPath(path: string): string {
  return /^\/(?:v1beta1?|model)\//.test(path) ? path : `/v1${path}`;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw new RequestFailure(404, `The model '${name}' does not exist`, 'model');
  }
}
