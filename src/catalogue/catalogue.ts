import type { TokenizerName, TokenPrices } from '../core/config.ts';

/** Whose models these are, by the host of its API. */
export const VENDORS = {
  openai: {
    host: 'api.openai.com',
    source: 'https://developers.openai.com/api/docs/pricing',
    shutdowns: 'https://developers.openai.com/api/docs/deprecations',
  },
  anthropic: {
    host: 'api.anthropic.com',
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    shutdowns: 'https://platform.claude.com/docs/en/about-claude/model-deprecations',
  },
  google: {
    host: 'generativelanguage.googleapis.com',
    source: 'https://ai.google.dev/gemini-api/docs/pricing',
    shutdowns: 'https://ai.google.dev/gemini-api/docs/deprecations',
  },
  groq: {
    host: 'api.groq.com',
    source: 'https://groq.com/pricing',
    shutdowns: 'https://console.groq.com/docs/deprecations',
  },
} as const;
export type Vendor = keyof typeof VENDORS;

/** US dollars per million tokens. */
export interface CatalogueModel {
  readonly vendor: Vendor;
  readonly id: string;
  /** Other names of the same model. */
  readonly aliases: readonly string[];
  readonly input: number;
  readonly cachedInput: number;
  /** Null: as `input`. */
  readonly cacheWrite: number | null;
  /** Kept for the longer of the times that the vendor offers; null: as `cacheWrite`. */
  readonly longCacheWrite: number | null;
  readonly output: number;
  /** All prices, of prompts of more tokens than `above`; null: the same. */
  readonly longPrompt: (Required<TokenPrices> & { readonly above: number }) | null;
  /** Tokens; null: not known. */
  readonly context: number | null;
  readonly maxOutput: number | null;
  readonly tokenizer: TokenizerName | null;
  /** Tokens of one picture at most; null: as for most models. */
  readonly picture: number | null;
  /** The day from which it is no longer served, as announced; null: none is announced, or it is not known. */
  readonly shutdown: string | null;
  /** When these figures were current. */
  readonly asOf: string;
}

interface Rest {
  /** What is written into a cache costs so many times the input: for the usual time, and for the longer one. */
  readonly writes?: readonly [usual: number, long: number];
  /** Prompts of more tokens cost so many times as much: input of all kinds, and output. */
  readonly long?: readonly [above: number, input: number, output: number];
  readonly tokenizer?: TokenizerName | null;
  readonly picture?: number;
  readonly shutdown?: string;
}

type Figures = readonly [
  ids: string,
  input: number,
  cachedInput: number,
  output: number,
  context: number | null,
  maxOutput: number | null,
  rest?: Rest,
];

function models(vendor: Vendor, asOf: string, common: Rest, rows: readonly Figures[]): readonly CatalogueModel[] {
  return rows.map(([ids, input, cachedInput, output, context, maxOutput, own = {}]) => {
    const [id, ...aliases] = ids.split(' ') as [string, ...string[]];
    const { writes, long, tokenizer = null, picture = null, shutdown = null } = { ...common, ...own };
    const cacheWrite = writes === undefined ? null : times(input, writes[0]);
    const longCacheWrite = writes === undefined ? null : times(input, writes[1]);
    const usual = { input, cachedInput, cacheWrite, longCacheWrite, output };
    const longPrompt = long === undefined ? null : longPrices(usual, long);
    return { vendor, id, aliases, ...usual, longPrompt, context, maxOutput, tokenizer, picture, shutdown, asOf };
  });
}

type Usual = Pick<CatalogueModel, 'input' | 'cachedInput' | 'cacheWrite' | 'longCacheWrite' | 'output'>;

function longPrices(
  { input, cachedInput, cacheWrite, longCacheWrite, output }: Usual,
  [above, more, moreOutput]: NonNullable<Rest['long']>,
): NonNullable<CatalogueModel['longPrompt']> {
  return {
    above,
    input: times(input, more),
    cachedInput: times(cachedInput, more),
    cacheWrite: times(cacheWrite ?? input, more),
    longCacheWrite: times(longCacheWrite ?? input, more),
    output: times(output, moreOutput),
  };
}

/** As people write it: 0.1 times 3 is 0.30000000000000004 to the machine. */
const times = (price: number, factor: number): number => Number((price * factor).toPrecision(12));

