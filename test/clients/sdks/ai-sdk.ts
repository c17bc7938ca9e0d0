import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import {
  generateText,
  isStepCount,
  jsonSchema,
  Output,
  streamText,
  tool,
  type LanguageModel,
  type ModelMessage,
  type ToolSet,
} from 'ai';
import type { Wire } from '../../../src/core/translation.ts';
import {
  MAX_TOKENS,
  NAMED_TOOL,
  RESULT,
  THINKING_BUDGET,
  TOOL_NAMES,
  WEATHER_SCHEMA,
  type Asked,
  type Client,
  type ClientKind,
  type ClientOptions,
  type Told,
} from '../client-kind.ts';

type Settings = ReturnType<typeof settingsOf> & {
  readonly model: LanguageModel;
  readonly stopWhen?: ReturnType<typeof isStepCount>;
};
type Provide = (options: ClientOptions) => (model: string) => LanguageModel;

/** More than any loop takes. */
const MOST_STEPS = 8;
const INPUT = jsonSchema<Record<string, unknown>>({ ...WEATHER_SCHEMA, required: [...WEATHER_SCHEMA.required] });
const TOOLS: ToolSet = Object.fromEntries(TOOL_NAMES.map((name) => [name, tool({ inputSchema: INPUT })]));
const RUN_TOOLS: ToolSet = Object.fromEntries(
  TOOL_NAMES.map((name) => [name, tool({ inputSchema: INPUT, execute: () => RESULT })]),
);
const REASONING = {
  openai: { reasoningEffort: 'low', reasoningSummary: 'auto', forceReasoning: true },
  anthropic: { thinking: { type: 'enabled', budgetTokens: THINKING_BUDGET } },
};

/** Vercel's SDK with its own provider for the protocol. */
function aiSdk(name: string, wire: Wire, provide: Provide): ClientKind {
  return {
    name,
    wire,
    open(options): Client {
      const model = provide(options);
      return {
        ask: (asked) => run({ ...settingsOf(asked, TOOLS, options), model: model(asked.model) }, asked),
        loop: (asked) => {
          const settings = settingsOf(asked, RUN_TOOLS, options);
          return run({ ...settings, model: model(asked.model), stopWhen: isStepCount(MOST_STEPS) }, asked);
        },
      };
    },
  };
}

const openai = ({ url, apiKey }: ClientOptions): ReturnType<typeof createOpenAI> =>
  createOpenAI({ baseURL: `${url}/v1`, apiKey });

export const aiSdkKinds: readonly ClientKind[] = [
  aiSdk('ai, openai chat', 'chat', (options) => openai(options).chat),
  aiSdk('ai, openai responses', 'responses', (options) => openai(options).responses),
  aiSdk('ai, anthropic', 'messages', ({ url, apiKey }) => createAnthropic({ baseURL: `${url}/v1`, apiKey })),
];

async function run(settings: Settings, asked: Asked): Promise<Told> {
  if (!asked.stream) return told(await generateText(settings));
  let failure: unknown = null;
  const stream = streamText({ ...settings, onError: ({ error }) => void (failure ??= error) });
  for await (const _ of stream.textStream) asked.onFirst?.();
  if (failure !== null) throw failure;
  const [text, steps, finishReason, totalUsage] = await Promise.all([
    stream.text,
    stream.steps,
    stream.finishReason,
    stream.totalUsage,
  ]);
  return told({ text, steps, finishReason, totalUsage });
}

function settingsOf(asked: Asked, toolSet: ToolSet, { maxRetries }: ClientOptions) {
  const { tools, schema, reasons, maxTokens, signal } = asked;
  return {
    messages: [question(asked)],
    maxRetries,
    maxOutputTokens: maxTokens ?? MAX_TOKENS,
    ...(tools === undefined ? {} : { tools: toolSet, toolChoice: choiceOf(tools) }),
    ...(schema === true ? { output: Output.object({ schema: INPUT }) } : {}),
    ...(reasons === true ? { providerOptions: REASONING } : {}),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
}

function choiceOf(
  tools: NonNullable<Asked['tools']>,
): 'auto' | 'none' | 'required' | { type: 'tool'; toolName: string } {
  return tools === 'named' ? { type: 'tool', toolName: NAMED_TOOL } : tools;
}

function question({ prompt, image }: Asked): ModelMessage {
  if (image === undefined) return { role: 'user', content: prompt };
  return {
    role: 'user',
    content: [
      { type: 'text', text: prompt },
      { type: 'file', data: image, mediaType: 'image/png' },
    ],
  };
}

interface Ended {
  readonly text: string;
  readonly steps: readonly { readonly toolCalls: readonly { readonly toolName: string; readonly input: unknown }[] }[];
  readonly finishReason: string;
  readonly totalUsage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined };
}

function told({ text, steps, finishReason, totalUsage }: Ended): Told {
  return {
    text,
    calls: steps.flatMap(({ toolCalls }) => toolCalls.map(({ toolName: name, input }) => ({ name, input }))),
    finish: finishReason.replaceAll('-', '_'),
    inputTokens: totalUsage.inputTokens!,
    outputTokens: totalUsage.outputTokens!,
  };
}
