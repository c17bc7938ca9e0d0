import { JsonKind } from '../core/json-document.ts';
import type { JsonDocument, JsonNode, TextEdit } from '../core/json-document.ts';

/**
 * Log probabilities repeat the text token by token: where the text changed, they would give it away, so they are emptied.
 * Each object is searched for them once, however many of its strings changed.
 */
export class TokenEdits {
  private readonly document: JsonDocument;
  private readonly edits: TextEdit[];
  /** The `logprobs` of each object on the way to a string that changed. */
  private readonly tokens = new Map<JsonNode, JsonNode | null>();
  private readonly emptied = new Set<JsonNode>();

  /** @param edits where the edits are put */
  constructor(document: JsonDocument, edits: TextEdit[]) {
    this.document = document;
    this.edits = edits;
  }

  changed(node: JsonNode): void {
    for (let owner = node.parent; owner !== null; owner = owner.parent) {
      const tokens = this.tokensOf(owner);
      if (tokens !== null && !this.emptied.has(tokens) && !contains(tokens, node)) this.empty(tokens);
    }
  }

  private tokensOf(owner: JsonNode): JsonNode | null {
    let tokens = this.tokens.get(owner);
    if (tokens === undefined) {
      tokens = this.document.member(owner, 'logprobs');
      if (tokens !== null && tokens.kind > JsonKind.array) tokens = null;
      this.tokens.set(owner, tokens);
    }
    return tokens;
  }

  private empty(tokens: JsonNode): void {
    this.emptied.add(tokens);
    this.edits.push({ start: tokens.start, end: tokens.end, text: tokens.kind === JsonKind.array ? '[]' : 'null' });
  }
}

function contains(outer: JsonNode, inner: JsonNode): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
