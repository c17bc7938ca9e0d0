import type { Dialect } from '../failure.ts';

const RELEASED = 1_735_689_600; // 2025-01-01, in Unix seconds: the age of every simulated model

/** @source https://platform.openai.com/docs/api-reference/models, https://docs.anthropic.com/en/api/models */
export function modelObject(dialect: Dialect, id: string): unknown {
  return dialect === 'anthropic'
    ? { type: 'model', id, display_name: id, created_at: new Date(RELEASED * 1000).toISOString() }
    : { id, object: 'model', created: RELEASED, owned_by: 'simulator' };
}

/** One page with all models. */
export function modelList(dialect: Dialect, ids: readonly string[]): unknown {
  const data = ids.map((id) => modelObject(dialect, id));
  return dialect === 'anthropic'
    ? { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
    : { object: 'list', data };
}
