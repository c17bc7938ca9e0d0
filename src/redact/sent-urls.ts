import { LEFT_CONTEXT } from './char-set.ts';
import { PLACEHOLDER_HEAD, PLACEHOLDER_LENGTH } from './replacement.ts';
import { isInUrl, LONGEST_URL_REST, urlAround } from './urls.ts';
import type { Vault } from './vault.ts';

const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/gi;

/**
 * Notes the URLs of a request that have placeholders in them: a reply may name them again.
 * @param body as it is sent, JSON: quotes and escapes end a URL there as well
 */
export function rememberUrls(vault: Vault, body: string): void {
  if (vault.isEmpty) return;
  for (let at = body.indexOf(PLACEHOLDER_HEAD); at >= 0; at = body.indexOf(PLACEHOLDER_HEAD, at + 1)) {
    const end = at + PLACEHOLDER_LENGTH;
    const placeholder = body.slice(at, end);
    if (vault.issuedAs(placeholder) === null) continue;
    // Twice as much as is looked at: escapes are longer than what they stand for.
    const before = plain(body.slice(Math.max(0, at - 2 * LEFT_CONTEXT), at)).slice(-LEFT_CONTEXT);
    const behind = plain(body.slice(end, end + LONGEST_URL_REST));
    const url = isInUrl(before) ? urlAround(placeholder, { before, behind }) : null;
    if (url !== null) vault.sendUrl(url);
  }
}

/** Some programs write slashes escaped; what else is escaped is no part of a URL. */
function plain(json: string): string {
  return json.includes('\\') ? json.replaceAll('\\/', '/').replaceAll(ESCAPE, ' ') : json;
}
