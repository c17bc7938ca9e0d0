import { systemClock } from './core/clock.ts';
import type { Operation } from './core/operation.ts';
import type { Provider } from './core/provider.ts';
import { CLIENT_WIRES, type EmbeddingWire, type Translation } from './core/translation.ts';
import { bedrockFormat } from './translate/bedrock/format.ts';
import { chatFormat } from './translate/chat/format.ts';
import { geminiEmbeddings, vertexEmbeddings } from './translate/embeddings/gemini.ts';
import { titanEmbeddings } from './translate/embeddings/titan.ts';
import { embeddingTranslation } from './translate/embeddings/translate.ts';
import type { ClientFormat, ProviderFormat } from './translate/format.ts';
import { geminiFormat } from './translate/gemini/format.ts';
import { messagesFormat } from './translate/messages/format.ts';
import { responsesFormat } from './translate/responses/format.ts';
import { translation } from './translate/translate.ts';

const CLIENTS: readonly ClientFormat[] = [chatFormat, responsesFormat, messagesFormat];
const PROVIDERS: readonly ProviderFormat[] = [chatFormat, responsesFormat, messagesFormat, geminiFormat, bedrockFormat];

/** All pairs, by `client-provider`; made once. */
const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map(
  CLIENTS.flatMap((client) =>
    PROVIDERS.filter(({ wire }) => wire !== client.wire)
      .map((provider) => translation(client, provider, systemClock))
      .map((each) => [each.name, each] as const),
  ),
);

const EMBEDDINGS: Readonly<Record<EmbeddingWire, Translation>> = {
  'gemini-embeddings': embeddingTranslation(geminiEmbeddings),
  'vertex-embeddings': embeddingTranslation(vertexEmbeddings),
  'titan-embeddings': embeddingTranslation(titanEmbeddings),
};

/** Null where the provider serves the endpoint itself, and where nobody can translate it. */
export function translationFor(operation: Operation, provider: Provider): Translation | null {
  if (operation === 'embeddings') return provider.embeddings === undefined ? null : EMBEDDINGS[provider.embeddings];
  const wire = CLIENT_WIRES[operation];
  if (wire === undefined || provider.speaks(operation)) return null;
  return TRANSLATIONS.get(`${wire}-${provider.wire}`) ?? null;
}

/** Whether calls of the operation can reach the provider, as they are or translated. */
export function serves(provider: Provider, operation: Operation): boolean {
  return provider.speaks(operation) || translationFor(operation, provider) !== null;
}
