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

type Item = OpenAI.Responses.ResponseInputItem;
type Response = OpenAI.Responses.Response;
type Body = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>;

const TOOLS = TOOL_NAMES.map((name) => ({
  type: 'function' as const,
  name,
  parameters: WEATHER_SCHEMA,
  strict: true,
}));

export const openaiResponses: ClientKind = {
  name: 'openai responses',
  wire: 'responses',
  open({ url, apiKey, maxRetries }) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries });
    return conversing({ question, told, next, turn: (asked, messages) => turn(client, asked, messages) });
  },
};

function next({ output }: Response): Item[] {
  const answers = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: RESULT }]
      : [],
  );
  return [...(output as Item[]), ...answers];
}

async function turn(client: OpenAI, asked: Asked, input: Item[]): Promise<Response> {
  const body = bodyOf(asked, input);
  const options = optionsOf(asked);
  if (!asked.stream) return client.responses.create(body, options);
  const stream = client.responses.stream(body, options);
  stream.on('response.output_text.delta', () => asked.onFirst?.());
  return stream.finalResponse();
}

function bodyOf({ model, tools, schema, reasons, maxTokens }: Asked, input: Item[]): Body {
  return {
    model,
    input,
    store: false,
    ...(tools === undefined ? {} : { tools: TOOLS, tool_choice: choiceOf(tools) }),
    ...(schema === true
      ? { text: { format: { type: 'json_schema', name: 'weather', schema: WEATHER_SCHEMA, strict: true } } }
      : {}),
    ...(reasons === true
      ? { reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] }
      : {}),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
  };
}

function choiceOf(tools: NonNullable<Asked['tools']>): NonNullable<Body['tool_choice']> {
  return tools === 'named' ? { type: 'function', name: NAMED_TOOL } : tools;
}

function question({ prompt, image }: Asked): Item {
  if (image === undefined) return { role: 'user', content: prompt };
  const image_url = `data:image/png;base64,${image}`;
  return {
    role: 'user',
    content: [
      { type: 'input_text', text: prompt },
      { type: 'input_image', image_url, detail: 'auto' },
    ],
  };
}

function told({ output, output_text: text, status, usage }: Response): Told {
  const calls = output.flatMap((item) =>
    item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) as unknown }] : [],
  );
  const ended = calls.length > 0 ? 'tool_calls' : 'stop';
  return {
    text,
    calls,
    finish: status === 'incomplete' ? 'length' : ended,
    inputTokens: usage!.input_tokens,
    outputTokens: usage!.output_tokens,
  };
}
