import type { Asked, Client, Told } from '../client-kind.ts';

/** An SDK that is given the whole conversation at each turn. */
interface Turns<Message, Reply> {
  question(asked: Asked): Message;
  turn(asked: Asked, messages: Message[]): Promise<Reply>;
  told(reply: Reply): Told;
  /** What the reply adds to the conversation, and the answers to its calls. */
  next(reply: Reply): readonly Message[];
}

export function conversing<Message, Reply>({ question, turn, told, next }: Turns<Message, Reply>): Client {
  return {
    ask: async (asked) => told(await turn(asked, [question(asked)])),
    async loop(asked) {
      const messages = [question(asked)];
      const calls: Told['calls'][number][] = [];
      for (;;) {
        const reply = await turn(asked, messages);
        const turned = told(reply);
        calls.push(...turned.calls);
        if (turned.calls.length === 0) return { ...turned, calls };
        messages.push(...next(reply));
      }
    },
  };
}

export function optionsOf({ signal }: Asked): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
