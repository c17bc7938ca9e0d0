import { sampleJson } from './json-schema-sample.ts';
import { PHRASES } from './phrases.ts';
import type { ResolvedProfile } from './profile.ts';
import type { Prompt, ToolSpec } from './prompt.ts';
import type { Random } from './random.ts';
import { firstTokens, tokensOf, writeSentences, writeWords } from './text.ts';

const BROKEN_JSON_SHARE = 0.6; // of the text that is left when JSON is broken off

/** Of the name of a tool that is called. */
export const NAME_TOKENS = 1;

interface ToolCall {
  readonly name: string;
  /** JSON text of an object. */
  readonly arguments: string;
}

/** What the model says in one choice of a reply. */
export interface Turn {
  readonly text: string;
  readonly refused: boolean;
  readonly toolCalls: readonly ToolCall[];
  readonly end: 'stop' | 'stop_sequence' | 'length' | 'tool_calls' | 'refusal';
  /** The matched one when `end` is `stop_sequence`. */
  readonly stopSequence: string | null;
  readonly outputTokens: number;
}

interface Speaker {
  readonly prompt: Prompt;
  readonly profile: ResolvedProfile;
  /** The received body, for `echo-request`. */
  readonly requestText: string;
  /** Differs from request to request: decides by the profile's rates. */
  readonly fate: Random;
  /** The same for equal conversations: decides the words. */
  readonly content: Random;
}

/** Decides and writes one choice. Tool calls are never cut by the token limit. */
export function takeTurn(speaker: Speaker): Turn {
  const { fate, profile, prompt } = speaker;
  // Drawn in a fixed order, whether needed or not, so that one rate does not shift another's draws.
  const refuses = fate.chance(profile.refusalRate);
  const wantsTools = fate.chance(profile.toolCallRate);
  const breaksJson = fate.chance(profile.invalidJsonRate);
  if (refuses) return refuse(profile);
  if (mustCall(prompt) || (wantsTools && mayCall(prompt, profile))) return callTools(speaker);
  return endText(prompt.jsonSchema === null ? writeText(speaker) : writeJson(speaker, breaksJson), prompt);
}

function refuse(profile: ResolvedProfile): Turn {
  const text = PHRASES[profile.language].refusal;
  const outputTokens = tokensOf(text.length);
  return { text, refused: true, toolCalls: [], end: 'refusal', stopSequence: null, outputTokens };
}

function mustCall(prompt: Prompt): boolean {
  return prompt.tools.length > 0 && (prompt.toolChoice === 'required' || typeof prompt.toolChoice === 'object');
}

/** An echoing model answers with the echo, so that a client's tools do not hide it. */
function mayCall(prompt: Prompt, profile: ResolvedProfile): boolean {
  return prompt.toolChoice === 'auto' && prompt.tools.length > 0 && !prompt.answersTool && profile.reply === 'text';
}

function callTools(speaker: Speaker): Turn {
  const { prompt, profile, content } = speaker;
  const count = prompt.parallelTools ? profile.parallelToolCalls : 1;
  const toolCalls = chooseTools(prompt, content, count).map((tool) => ({
    name: tool.name,
    arguments: JSON.stringify(sampleJson(tool.schema, content, () => writeString(speaker))),
  }));
  const text = prompt.speaksBeforeTools && prompt.toolChoice === 'auto' ? PHRASES[profile.language].beforeTools : '';
  const called = toolCalls.reduce((sum, call) => sum + NAME_TOKENS + tokensOf(call.arguments.length), 0);
  const outputTokens = tokensOf(text.length) + called;
  return { text, refused: false, toolCalls, end: 'tool_calls', stopSequence: null, outputTokens };
}

function chooseTools({ tools, toolChoice }: Prompt, random: Random, count: number): ToolSpec[] {
  const named = typeof toolChoice === 'object' ? tools.filter((tool) => tool.name === toolChoice.name) : tools;
  const candidates = named.length > 0 ? named : tools;
  const first = random.integer(0, candidates.length - 1);
  return Array.from({ length: count }, (_, index) => candidates[(first + index) % candidates.length] as ToolSpec);
}

function writeText({ profile, prompt, content, requestText }: Speaker): string {
  if (profile.reply === 'echo') return prompt.lastUserText;
  if (profile.reply === 'echo-request') return requestText;
  const { median, sigma } = profile.outputTokens;
  return writeSentences(Math.max(1, Math.round(content.logNormal(median, sigma))), profile.language, content);
}

function writeJson(speaker: Speaker, broken: boolean): string {
  const text = JSON.stringify(sampleJson(speaker.prompt.jsonSchema, speaker.content, () => writeString(speaker)));
  return broken ? text.slice(0, Math.floor(text.length * BROKEN_JSON_SHARE)) : text;
}

function writeString({ profile, prompt, content, requestText }: Speaker): string {
  if (profile.reply === 'echo') return prompt.lastUserText;
  return profile.reply === 'echo-request' ? requestText : writeWords(profile.language, content);
}

/** Ends at the first stop sequence, or at the token limit when that comes earlier. */
function endText(written: string, { stop, maxTokens }: Prompt): Turn {
  const stopped = firstStop(written, stop);
  const said = stopped === null ? written : written.slice(0, stopped.at);
  if (maxTokens !== null && tokensOf(said.length) > maxTokens) {
    return textTurn(firstTokens(said, maxTokens), 'length', null);
  }
  return stopped === null ? textTurn(said, 'stop', null) : textTurn(said, 'stop_sequence', stopped.sequence);
}

function textTurn(text: string, end: Turn['end'], stopSequence: string | null): Turn {
  return { text, refused: false, toolCalls: [], end, stopSequence, outputTokens: tokensOf(text.length) };
}

function firstStop(text: string, stops: readonly string[]): { at: number; sequence: string } | null {
  let first: { at: number; sequence: string } | null = null;
  for (const sequence of stops) {
    const at = text.indexOf(sequence);
    if (at !== -1 && (first === null || at < first.at)) first = { at, sequence };
  }
  return first;
}
