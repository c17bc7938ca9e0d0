import OpenAI from 'openai';
import {
  NAMED_TOOL,
  RESULT,
  TOOL_NAMES,
  WEATHER_SCHEMA,
  type Asked,
  type ClientKind,
  type Told,
} from '../client-kind.ts';
import { conversing, optionsOf } from './conversation.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Completion = OpenAI.ChatCompletion;
type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>;

const TOOLS = TOOL_NAMES.map((name) => ({
  type: 'function' as const,
  function: { name, parameters: WEATHER_SCHEMA },
}));

export const openaiChat: ClientKind = {
  name: 'openai chat',
  wire: 'chat',
  open({ url, apiKey, maxRetries }) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries });
    return conversing({ question, told, next, turn: (asked, messages) => turn(client, asked, messages) });
  },
};

function next({ choices }: Completion): Message[] {
  const { message } = choices[0]!;
  const answers = (message.tool_calls ?? []).map(({ id }) => ({
    role: 'tool' as const,
    tool_call_id: id,
    content: RESULT,
  }));
  return [message, ...answers];
}

async function turn(client: OpenAI, asked: Asked, messages: Message[]): Promise<Completion> {
  const body = bodyOf(asked, messages);
  const options = optionsOf(asked);
  if (!asked.stream) return client.chat.completions.create(body, options);
  const stream = client.chat.completions.stream({ ...body, stream_options: { include_usage: true } }, options);
  // The SDK puts the last piece of a member that it does not know in the place of those before; a list comes whole.
  stream.on('content.delta', () => asked.onFirst?.());
  return stream.finalChatCompletion();
}

function bodyOf({ model, tools, schema, reasons, maxTokens }: Asked, messages: Message[]): Body {
  return {
    model,
    messages,
    ...(tools === undefined ? {} : { tools: TOOLS, tool_choice: choiceOf(tools) }),
    ...(schema === true
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'weather', schema: WEATHER_SCHEMA, strict: true },
          },
        }
      : {}),
    ...(reasons === true ? { reasoning_effort: 'low' } : {}),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
  };
}

function choiceOf(tools: NonNullable<Asked['tools']>): OpenAI.ChatCompletionToolChoiceOption {
  return tools === 'named' ? { type: 'function', function: { name: NAMED_TOOL } } : tools;
}

function question({ prompt, image }: Asked): Message {
  if (image === undefined) return { role: 'user', content: prompt };
  const url = `data:image/png;base64,${image}`;
  return {
    role: 'user',
    content: [
      { type: 'text', text: prompt },
      { type: 'image_url', image_url: { url } },
    ],
  };
}

function told({ choices, usage }: Completion): Told {
  const { message, finish_reason: finish } = choices[0]!;
  const calls = (message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? [{ name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
      : [],
  );
  return {
    text: message.content ?? '',
    calls,
    finish,
    inputTokens: usage!.prompt_tokens,
    outputTokens: usage!.completion_tokens,
  };
}