const CL100K = { tokenizer: 'cl100k_base' } as const;
const OVER_272K = [272_000, 2, 1.5] as const;
const OCTOBER = { shutdown: '2026-10-23' } as const;
const DECEMBER = { shutdown: '2026-12-11' } as const;
const JANUARY = { shutdown: '2027-01-14' } as const;
const APRIL = { shutdown: '2027-04-01' } as const;

/** Which tokenizer the latest ones have is not told. */
const OPENAI_LATEST = models('openai', '2026-10-26', { writes: [1.25, 2.5], long: OVER_272K }, [
  ['gpt-6.1-sol', 2, 0.1, 10, 1_050_000, 128_000],
  ['gpt-6.1-terra', 1, 0.05, 5, null, null],
  ['gpt-6-astra', 10, 1, 50, null, null],
  ['gpt-6-sol', 2, 0.2, 10, 1_050_000, 128_000],
  ['gpt-6-luna', 0.1, 0.01, 0.5, 1_050_000, 128_000],
  ['gpt-5.6-terra', 2, 0.2, 12, 1_050_000, 128_000],
]);

const OPENAI = models('openai', '2026-10-15', { tokenizer: 'o200k_base' }, [
  ['gpt-5.5 gpt-5.5-2026-04-23', 5, 0.5, 30, 1_050_000, 128_000, { long: OVER_272K, tokenizer: null }],
  ['gpt-5.4 gpt-5.4-2026-03-05', 2.5, 0.25, 15, 1_050_000, 128_000, { long: OVER_272K }],
  ['gpt-5.4-mini gpt-5.4-mini-2026-03-17', 0.75, 0.075, 4.5, 400_000, 128_000],
  ['gpt-5.4-nano gpt-5.4-nano-2026-03-17', 0.2, 0.02, 1.25, 400_000, 128_000, APRIL],
  ['gpt-5.2 gpt-5.2-2025-12-11', 1.75, 0.175, 14, 400_000, 128_000],
  ['gpt-5.1 gpt-5.1-2025-11-13', 1.25, 0.125, 10, 400_000, 128_000, APRIL],
  ['gpt-5 gpt-5-2025-08-07', 1.25, 0.125, 10, 400_000, 128_000, DECEMBER],
  ['gpt-5-mini gpt-5-mini-2025-08-07', 0.25, 0.025, 2, 400_000, 128_000, DECEMBER],
  ['gpt-5-nano gpt-5-nano-2025-08-07', 0.05, 0.005, 0.4, 400_000, 128_000, DECEMBER],
  ['gpt-5-pro gpt-5-pro-2025-10-06', 15, 15, 120, 400_000, 272_000, DECEMBER],
  ['gpt-4.1 gpt-4.1-2025-04-14', 2, 0.5, 8, 1_047_576, 32_768, JANUARY],
  ['gpt-4.1-mini gpt-4.1-mini-2025-04-14', 0.4, 0.1, 1.6, 1_047_576, 32_768, JANUARY],
  ['gpt-4.1-nano gpt-4.1-nano-2025-04-14', 0.1, 0.025, 0.4, 1_047_576, 32_768, OCTOBER],
  ['gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20', 2.5, 1.25, 10, 128_000, 16_384, JANUARY],
  ['gpt-4o-2024-05-13', 5, 5, 15, 128_000, 4_096, OCTOBER],
  ['gpt-4o-mini gpt-4o-mini-2024-07-18', 0.15, 0.075, 0.6, 128_000, 16_384, { ...JANUARY, picture: 50_000 }],
  ['o1 o1-2024-12-17', 15, 7.5, 60, 200_000, 100_000, OCTOBER],
  ['o3 o3-2025-04-16', 2, 0.5, 8, 200_000, 100_000, DECEMBER],
  ['o3-pro o3-pro-2025-06-10', 20, 20, 80, 200_000, 100_000, DECEMBER],
  ['o3-mini o3-mini-2025-01-31', 1.1, 0.55, 4.4, 200_000, 100_000, OCTOBER],
  ['o4-mini o4-mini-2025-04-16', 1.1, 0.275, 4.4, 200_000, 100_000, OCTOBER],
  ['gpt-4-turbo gpt-4-turbo-2024-04-09', 10, 10, 30, 128_000, 4_096, { ...CL100K, ...OCTOBER }],
  ['gpt-4 gpt-4-0613', 30, 30, 60, 8_192, 8_192, { ...CL100K, ...OCTOBER }],
  ['gpt-3.5-turbo gpt-3.5-turbo-0125', 0.5, 0.5, 1.5, 16_385, 4_096, { ...CL100K, ...OCTOBER }],
  ['text-embedding-3-small', 0.02, 0.02, 0, 8_192, 0, CL100K],
  ['text-embedding-3-large', 0.13, 0.13, 0, 8_192, 0, CL100K],
  ['text-embedding-ada-002', 0.1, 0.1, 0, 8_192, 0, CL100K],
  ['omni-moderation-latest omni-moderation-2024-09-26', 0, 0, 0, null, 0],
]);

