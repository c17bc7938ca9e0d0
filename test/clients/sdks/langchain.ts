import {
  HumanMessage,
  ToolMessage,
  type AIMessageChunk,
  type BaseMessage,
  type UsageMetadata,
} from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import type { Wire } from '../../../src/core/translation.ts';
import {
  NAMED_TOOL,
  RESULT,
  TOOL_NAMES,
  WEATHER_SCHEMA,
  type Asked,
  type ClientKind,
  type ClientOptions,
  type Told,
} from '../client-kind.ts';

const TOOLS = TOOL_NAMES.map((name) => ({
  type: 'function' as const,
  function: { name, parameters: WEATHER_SCHEMA },
}));

function langchain(name: string, wire: Wire): ClientKind {
  return {
    name,
    wire,
    // `tool_choice: none` is left out.
    lacks: wire === 'responses' ? ['no tools'] : [],
    open(options) {
      return {
        ask: async (asked) => told(await turn(options, wire, asked, [question(asked)])),
        loop: (asked) => loop(options, wire, asked),
      };
    },
  };
}

export const langchainKinds: readonly ClientKind[] = [
  langchain('langchain, openai chat', 'chat'),
  langchain('langchain, openai responses', 'responses'),
];

async function loop(options: ClientOptions, wire: Wire, asked: Asked): Promise<Told> {
  const messages: BaseMessage[] = [question(asked)];
  const calls: Told['calls'][number][] = [];
  for (;;) {
    const message = await turn(options, wire, asked, messages);
    const turned = told(message);
    calls.push(...turned.calls);
    if (turned.calls.length === 0) return { ...turned, calls };
    messages.push(message);
    for (const { id } of message.tool_calls!) messages.push(new ToolMessage({ tool_call_id: id!, content: RESULT }));
  }
}

async function turn(
  options: ClientOptions,
  wire: Wire,
  asked: Asked,
  messages: BaseMessage[],
): Promise<AIMessageChunk> {
  const model = modelOf(options, wire, asked);
  const call = callOf(asked);
  if (!asked.stream) return model.invoke(messages, call);
  let whole: AIMessageChunk | null = null;
  for await (const chunk of await model.stream(messages, call)) {
    asked.onFirst?.();
    whole = whole === null ? chunk : whole.concat(chunk);
  }
  return whole!;
}

function modelOf(
  { url, apiKey, maxRetries }: ClientOptions,
  wire: Wire,
  { model, maxTokens, reasons }: Asked,
): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey,
    maxRetries,
    configuration: { baseURL: `${url}/v1`, maxRetries },
    useResponsesApi: wire === 'responses',
    ...(wire === 'responses' ? { zdrEnabled: true } : {}),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(reasons === true ? { reasoning: { effort: 'low' as const, summary: 'auto' as const } } : {}),
  });
}

function callOf({ tools, schema, signal }: Asked): NonNullable<Parameters<ChatOpenAI['invoke']>[1]> {
  return {
    ...(tools === undefined ? {} : { tools: TOOLS, tool_choice: choiceOf(tools) }),
    ...(schema === true
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'weather', schema: WEATHER_SCHEMA, strict: true },
          },
        }
      : {}),
    ...(signal === undefined ? {} : { signal }),
  };
}

function choiceOf(
  tools: NonNullable<Asked['tools']>,
): 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } } {
  return tools === 'named' ? { type: 'function', function: { name: NAMED_TOOL } } : tools;
}

function question({ prompt, image }: Asked): HumanMessage {
  if (image === undefined) return new HumanMessage(prompt);
  const url = `data:image/png;base64,${image}`;
  return new HumanMessage({
    content: [
      { type: 'text', text: prompt },
      { type: 'image_url', image_url: { url } },
    ],
  });
}

function told(message: AIMessageChunk): Told {
  const usage = message.usage_metadata as UsageMetadata | undefined;
  const finish = message.response_metadata['finish_reason'] as string | undefined;
  return {
    text: message.text,
    calls: (message.tool_calls ?? []).map(({ name, args }) => ({ name, input: args })),
    finish: finish ?? null,
    inputTokens: usage!.input_tokens,
    outputTokens: usage!.output_tokens,
  };
}
