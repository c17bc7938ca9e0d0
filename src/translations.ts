import { systemClock } from './core/clock.ts';
import type { Operation } from './core/operation.ts';
import type { Provider } from './core/provider.ts';
import { CLIENT_WIRES, type Translation, type Wire } from './core/translation.ts';
import { bedrockFormat } from './translate/bedrock/format.ts';
import type { ClientFormat, ProviderFormat } from './translate/format.ts';
import { geminiFormat } from './translate/gemini/format.ts';
import { translation } from './translate/translate.ts';

const CLIENTS: Readonly<Partial<Record<Wire, ClientFormat>>> = {};
const PROVIDERS: Readonly<Partial<Record<Wire, ProviderFormat>>> = { gemini: geminiFormat, bedrock: bedrockFormat };

/** All pairs, by `client-provider`; made once. */
const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map(
  Object.values(CLIENTS).flatMap((client) =>
    Object.values(PROVIDERS)
      .filter(({ wire }) => wire !== client.wire)
      .map((provider) => translation(client, provider, systemClock))
      .map((each) => [each.name, each] as const),
  ),
);

/** Null where the provider serves the endpoint itself, and where nobody can translate it. */
export function translationFor(operation: Operation, provider: Provider): Translation | null {
  const wire = CLIENT_WIRES[operation];
  if (wire === undefined || provider.speaks(operation)) return null;
  return TRANSLATIONS.get(`${wire}-${provider.wire}`) ?? null;
}

/** Whether calls of the operation can reach the provider, as they are or translated. */
export function serves(provider: Provider, operation: Operation): boolean {
  return provider.speaks(operation) || translationFor(operation, provider) !== null;
}
