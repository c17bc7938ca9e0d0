const SEPARATORS = ['_', '-', '.', ' ', ''];

/**
 * A name as code, env files, headers and prose write it: `client_secret`, `CLIENT-SECRET`, `clientSecret`, `Client Secret`.
 * @param name lower case, words apart by `_`; a name with capitals or that begins with a sign is taken as it is written
 */
export function spellingsOf(name: string): string[] {
  if (!/^[a-z0-9][^A-Z]*$/.test(name)) return [name];
  const lower = name.split(/[_. -]/);
  const upper = lower.map((word) => word.toUpperCase());
  const capitalised = lower.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const camel = [lower[0]!, ...capitalised.slice(1)];
  const joined = [lower, upper, capitalised].flatMap((words) => SEPARATORS.map((separator) => words.join(separator)));
  return [...new Set([...joined, camel.join('')])];
}

/** The keywords of all names, each once. */
export function keywordsOf(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(spellingsOf))];
}
