import type { CompatibleType } from '../core/config.ts';
import type { Operation } from '../core/operation.ts';
import type { BodyRules } from '../core/provider.ts';

/** A vendor that copies OpenAI's API, and where the copy differs. */
interface CompatibleVendor {
  readonly baseUrl: string;
  readonly needsKey: boolean;
  /** What it serves besides the list of models and what is passed through. */
  readonly operations: readonly Operation[];
  /** Of chat; null: it takes what OpenAI takes. */
  readonly rules: BodyRules | null;
  readonly source: string;
}

/** Members of OpenAI's that speak of the account, the cache or the caller only. */
const OF_OPENAI_ONLY = [
  'store',
  'metadata',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
];

function rules(different: Partial<BodyRules>): BodyRules {
  return {
    renamed: {},
    unsent: [],
    refused: {},
    lacksDeveloper: false,
    omitsModel: false,
    added: {},
    ...different,
  };
}

const OLD_MAX_TOKENS = { max_completion_tokens: 'max_tokens' };

/**
 * Vendors by type. A vendor that answers an unknown member with a clear error of its own needs no rule for it: what stands
 * here is what it would ignore or what official SDKs send without being asked.
 */
export const COMPATIBLE: Readonly<Record<CompatibleType, CompatibleVendor>> = {
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    needsKey: true,
    operations: ['chat', 'embeddings', 'moderations'],
    rules: rules({
      renamed: { ...OLD_MAX_TOKENS, seed: 'random_seed' },
      // The usage of a stream is always told. Unknown members are answered 422.
      unsent: [...OF_OPENAI_ONLY, 'stream_options'],
      refused: { logit_bias: '{}', logprobs: 'false', top_logprobs: '0' },
      lacksDeveloper: true,
    }),
    source: 'https://docs.mistral.ai/api/',
  },
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    needsKey: true,
    operations: ['chat', 'responses'],
    rules: rules({
      unsent: ['store', 'metadata', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention'],
      refused: { logit_bias: '{}', logprobs: 'false', top_logprobs: '0', n: '1' },
    }),
    source: 'https://console.groq.com/docs/openai',
  },
  deepseek: {
    baseUrl: 'https://api.deepseek.com/v1',
    needsKey: true,
    operations: ['chat'],
    rules: rules({
      renamed: OLD_MAX_TOKENS,
      refused: { n: '1', logit_bias: '{}' },
      lacksDeveloper: true,
    }),
    source: 'https://api-docs.deepseek.com/api/create-chat-completion',
  },
  together: {
    baseUrl: 'https://api.together.xyz/v1',
    needsKey: true,
    operations: ['chat', 'text_completion', 'embeddings'],
    rules: rules({ renamed: OLD_MAX_TOKENS, lacksDeveloper: true }),
    source: 'https://docs.together.ai/docs/openai-api-compatibility',
  },
  openrouter: {
    baseUrl: 'https://openrouter.ai/api/v1',
    needsKey: true,
    operations: ['chat', 'text_completion', 'responses', 'embeddings'],
    rules: null,
    source: 'https://openrouter.ai/docs/api-reference/overview',
  },
  xai: {
    baseUrl: 'https://api.x.ai/v1',
    needsKey: true,
    operations: ['chat', 'responses'],
    rules: null,
    source: 'https://docs.x.ai/docs/api-reference',
  },
  fireworks: {
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    needsKey: true,
    operations: ['chat', 'text_completion', 'responses', 'embeddings'],
    rules: rules({ renamed: OLD_MAX_TOKENS, lacksDeveloper: true }),
    source: 'https://docs.fireworks.ai/tools-sdks/openai-compatibility',
  },
  perplexity: {
    baseUrl: 'https://api.perplexity.ai',
    needsKey: true,
    operations: ['chat'],
    rules: rules({ renamed: OLD_MAX_TOKENS, lacksDeveloper: true }),
    source: 'https://docs.perplexity.ai/guides/chat-completions-guide',
  },
  ollama: {
    baseUrl: 'http://127.0.0.1:11434/v1',
    needsKey: false,
    operations: ['chat', 'text_completion', 'responses', 'embeddings'],
    // It ignores what it does not know: an unheeded limit would be no limit.
    rules: rules({ renamed: OLD_MAX_TOKENS, refused: { n: '1', logit_bias: '{}' }, lacksDeveloper: true }),
    source: 'https://docs.ollama.com/api/openai-compatibility',
  },
  vllm: {
    baseUrl: 'http://127.0.0.1:8000/v1',
    needsKey: false,
    operations: ['chat', 'text_completion', 'responses', 'embeddings'],
    rules: null,
    source: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
  },
  lmstudio: {
    baseUrl: 'http://127.0.0.1:1234/v1',
    needsKey: false,
    operations: ['chat', 'text_completion', 'responses', 'embeddings'],
    rules: rules({ renamed: OLD_MAX_TOKENS, refused: { n: '1' }, lacksDeveloper: true }),
    source: 'https://lmstudio.ai/docs/developer/openai-compat',
  },
};
