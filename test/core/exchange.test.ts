import { describe, expect, it } from 'vitest';
import { Exchange, type AbortReason } from '../../src/core/exchange.ts';
import type { Finding } from '../../src/core/redaction.ts';

const exchange = (): Exchange => new Exchange('id-1', 'chat', 'openai', 0, 0);

function finding(rule: string, action: Finding['action']): Finding {
  return { rule, category: 'secrets', action, start: 0, end: 1 };
}

describe('an exchange', () => {
  it('tells its listener once why it stops; the first reason stays', () => {
    const it1 = exchange();
    const reasons: AbortReason[] = [];
    it1.onAbort((reason) => reasons.push(reason));
    it1.abort('client_gone');
    it1.abort('shutdown');
    expect(reasons).toEqual(['client_gone']);
    expect(it1.aborted).toBe('client_gone');
  });

  it('tells a listener that comes too late at once', () => {
    const it1 = exchange();
    it1.abort('shutdown');
    const reasons: AbortReason[] = [];
    it1.onAbort((reason) => reasons.push(reason));
    expect(reasons).toEqual(['shutdown']);
  });

  it('stops once its deadline has come, for the reason that was given with it', () => {
    const late = exchange();
    late.setDeadline(100, 'request_timeout');
    late.setDeadline(500, 'total_timeout');
    late.checkDeadline(499);
    expect(late.aborted).toBeNull();
    late.checkDeadline(500);
    expect(late.aborted).toBe('total_timeout');
    const endless = exchange();
    endless.checkDeadline(Number.MAX_VALUE);
    expect(endless.aborted).toBeNull();
  });

  it('counts as its own share neither the provider, nor the upload, nor a pause, and only until its first answer', () => {
    const it1 = new Exchange('id-1', 'chat', 'openai', 100, 0);
    it1.upstreamMs = 30;
    it1.waitedMs = 50;
    it1.answered(185);
    it1.answered(900);
    expect(it1.overheadMs).toBe(5);
  });

  it('tells in its header what was changed, not what was only reported', () => {
    const it1 = exchange();
    expect(it1.redactedHeader()).toBe('');
    it1.found('request', finding('secret.github_pat', 'mask'));
    it1.found('response', finding('secret.github_pat', 'placeholder'));
    it1.found('request', finding('pii.email', 'report'));
    it1.found('request', finding('pii.card', 'hash'));
    expect(it1.redactedHeader()).toBe('secret.github_pat=2,pii.card=1');
    expect(it1.redactions).toHaveLength(4);
  });

  it('remembers the most that was held at one time', () => {
    const it1 = exchange();
    for (const bytes of [3, 9, 4]) it1.held(bytes);
    expect(it1.heldBytes).toBe(9);
  });
});
