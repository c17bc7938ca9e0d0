import { describe, expect, it } from 'vitest';
import type { CustomRule } from '../../src/core/redaction.ts';
import { BUILT_IN_RULES, createRedactor } from '../../src/redact/redactor.ts';
import { allActions, RecordingLog, redactBody, SECRET } from './support.ts';

const TOKEN = 'ghp_' + 'A1b2'.repeat(9);

function redact(action: Parameters<typeof allActions>[0], text: string): string {
  return createRedactor(allActions(action), SECRET).redactText(text, 'request').text;
}

function rule(pattern: string): CustomRule {
  return { id: 'custom.ticket', pattern, request: 'mask', response: 'allow' };
}

describe('the actions', () => {
  it('allow finds nothing, and the direction need not be inspected', () => {
    const redactor = createRedactor(allActions('allow'), SECRET);
    expect(redactor.redactText(TOKEN, 'request')).toEqual({ text: TOKEN, findings: [] });
    expect(redactor.inspects('request')).toBe(false);
  });

  it('report finds and changes nothing', () => {
    const { text, findings } = createRedactor(allActions('report'), SECRET).redactText(TOKEN, 'request');
    expect(text).toBe(TOKEN);
    expect(findings).toHaveLength(1);
  });

  it('hash gives equal values equal words, and other keys other words', () => {
    const hashed = redact('hash', `${TOKEN} ${TOKEN}`);
    expect(hashed).toMatch(/^(secret_github_pat_h_[0-9a-f]{16}) \1$/);
    const other = createRedactor(allActions('hash'), Buffer.from('another key')).redactText(TOKEN, 'request').text;
    expect(hashed).not.toContain(other);
  });

  it('placeholder is typed, of one length, and the same for equal values', () => {
    const [first, second, third] = redact('placeholder', 'ada@example.com ADA@example.com bob@example.com').split(' ');
    expect(first).toMatch(/^PII_EM_[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(second!.slice(0, 17)).toBe(first!.slice(0, 17));
    expect(redact('placeholder', 'ada@example.com')).toBe(first);
    expect(third).not.toBe(first);
  });

  it.each([`${TOKEN}%a1b2c3d4`, `a1b2c3d4%${TOKEN}`])(
    'one secret that two rules see has one replacement: %j',
    (value) => {
      const { text, findings } = createRedactor(allActions('mask'), SECRET).redactText(`API_TOKEN=${value}`, 'request');
      expect(text).toBe('API_TOKEN=REDACTED_secret_github_pat');
      expect(findings).toMatchObject([{ rule: 'secret.github_pat', start: 10, end: 10 + value.length }]);
    },
  );

  it('placeholder of a card begins alike however it is grouped', () => {
    const [grouped, plain] = redact('placeholder', `${'4111' + ' 1111'.repeat(3)};4111${'1111'.repeat(3)}`).split(';');
    expect(grouped!.slice(0, 17)).toBe(plain!.slice(0, 17));
    expect(grouped).not.toBe(plain);
  });

  it('block names rule and place, tells of the finding, and never says the value', () => {
    const redactor = createRedactor(allActions('block'), SECRET);
    const log = new RecordingLog();
    const body = { messages: [{ content: `x ${TOKEN}` }] };
    expect(() => redactBody(redactor, body, log)).toThrow(
      expect.objectContaining({
        code: 'secret_detected',
        message: 'The rule secret.github_pat found a value in messages[0].content that may not pass; remove it.',
        details: { param: 'messages[0].content' },
      }),
    );
    expect(log.rules).toEqual(['secret.github_pat']);
  });

  it('leaves allowed values alone', () => {
    const redactor = createRedactor(allActions('mask', { allow: [TOKEN] }), SECRET);
    expect(redactor.redactText(`${TOKEN} ${TOKEN.replace('A1', 'B2')}`, 'request').text).toBe(
      `${TOKEN} REDACTED_secret_github_pat`,
    );
  });

  it.each(['mask', 'hash', 'placeholder'] as const)('%s is no finding itself', (action) => {
    const once = redact(
      action,
      `postgres://u:${TOKEN}@h.example.com and mongodb://u:hunter2@db.example.com ada@example.com`,
    );
    expect(redact(action, once)).toBe(once);
  });
});

describe('a rule of the configuration', () => {
  it('finds its matches', () => {
    const redactor = createRedactor(allActions('allow', { rules: [rule('TCK-[0-9]{8}')] }), SECRET);
    expect(redactor.redactText('see TCK-12345678.', 'request').text).toBe('see REDACTED_custom_ticket.');
    expect(redactor.redactText('see TCK-12345678.', 'response').text).toBe('see TCK-12345678.');
  });

  it.each([
    ['TCK-[0-9]+', 'write {0,N} or {1,N}'],
    ['a{2,}b', 'write {0,N} or {1,N}'],
    ['[a-z]{900}[0-9]{600}', 'can match 1500 characters'],
    ['.{600}', 'can match 1200 characters'],
    ['x{0,3}', 'matches the empty text'],
    ['(?=a)b', 'is not valid RE2 syntax'],
    ['[', 'is not valid RE2 syntax'],
  ])('with the pattern %s is refused', (pattern, problem) => {
    const create = (): unknown => createRedactor(allActions('allow', { rules: [rule(pattern)] }), SECRET);
    expect(create).toThrow(`the pattern of "custom.ticket" `);
    expect(create).toThrow(problem);
  });
});

describe('the list of rules', () => {
  it('has the stable ids that configurations and metrics name', () => {
    const ids = BUILT_IN_RULES.map(({ id }) => id);
    const stable = [
      'secret.github_pat',
      'secret.openai_key',
      'secret.private_key',
      'secret.jwt',
      'secret.url_password',
      'pii.email',
      'pii.card',
      'pii.iban',
    ];
    expect(ids).toEqual(expect.arrayContaining(stable));
  });
});
