import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { Exchange } from '../../src/core/exchange.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { Operation, Protocol } from '../../src/core/operation.ts';
import type { Principal } from '../../src/core/principal.ts';
import type {
  Direction,
  Finding,
  RedactionAction,
  RedactionLog,
  Redactor,
  TextStream,
  UninspectedReason,
} from '../../src/core/redaction.ts';
import type { StreamTransform } from '../../src/core/stream-transform.ts';

export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** A plain HTTP server with one handler; its port. */
export async function serve(handler: Handler): Promise<number> {
  const server = createServer({ requestTimeout: 0 }, handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

export function newExchange(operation: Operation = 'chat', protocol: Protocol = 'openai'): Exchange {
  return new Exchange('request-1', operation, protocol, 0, 0);
}

export function principal(
  metadata: Record<string, string> = {},
  mayUse: (model: string) => boolean = () => true,
): Principal {
  return { name: 'dev', isAnonymous: false, allowArmOverride: false, metadata, modelNames: [], allowances: [], mayUse };
}

/** Finds the word "secret" and does with it what the action says; `allow` inspects nothing. */
export class FakeRedactor implements Redactor {
  private readonly action: RedactionAction;
  private readonly failure: 'open' | 'closed';

  constructor(action: RedactionAction, failure: 'open' | 'closed' = 'open') {
    this.action = action;
    this.failure = failure;
  }

  inspects(_direction: Direction): boolean {
    return this.action !== 'allow';
  }

  isClean(json: string): boolean {
    return !json.includes('secret');
  }

  redactText(text: string): { readonly text: string; readonly findings: readonly Finding[] } {
    if (this.action === 'block' && text.includes('secret'))
      throw new GatewayError('secret_detected', 'A secret was found.');
    return { text: this.action === 'mask' ? text.replaceAll('secret', '******') : text, findings: [] };
  }

  redactDocument(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    const { text } = this.redactText(document.text);
    if (document.text.includes('secret')) log.found(direction, this.finding, '');
    return text === document.text ? document : JsonDocument.parse(text);
  }

  redactAside(document: JsonDocument, direction: Direction, log: RedactionLog): JsonDocument {
    return this.redactDocument(document, direction, log);
  }

  redactPlain(text: string, direction: Direction, log: RedactionLog, where: string): string {
    if (text.includes('secret')) log.found(direction, this.finding, where);
    return this.redactText(text).text;
  }

  openText(direction: Direction, log: RedactionLog, place: (line: number) => string): TextStream {
    let held = '';
    return {
      push: (piece) => {
        held += piece;
        return '';
      },
      finish: () => this.redactPlain(held, direction, log, place(1)),
    };
  }

  uninspected(direction: Direction, reason: UninspectedReason, log: RedactionLog): void {
    log.uninspected(direction, reason);
    if (this.failure === 'closed') throw new GatewayError('uninspectable_body', reason);
  }

  /** Holds each event until the next one has come. */
  openStream(): StreamTransform {
    let held: Parameters<StreamTransform['push']>[0] | null = null;
    return {
      push: (event, emit) => {
        if (held !== null) emit(held);
        held = null;
        const { text } = this.redactText(event.data);
        held = text === event.data ? event : event.withData(text);
      },
      flush: (_reason, emit) => {
        if (held !== null) emit(held);
      },
    };
  }

  private get finding(): Finding {
    return { rule: 'secret.word', category: 'secrets', action: this.action, start: 0, end: 6 };
  }
}
