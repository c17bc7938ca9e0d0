const SEPARATORS = ['_', '-', '.', ' ', ''];
const ONLY_WORDS = /^[A-Za-z0-9_]+$/;

/**
 * A name as code, env files, headers and prose write it: `client_secret`, `client-secret`, `clientsecret`, `client secret`;
 * all in lower case, for search in any case.
 * @param name words apart by `_`; with other characters it is taken as it is written
 */
function spellingsOf(name: string): string[] {
  if (!ONLY_WORDS.test(name)) return [name.toLowerCase()];
  const words = name.toLowerCase().split('_');
  return words.length === 1 ? words : SEPARATORS.map((separator) => words.join(separator));
}

/** The spellings of all names, each once. */
export function spellingsOfAll(names: readonly string[]): string[] {
  return [...new Set(names.flatMap(spellingsOf))];
}
