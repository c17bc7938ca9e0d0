import {
  Agent,
  OpenAIProvider,
  Runner,
  tool,
  type AgentInputItem,
  type JsonSchemaDefinition,
  type ModelSettings,
} from '@openai/agents';
import OpenAI from 'openai';
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

const SCHEMA = { ...WEATHER_SCHEMA, required: [...WEATHER_SCHEMA.required] };
const OUTPUT: JsonSchemaDefinition = { type: 'json_schema', name: 'weather', strict: true, schema: SCHEMA };

/** Its agents run tools by themselves: a single turn is one without a loop. */
function openaiAgents(name: string, wire: Wire): ClientKind {
  return {
    name,
    wire,
    // A response that a limit ended is an error.
    lacks: wire === 'responses' ? ['limit'] : [],
    open: (options) => ({ ask: (asked) => run(options, wire, asked), loop: (asked) => run(options, wire, asked) }),
  };
}

export const agentsKinds: readonly ClientKind[] = [
  openaiAgents('openai-agents, chat', 'chat'),
  openaiAgents('openai-agents, responses', 'responses'),
];

async function run({ url, apiKey, maxRetries }: ClientOptions, wire: Wire, asked: Asked): Promise<Told> {
  const openAIClient = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries });
  const modelProvider = new OpenAIProvider({ openAIClient, useResponses: wire === 'responses' });
  const runner = new Runner({ modelProvider, tracingDisabled: true });
  const calls: Told['calls'][number][] = [];
  const agent = agentOf(asked, calls);
  const options = asked.signal === undefined ? {} : { signal: asked.signal };
  if (!asked.stream) return told(await runner.run(agent, [question(asked)], options), calls);
  const streamed = await runner.run(agent, [question(asked)], { ...options, stream: true });
  for await (const _ of streamed.toTextStream()) asked.onFirst?.();
  await streamed.completed;
  return told(streamed, calls);
}

function agentOf(asked: Asked, calls: Told['calls'][number][]): Agent<unknown, 'text' | JsonSchemaDefinition> {
  const tools = TOOL_NAMES.map((name) =>
    tool({
      name,
      description: name,
      parameters: SCHEMA,
      strict: true,
      execute: (input) => {
        calls.push({ name, input });
        return RESULT;
      },
    }),
  );
  return new Agent<unknown, 'text' | JsonSchemaDefinition>({
    name: 'weatherman',
    model: asked.model,
    modelSettings: settingsOf(asked),
    outputType: asked.schema === true ? OUTPUT : 'text',
    ...(asked.tools === undefined ? {} : { tools }),
  });
}

function settingsOf({ tools, maxTokens, reasons }: Asked): ModelSettings {
  return {
    store: false,
    ...(tools === undefined ? {} : { toolChoice: tools === 'named' ? NAMED_TOOL : tools }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(reasons === true
      ? { reasoning: { effort: 'low', summary: 'auto' }, providerData: { include: ['reasoning.encrypted_content'] } }
      : {}),
  };
}

function question({ prompt, image }: Asked): AgentInputItem {
  if (image === undefined) return { role: 'user', content: prompt };
  return {
    role: 'user',
    content: [
      { type: 'input_text', text: prompt },
      { type: 'input_image', image: `data:image/png;base64,${image}` },
    ],
  };
}

interface Ended {
  readonly finalOutput?: unknown;
  readonly rawResponses: readonly { readonly usage: { readonly inputTokens: number; readonly outputTokens: number } }[];
}

function told({ finalOutput, rawResponses }: Ended, calls: Told['calls']): Told {
  const usages = rawResponses.map(({ usage }) => usage);
  return {
    text: typeof finalOutput === 'string' ? finalOutput : JSON.stringify(finalOutput),
    calls,
    finish: null,
    inputTokens: usages.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: usages.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
  };
}
