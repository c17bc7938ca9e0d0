/** The first number of a model's name (`gemini-3.1-pro`: 3); aliases of the newest stand for 3; null: no name of Google's. */
export function generationOf(model: string): number | null {
  const found = /gemini-(?:(\d{1,3})|[a-z-]*latest)/.exec(model);
  return found === null ? null : Number(found[1] ?? 3);
}

/** Reasoning of these is proved by signatures, and their calls have ids. */
export function wantsSignatures(model: string): boolean {
  return (generationOf(model) ?? 0) >= 3;
}
