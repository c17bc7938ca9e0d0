import type { TokenizerName } from '../core/config.ts';

/** Whose models these are, by the host of its API. */
export const VENDORS = {
  openai: {
    host: 'api.openai.com',
    source: 'https://platform.openai.com/docs/pricing',
    shutdowns: 'https://platform.openai.com/docs/deprecations',
  },
  anthropic: {
    host: 'api.anthropic.com',
    source: 'https://docs.anthropic.com/en/docs/about-claude/pricing',
    shutdowns: 'https://docs.anthropic.com/en/docs/about-claude/model-deprecations',
  },
  google: {
    host: 'generativelanguage.googleapis.com',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
    shutdowns: 'https://ai.google.dev/gemini-api/docs/deprecations',
  },
  mistral: {
    host: 'api.mistral.ai',
    source: 'https://mistral.ai/pricing',
    shutdowns: 'https://docs.mistral.ai/getting-started/models/models_overview/',
  },
  groq: {
    host: 'api.groq.com',
    source: 'https://groq.com/pricing',
    shutdowns: 'https://console.groq.com/docs/deprecations',
  },
  deepseek: {
    host: 'api.deepseek.com',
    source: 'https://api-docs.deepseek.com/quick_start/pricing',
    shutdowns: 'https://api-docs.deepseek.com/updates',
  },
} as const;
export type Vendor = keyof typeof VENDORS;

/** US dollars per million tokens; `cacheWrite` where it is not `input`. */
export interface CatalogueModel {
  readonly vendor: Vendor;
  readonly id: string;
  /** Other names of the same model. */
  readonly aliases: readonly string[];
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number | null;
  readonly output: number;
  /** Tokens; null: not known. */
  readonly context: number | null;
  readonly maxOutput: number | null;
  readonly tokenizer: TokenizerName | null;
  /** The day from which it is no longer served, as announced; null: none is announced, or it is not known. */
  readonly shutdown: string | null;
  /** When these figures were current. */
  readonly asOf: string;
}

type Figures = readonly [
  ids: string,
  input: number,
  cachedInput: number,
  output: number,
  context: number | null,
  maxOutput: number | null,
  rest?: { readonly cacheWrite?: number; readonly tokenizer?: TokenizerName; readonly shutdown?: string },
];

function models(vendor: Vendor, asOf: string, tokenizer: TokenizerName | null, rows: readonly Figures[]) {
  return rows.map(([ids, input, cachedInput, output, context, maxOutput, rest = {}]): CatalogueModel => {
    const [id, ...aliases] = ids.split(' ') as [string, ...string[]];
    const { cacheWrite = null, shutdown = null } = rest;
    const known = { vendor, id, aliases, input, cachedInput, cacheWrite, output, context, maxOutput, shutdown, asOf };
    return { ...known, tokenizer: rest.tokenizer ?? tokenizer };
  });
}

const CL100K = { tokenizer: 'cl100k_base' } as const;

const OPENAI = models('openai', '2025-12-01', 'o200k_base', [
  ['gpt-5.1 gpt-5.1-2025-11-13', 1.25, 0.125, 10, 400_000, 128_000],
  ['gpt-5.1-chat-latest', 1.25, 0.125, 10, 128_000, 16_384],
  ['gpt-5 gpt-5-2025-08-07', 1.25, 0.125, 10, 400_000, 128_000],
  ['gpt-5-chat-latest', 1.25, 0.125, 10, 128_000, 16_384],
  ['gpt-5-mini gpt-5-mini-2025-08-07', 0.25, 0.025, 2, 400_000, 128_000],
  ['gpt-5-nano gpt-5-nano-2025-08-07', 0.05, 0.005, 0.4, 400_000, 128_000],
  ['gpt-5-pro gpt-5-pro-2025-10-06', 15, 15, 120, 400_000, 272_000],
  ['gpt-4.1 gpt-4.1-2025-04-14', 2, 0.5, 8, 1_047_576, 32_768],
  ['gpt-4.1-mini gpt-4.1-mini-2025-04-14', 0.4, 0.1, 1.6, 1_047_576, 32_768],
  ['gpt-4.1-nano gpt-4.1-nano-2025-04-14', 0.1, 0.025, 0.4, 1_047_576, 32_768],
  ['gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20', 2.5, 1.25, 10, 128_000, 16_384],
  ['gpt-4o-2024-05-13', 5, 5, 15, 128_000, 4_096],
  ['gpt-4o-mini gpt-4o-mini-2024-07-18', 0.15, 0.075, 0.6, 128_000, 16_384],
  ['chatgpt-4o-latest', 5, 5, 15, 128_000, 16_384],
  ['o1 o1-2024-12-17', 15, 7.5, 60, 200_000, 100_000],
  ['o3 o3-2025-04-16', 2, 0.5, 8, 200_000, 100_000],
  ['o3-pro o3-pro-2025-06-10', 20, 20, 80, 200_000, 100_000],
  ['o3-mini o3-mini-2025-01-31', 1.1, 0.55, 4.4, 200_000, 100_000],
  ['o4-mini o4-mini-2025-04-16', 1.1, 0.275, 4.4, 200_000, 100_000],
  ['gpt-4-turbo gpt-4-turbo-2024-04-09', 10, 10, 30, 128_000, 4_096, CL100K],
  ['gpt-4 gpt-4-0613', 30, 30, 60, 8_192, 8_192, CL100K],
  ['gpt-3.5-turbo gpt-3.5-turbo-0125', 0.5, 0.5, 1.5, 16_385, 4_096, CL100K],
  ['gpt-3.5-turbo-instruct', 1.5, 1.5, 2, 4_096, 4_096, CL100K],
  ['text-embedding-3-small', 0.02, 0.02, 0, 8_192, 0, CL100K],
  ['text-embedding-3-large', 0.13, 0.13, 0, 8_192, 0, CL100K],
  ['text-embedding-ada-002', 0.1, 0.1, 0, 8_192, 0, CL100K],
  ['omni-moderation-latest omni-moderation-2024-09-26', 0, 0, 0, null, 0],
]);

