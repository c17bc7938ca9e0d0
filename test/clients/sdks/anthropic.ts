import Anthropic from '@anthropic-ai/sdk';
import {
  MAX_TOKENS,
  NAMED_TOOL,
  RESULT,
  THINKING_BUDGET,
  TOOL_NAMES,
  WEATHER_SCHEMA,
  type Asked,
  type ClientKind,
  type Told,
} from '../client-kind.ts';
import { conversing, optionsOf } from './conversation.ts';

type Param = Anthropic.MessageParam;
type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;

const INPUT_SCHEMA = { ...WEATHER_SCHEMA, required: [...WEATHER_SCHEMA.required] };
const TOOLS = TOOL_NAMES.map((name) => ({ name, input_schema: INPUT_SCHEMA }));
const FINISHES: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
};

export const anthropic: ClientKind = {
  name: 'anthropic',
  wire: 'messages',
  open({ url, apiKey, maxRetries }) {
    const client = new Anthropic({ baseURL: url, apiKey, maxRetries });
    return conversing({ question, told, next, turn: (asked, messages) => turn(client, asked, messages) });
  },
};

function next({ content }: Anthropic.Message): Param[] {
  const results = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: RESULT }] : [],
  );
  return [
    { role: 'assistant', content },
    { role: 'user', content: results },
  ];
}

async function turn(client: Anthropic, asked: Asked, messages: Param[]): Promise<Anthropic.Message> {
  const body = bodyOf(asked, messages);
  const options = optionsOf(asked);
  if (!asked.stream) return client.messages.create(body, options);
  const stream = client.messages.stream(body, options);
  stream.on('text', () => asked.onFirst?.());
  return stream.finalMessage();
}

function bodyOf({ model, tools, schema, reasons, maxTokens }: Asked, messages: Param[]): Body {
  return {
    model,
    messages,
    max_tokens: maxTokens ?? MAX_TOKENS,
    ...(tools === undefined ? {} : { tools: TOOLS, tool_choice: choiceOf(tools) }),
    ...(schema === true ? { output_config: { format: { type: 'json_schema', schema: WEATHER_SCHEMA } } } : {}),
    ...(reasons === true ? { thinking: { type: 'enabled', budget_tokens: THINKING_BUDGET } } : {}),
  };
}

function choiceOf(tools: NonNullable<Asked['tools']>): Anthropic.ToolChoice {
  if (tools === 'named') return { type: 'tool', name: NAMED_TOOL };
  return { type: tools === 'required' ? 'any' : tools };
}

function question({ prompt, image }: Asked): Param {
  if (image === undefined) return { role: 'user', content: prompt };
  return {
    role: 'user',
    content: [
      { type: 'text', text: prompt },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } },
    ],
  };
}

function told({ content, stop_reason: reason, usage }: Anthropic.Message): Told {
  return {
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [])),
    finish: FINISHES[reason ?? ''] ?? reason,
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  };
}
