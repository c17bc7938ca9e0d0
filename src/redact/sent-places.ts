import { ALNUM, LEFT_CONTEXT } from './char-set.ts';
import { PLACEHOLDER_HEAD, PLACEHOLDER_LENGTH } from './replacement.ts';
import { isHostBehind, LONGEST_URL_REST, urlAround, wholeUrl } from './urls.ts';
import type { Vault } from './vault.ts';

const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/gi;
/** Of JSON text inside of JSON. */
const ESCAPED_TWICE = /\\\\(?:u[0-9a-f]{4}|[^\\/])/i;

/**
 * Notes what the placeholders of a request stand in: a reply may name the same URL again. Not of those that were in the
 * request when it came: a reply that was kept may have put them anywhere.
 * @param sent the body, JSON, and @param came as it was before
 */
export function rememberPlaces(vault: Vault, sent: string, came: string): void {
  if (vault.isEmpty) return;
  const known = placeholdersIn(came);
  for (let at = sent.indexOf(PLACEHOLDER_HEAD); at >= 0; at = sent.indexOf(PLACEHOLDER_HEAD, at + 1)) {
    const end = at + PLACEHOLDER_LENGTH;
    const placeholder = sent.slice(at, end);
    if (vault.issuedAs(placeholder) === null || known.has(placeholder)) continue;
    // Twice as much as is looked at: escapes are longer than what they stand for.
    const written = sent.slice(Math.max(0, at - 2 * LEFT_CONTEXT), at);
    const before = plain(written).slice(-LEFT_CONTEXT);
    const behind = plain(sent.slice(end, end + LONGEST_URL_REST));
    if (ALNUM.has(before.charCodeAt(before.length - 1))) vault.send(before.at(-1)! + placeholder);
    if (ALNUM.has(behind.charCodeAt(0))) vault.send(placeholder + behind[0]!);
    sendUrl(vault, placeholder, before, behind);
    // What tools are handed is JSON text: a line end before a URL is no letter of its scheme.
    if (ESCAPED_TWICE.test(written)) sendUrl(vault, placeholder, plainTwice(written).slice(-LEFT_CONTEXT), behind);
    // A user or password in front of its host.
    const address = isHostBehind(behind, false) ? wholeUrl('', placeholder, behind) : null;
    if (address !== null) vault.send(address);
  }
}

function sendUrl(vault: Vault, placeholder: string, before: string, behind: string): void {
  const url = urlAround(placeholder, { before, behind });
  if (url !== null) vault.send(url);
}

/** All that may be one: each place of the text is looked at once, however many placeholders are asked about. */
function placeholdersIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let at = text.indexOf(PLACEHOLDER_HEAD); at >= 0; at = text.indexOf(PLACEHOLDER_HEAD, at + 1))
    found.add(text.slice(at, at + PLACEHOLDER_LENGTH));
  return found;
}

/** Some programs write slashes escaped; what else is escaped is no part of a URL. */
function plain(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\/', '/').replaceAll(ESCAPE, ' ') : json;
}

function plainTwice(json: string): string {
  return plain(json.replaceAll(new RegExp(ESCAPED_TWICE, 'gi'), ' '));
}
