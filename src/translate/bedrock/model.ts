/** Families whose own fields stand in `additionalModelRequestFields`. */
type ModelFamily = 'anthropic' | 'nova' | 'openai' | 'other';

/** By the model's id or the name in its ARN. */
export function familyOf(model: string): ModelFamily {
  if (model.includes('anthropic.') || model.includes('claude')) return 'anthropic';
  if (model.includes('nova')) return 'nova';
  return model.includes('openai.') || model.includes('gpt-') ? 'openai' : 'other';
}

/** Claude from 4.6 on decides itself how much it thinks. */
export function thinksAdaptively(model: string): boolean {
  const found = /claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2})(?!\d))?/.exec(model);
  const version = found === null ? 0 : Number(found[1]) * 100 + Number(found[2] ?? 0);
  return version >= 406;
}
