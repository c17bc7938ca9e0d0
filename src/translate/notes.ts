import { GatewayError } from '../core/errors.ts';
import type { Conversation, SettingName } from './conversation.ts';
import { isHint } from './hints.ts';

/** How a writer says what it cannot say as the client did: by names that the client knows. */
export class Notes {
  private readonly names: Readonly<Record<SettingName, string>>;
  /** Of the provider's format, for people. */
  private readonly title: string;
  private readonly fields = new Set<string>();

  constructor(names: Readonly<Record<SettingName, string>>, title: string) {
    this.names = names;
    this.title = title;
  }

  /** Something near stands for the setting. */
  approximate(setting: SettingName): void {
    this.fields.add(this.names[setting]);
  }

  /** The same for something that is no setting. @param path in the client's format: `messages[3]`, `metadata` */
  approximatePath(path: string): void {
    this.fields.add(path);
  }

  get approximated(): readonly string[] {
    return [...this.fields];
  }

  /** To be thrown: the provider has nothing for the setting, or for this value of it. */
  refusal(setting: SettingName, fix = 'remove it'): GatewayError {
    return this.refusalOf(this.names[setting], fix);
  }

  /** The same for something that is no setting. @param path in the client's format: `messages[3].content[0]`, `tools[2].type` */
  refusalOf(path: string, fix = 'remove it'): GatewayError {
    return new GatewayError(
      'invalid_request',
      `"${path}" has no counterpart in the ${this.title} API that serves this model; ${fix}, or use a model that speaks this endpoint's own protocol.`,
      { param: path },
    );
  }

  /** To be thrown: the provider cannot do without the setting, and the client has left it out. */
  missing(setting: SettingName, fix: string): GatewayError {
    const name = this.names[setting];
    return new GatewayError('invalid_request', `"${name}" is missing, which the ${this.title} API needs; ${fix}.`, {
      param: name,
    });
  }

  /**
   * Refuses what is left of fields that only the client's format knows, but for hints, which are told as approximated.
   * @param taken those that the writer has used, or that ask for what its vendor does anyway
   * @throws GatewayError
   */
  refuseRest({ rest }: Conversation, taken: ReadonlySet<string>): void {
    for (const [field, value] of rest) {
      if (taken.has(field)) continue;
      if (!isHint(field, value)) throw this.refusalOf(field, FIXES.get(field));
      this.approximatePath(field);
    }
  }
}

const WHOLE_INPUT = 'send the conversation so far as "input"';
/** What stands for fields that name what only their own vendor keeps. */
const FIXES: ReadonlyMap<string, string> = new Map([
  ['previous_response_id', WHOLE_INPUT],
  ['conversation', WHOLE_INPUT],
]);

/** A field of the client that is not what its own format says. */
export function malformed(path: string, expected: string): GatewayError {
  return new GatewayError('invalid_request', `"${path}" ${expected}.`, { param: path });
}
