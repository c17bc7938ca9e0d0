import type { Seconds } from '../core/units.ts';

/** A model as it is listed. */
export interface KnownModel {
  readonly id: string;
  readonly provider: string;
  /** As the provider describes it; null: it is a name of the gateway's own. */
  readonly told: Readonly<Record<string, unknown>> | null;
}

type Listed = Readonly<Record<string, unknown>>;

/** @source https://platform.openai.com/docs/api-reference/models */
export function openaiModel({ id, provider, told }: KnownModel, created: Seconds): Listed {
  const {
    created: since = secondsOf(told?.['created_at']) ?? created,
    owned_by: owner = provider,
    ...more
  } = told ?? {};
  const extra = told?.['type'] === 'model' ? {} : more;
  return { ...extra, id, object: 'model', created: since, owned_by: owner };
}

/** @source https://docs.anthropic.com/en/api/models-list */
export function anthropicModel({ id, told }: KnownModel, created: Seconds): Listed {
  if (told?.['type'] === 'model') return told;
  const since = typeof told?.['created'] === 'number' ? told['created'] : created;
  return { type: 'model', id, display_name: id, created_at: new Date(since * 1000).toISOString() };
}

function secondsOf(date: unknown): Seconds | null {
  const at = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(at) ? null : Math.floor(at / 1000);
}

/** Codex has descriptions of these, prompts included, which a list of ours would replace by worse ones. */
const KNOWN_TO_CODEX = /^(?:gpt-|codex-|o\d)/;
/** After all that Codex itself knows: none of ours becomes its default. */
const FIRST_PRIORITY = 1_000;

/** In the place of the prompt that Codex has for models it knows; it insists on one. */
const CODEX_INSTRUCTIONS = `You are a coding agent that works in the user's terminal and workspace.
Read the code that matters before you change it. Use the tools you are given to look at files, to run commands and to apply patches; never guess what a tool can tell you.
Keep changes small and in the style of what is there. Fix causes, not symptoms, and leave alone what the task does not touch.
Check your work with the project's own tests and tools where there are any, and say plainly what you could not check.
Go on until the task is done or you need a decision from the user; then tell in a few sentences what you did and where.`;

/** The form in which the Codex CLI asks for models, by `client_version`. @source github.com/openai/codex, codex-rs/protocol/src/openai_models.rs */
export function codexModels(models: readonly KnownModel[]): readonly Listed[] {
  const own = models.filter(({ id }) => !KNOWN_TO_CODEX.test(id));
  return own.map(({ id, provider }, index) => ({
    slug: id,
    display_name: id,
    description: `Served by ${provider}`,
    supported_reasoning_levels: [],
    shell_type: 'default',
    visibility: 'list',
    supported_in_api: true,
    priority: FIRST_PRIORITY + index,
    upgrade: null,
    base_instructions: CODEX_INSTRUCTIONS,
    supports_reasoning_summaries: false,
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: null,
    truncation_policy: { mode: 'bytes', limit: 10_000 },
    supports_parallel_tool_calls: false,
    experimental_supported_tools: [],
  }));
}
