import type { JsonValue } from '../../core/rollout.ts';
import type { TokenUsage } from '../completion.ts';
import type { ReplyContext } from '../format.ts';
import type { JsonObject } from '../openai/fields.ts';
import type { Status } from './status.ts';
import { writeUsage } from './usage.ts';
import { writeFormat } from './write-request.ts';
import { writeTool, writeToolChoice } from './write-tools.ts';

/** What a response says of itself, beside its items. */
export interface ResponseFacts {
  readonly id: string | null;
  readonly model: string | null;
  readonly createdAt: number | null;
  readonly serviceTier: string | null;
}

/** The object that whole replies are, and that a stream repeats; most of it is the request again. */
export function writeResponse(
  facts: ResponseFacts,
  context: ReplyContext,
  { status, error, incomplete_details }: Status,
  output: readonly JsonValue[],
  usage: TokenUsage | null,
): JsonObject {
  const { id, model, createdAt, serviceTier } = facts;
  return {
    id: id !== null && id.startsWith('resp_') ? id : `resp_${context.id}`,
    object: 'response',
    created_at: createdAt ?? context.now,
    status,
    background: false,
    error,
    incomplete_details,
    ...echo(context),
    model: model ?? context.conversation.model,
    output,
    previous_response_id: null,
    service_tier: serviceTier ?? 'default',
    store: false,
    truncation: 'disabled',
    usage: usage === null ? null : writeUsage(usage),
  };
}

function echo({ conversation }: ReplyContext): JsonObject {
  const { system, tools, toolChoice, parallelTools, output, reasoning, sampling, user, rest } = conversation;
  return {
    instructions: system[0]?.text ?? null,
    max_output_tokens: sampling.maxTokens,
    metadata: rest.get('metadata') ?? {},
    parallel_tool_calls: parallelTools ?? true,
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    temperature: sampling.temperature ?? 1,
    text: { format: output === null ? { type: 'text' } : writeFormat(output) },
    tool_choice: toolChoice === null ? 'auto' : writeToolChoice(toolChoice, tools),
    tools: tools.flatMap((tool) => writeTool(tool) ?? []),
    top_p: sampling.topP ?? 1,
    user,
  };
}