const ANTHROPIC = models('anthropic', '2026-10-24', { writes: [1.25, 2] }, [
  ['claude-fable-5-1', 10, 0.25, 50, 1_000_000, 128_000],
  ['claude-fable-5', 10, 1, 50, null, null],
  ['claude-opus-5-5', 4, 0.2, 20, 1_000_000, 128_000],
  ['claude-opus-5', 5, 0.5, 25, 1_000_000, 128_000],
  ['claude-opus-4-8', 5, 0.5, 25, 1_000_000, null],
  ['claude-opus-4-7', 5, 0.5, 25, 1_000_000, null],
  ['claude-opus-4-6', 5, 0.5, 25, 1_000_000, 128_000],
  ['claude-opus-4-5 claude-opus-4-5-20251101', 5, 0.5, 25, 200_000, 64_000],
  ['claude-sonnet-5-5', 2, 0.1, 10, 1_000_000, 128_000],
  ['claude-sonnet-5', 2, 0.2, 10, 1_000_000, 128_000],
  ['claude-sonnet-4-6', 3, 0.3, 15, 1_000_000, null],
  [
    'claude-sonnet-4-5 claude-sonnet-4-5-20250929',
    3,
    0.3,
    15,
    200_000,
    64_000,
    { long: [200_000, 2, 1.5], shutdown: '2026-11-30' },
  ],
  ['claude-haiku-5-5', 0.1, 0.01, 0.5, 1_000_000, 128_000, { long: [100_000, 5, 5] }],
  ['claude-haiku-4-5 claude-haiku-4-5-20251001', 1, 0.1, 5, 200_000, 64_000],
  ['claude-opus-4-0 claude-opus-4-20250514', 15, 1.5, 75, 200_000, 32_000, { shutdown: '2026-06-15' }],
  ['claude-sonnet-4-0 claude-sonnet-4-20250514', 3, 0.3, 15, 200_000, 64_000, { shutdown: '2026-06-15' }],
  ['claude-3-7-sonnet-latest claude-3-7-sonnet-20250219', 3, 0.3, 15, 200_000, 64_000, { shutdown: '2026-02-19' }],
]);

/** What of a cached input is not told costs as much as the input. */
const GOOGLE = models('google', '2026-10-07', {}, [
  ['gemini-3.5-flash', 1.5, 0.15, 9, 1_048_576, 65_536],
  ['gemini-3.5-flash-lite', 0.3, 0.3, 2.5, 1_048_576, null],
  ['gemini-3.1-pro-preview', 2, 2, 12, 1_048_576, 65_536, { long: [200_000, 2, 1.5] }],
  ['gemini-2.5-pro', 1.25, 0.125, 10, 1_048_576, 65_536, { long: [200_000, 2, 1.5] }],
  ['gemini-2.5-flash', 0.3, 0.03, 2.5, 1_048_576, 65_536],
  ['gemini-2.5-flash-lite', 0.1, 0.01, 0.4, 1_048_576, 65_536],
  ['gemini-embedding-001', 0.15, 0.15, 0, 2_048, 0],
]);

const GROQ = models('groq', '2026-05-19', {}, [['openai/gpt-oss-120b', 0.15, 0.15, 0.6, 131_072, 65_536]]);

/** List prices, standard tier, of models that are widely used; `prices:` goes before them. What could not be verified is not here. */
export const CATALOGUE: readonly CatalogueModel[] = [...OPENAI_LATEST, ...OPENAI, ...ANTHROPIC, ...GOOGLE, ...GROQ];

/** Of the vendor whose API the URL is; none for any other server. */
export function modelsAt(baseUrl: string): readonly CatalogueModel[] {
  const host = URL.parse(baseUrl)?.hostname;
  return CATALOGUE.filter(({ vendor }) => VENDORS[vendor].host === host);
}