const ANTHROPIC = models('anthropic', '2025-12-01', null, [
  ['claude-opus-4-5 claude-opus-4-5-20251101', 5, 0.5, 25, 200_000, 64_000, { cacheWrite: 6.25 }],
  ['claude-sonnet-4-5 claude-sonnet-4-5-20250929', 3, 0.3, 15, 200_000, 64_000, { cacheWrite: 3.75 }],
  ['claude-haiku-4-5 claude-haiku-4-5-20251001', 1, 0.1, 5, 200_000, 64_000, { cacheWrite: 1.25 }],
  ['claude-opus-4-1 claude-opus-4-1-20250805', 15, 1.5, 75, 200_000, 32_000, { cacheWrite: 18.75 }],
  ['claude-opus-4-0 claude-opus-4-20250514', 15, 1.5, 75, 200_000, 32_000, { cacheWrite: 18.75 }],
  ['claude-sonnet-4-0 claude-sonnet-4-20250514', 3, 0.3, 15, 200_000, 64_000, { cacheWrite: 3.75 }],
  [
    'claude-3-7-sonnet-latest claude-3-7-sonnet-20250219',
    3,
    0.3,
    15,
    200_000,
    64_000,
    { cacheWrite: 3.75, shutdown: '2026-02-19' },
  ],
  ['claude-3-5-haiku-latest claude-3-5-haiku-20241022', 0.8, 0.08, 4, 200_000, 8_192, { cacheWrite: 1 }],
  ['claude-3-haiku-20240307', 0.25, 0.03, 1.25, 200_000, 4_096, { cacheWrite: 0.3 }],
  ['claude-3-opus-20240229', 15, 1.5, 75, 200_000, 4_096, { cacheWrite: 18.75, shutdown: '2026-01-05' }],
]);

const GOOGLE = models('google', '2025-10-01', null, [
  ['gemini-2.5-pro', 2.5, 0.25, 15, 1_048_576, 65_536],
  ['gemini-2.5-flash', 0.3, 0.03, 2.5, 1_048_576, 65_536],
  ['gemini-2.5-flash-lite', 0.1, 0.01, 0.4, 1_048_576, 65_536],
  ['gemini-2.0-flash gemini-2.0-flash-001', 0.1, 0.025, 0.4, 1_048_576, 8_192],
  ['gemini-2.0-flash-lite gemini-2.0-flash-lite-001', 0.075, 0.075, 0.3, 1_048_576, 8_192],
  ['gemini-embedding-001', 0.15, 0.15, 0, 2_048, 0],
]);

const MISTRAL = models('mistral', '2025-10-01', null, [
  ['mistral-large-2411', 2, 2, 6, 131_072, null],
  ['mistral-medium-2508 mistral-medium-2505', 0.4, 0.4, 2, 131_072, null],
  ['mistral-small-2506 mistral-small-2503', 0.1, 0.1, 0.3, 131_072, null],
  ['codestral-2508', 0.3, 0.3, 0.9, 262_144, null],
  ['ministral-8b-2410', 0.1, 0.1, 0.1, 131_072, null],
  ['ministral-3b-2410', 0.04, 0.04, 0.04, 131_072, null],
  ['mistral-embed', 0.1, 0.1, 0, 8_192, 0],
]);

const GROQ = models('groq', '2025-10-01', null, [
  ['llama-3.1-8b-instant', 0.05, 0.05, 0.08, 131_072, 131_072],
  ['llama-3.3-70b-versatile', 0.59, 0.59, 0.79, 131_072, 32_768],
  ['openai/gpt-oss-120b', 0.15, 0.075, 0.6, 131_072, 65_536],
  ['openai/gpt-oss-20b', 0.075, 0.0375, 0.3, 131_072, 65_536],
  ['meta-llama/llama-4-scout-17b-16e-instruct', 0.11, 0.11, 0.34, 131_072, 8_192],
  ['meta-llama/llama-4-maverick-17b-128e-instruct', 0.2, 0.2, 0.6, 131_072, 8_192],
  ['qwen/qwen3-32b', 0.29, 0.29, 0.59, 131_072, 40_960],
]);

const DEEPSEEK = models('deepseek', '2025-12-01', null, [
  ['deepseek-chat', 0.28, 0.028, 0.42, 131_072, 8_192],
  ['deepseek-reasoner', 0.28, 0.028, 0.42, 131_072, 65_536],
]);

/**
 * List prices, standard tier, of models that are widely used; `prices:` goes before them. Where a price depends on the
 * prompt's length the higher one stands here, so that a budget is never overspent.
 */
export const CATALOGUE: readonly CatalogueModel[] = [
  ...OPENAI,
  ...ANTHROPIC,
  ...GOOGLE,
  ...MISTRAL,
  ...GROQ,
  ...DEEPSEEK,
];

/** Of the vendor whose API the URL is; none for any other server. */
export function modelsAt(baseUrl: string): readonly CatalogueModel[] {
  const host = URL.parse(baseUrl)?.hostname;
  return CATALOGUE.filter(({ vendor }) => VENDORS[vendor].host === host);
}
