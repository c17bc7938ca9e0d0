import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { PolicyConfig } from '../../src/core/policy.ts';
import { BodyEdits } from '../../src/policy/body-changes.ts';
import { PolicyJudge } from '../../src/policy/judge.ts';
import { compileRules } from '../../src/policy/rule-set.ts';
import { factsOf, policyOf, type FactsOptions } from './support.ts';

function judgeOf(policies: readonly Partial<PolicyConfig>[], options: FactsOptions = {}) {
  const rules = compileRules(policies.map((given, i) => policyOf({ name: `p${i}`, ...given })))!;
  const facts = factsOf(options);
  return { judge: new PolicyJudge(rules, facts), facts, exchange: facts.exchange };
}

const denialOf = (work: () => unknown): GatewayError => {
  try {
    work();
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('was not denied');
};

describe('the rules of a request', () => {
  it('are judged in their order; the first that denies answers', () => {
    const { judge, exchange } = judgeOf([
      { tag: { seen: 'yes' } },
      { when: 'request.stream', deny: 'streams' },
      { deny: 'first' },
      { deny: 'second' },
    ]);
    expect(denialOf(() => judge.judgeRequest()).message).toBe('first (policy "p2").');
    expect(exchange.policies).toEqual([
      { rule: 'p0', decision: 'tag' },
      { rule: 'p2', decision: 'deny' },
    ]);
  });

  it('keep their order where some are looked up and some are not', () => {
    const eu = 'metadata.region == "eu"';
    const { judge } = judgeOf(
      [
        { when: 'request.stream', deny: 'a' },
        { when: `${eu} && request.user == "x"`, deny: 'b' },
        { when: eu, deny: 'c' },
        { deny: 'd' },
        { when: eu, deny: 'e' },
      ],
      { metadata: { region: 'eu' } },
    );
    expect(denialOf(() => judge.judgeRequest()).message).toContain('"p2"');
  });

  it('read the call as it came, whatever those before them changed', () => {
    const { judge } = judgeOf(
      [
        { route: 'b', tag: { region: 'us' } },
        { when: 'request.model == "a" && metadata.region == "eu"', route: 'c', set: { seed: 1 } },
      ],
      { body: { model: 'a' }, metadata: { region: 'eu' } },
    );
    const call = judge.judgeRequest();
    expect(call.model).toBe('b');
    expect(call.document.text).toBe('{"model":"b"}');
    expect(call.metadata.get('region')).toBe('us');
    expect(judge.edits.over(null, call.document, 'chat')).toEqual({ seed: 1 });
  });

  it('deny what they cannot judge, except where they only tell', () => {
    const broken = 'int(metadata.n) > 1';
    const { judge, exchange } = judgeOf(
      [
        { when: broken, tag: { a: 'b' } },
        { when: broken, cap: { max_tokens: 1 } },
      ],
      {
        metadata: { n: 'x' },
      },
    );
    expect(denialOf(() => judge.judgeRequest())).toMatchObject({ code: 'policy_denied' });
    expect(exchange.policies).toEqual([
      { rule: 'p0', decision: 'error' },
      { rule: 'p1', decision: 'error' },
    ]);
    expect(exchange.tags).toBeNull();
  });

  it('do not miss a tool among more than can be judged', () => {
    const tools = Array.from({ length: 1001 }, (_, i) => ({ type: 'function', function: { name: `t${i}` } }));
    const { judge } = judgeOf([{ tools: { allow: null, deny: ['t1000'] } }], { body: { tools } });
    expect(denialOf(() => judge.judgeRequest()).code).toBe('policy_denied');
  });

  it('that are not enforced change nothing', () => {
    const { judge, exchange, facts } = judgeOf(
      [{ deny: 'no' }, { approve: true }, { route: 'b', set: { a: 1 }, tag: { b: 'c' } }].map((each) => ({
        ...each,
        enforce: false,
      })),
    );
    expect(judge.judgeRequest()).toBe(facts.call);
    expect(judge.edits.isEmpty).toBe(true);
    expect(exchange.policies?.map(({ decision }) => decision)).toEqual([
      'would_deny',
      'would_approval_required',
      'would_set',
      'would_route',
      'would_tag',
    ]);
  });
});

describe('the rules of targets', () => {
  it('tell for each whether it may be asked, and what changes for it', () => {
    const { judge } = judgeOf([
      { when: 'target.provider == "a"', deny: 'not a' },
      { when: 'target.model == "y"', cap: { max_tokens: 5 } },
      { cap: { max_tokens: 9 } },
    ]);
    judge.judgeRequest();
    const { document } = factsOf({ body: { max_tokens: 20 } }).call;
    const changes = ['x', 'y'].map((model) => {
      const verdict = judge.judgeTarget('b', model);
      return verdict instanceof BodyEdits ? verdict.over(null, document, 'chat') : verdict;
    });
    expect(changes).toEqual([{ max_tokens: 9 }, { max_tokens: 5 }]);
    expect(judge.judgeTarget('a', 'x')).toBeInstanceOf(GatewayError);
  });
});

describe('what rules read of a body', () => {
  const holds = (when: string, options: FactsOptions): boolean => {
    const { judge } = judgeOf([{ when, deny: 'x' }], options);
    try {
      judge.judgeRequest();
      return false;
    } catch {
      return true;
    }
  };
  const body = {
    model: 'm',
    temperature: 0.25,
    max_tokens: 10,
    max_completion_tokens: 30,
    messages: [
      { role: 'developer', content: 'abcd' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'efgh' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
    ],
    tools: [{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }],
  };

  it.each([
    'request.model == "m"',
    'request.operation == "chat" && request.protocol == "openai"',
    'request.max_tokens == 30',
    'request.temperature == 0.25',
    'request.messages == 2',
    'request.images == 1',
    'request.has_system',
    'request.tools == ["f", "web_search"]',
    'request.input_tokens > 5 && request.input_tokens < 60',
    'request.bytes > 100',
    'request.user == "" && !request.stream',
    'metadata.region == "eu" && metadata.other == "" && !has(metadata.other) && has(metadata.region)',
    'key.name == "app" && !key.anonymous && key.team == "core" && key.owner == "" && key.metadata.x == "1"',
    'time.hour == 13 && time.weekday == 6 && time.date == "2026-11-21" && time.unix == 1795266300',
    'attack.score == 0.0',
  ])('%s', (when) => {
    const options = { body, metadata: { region: 'eu' }, key: { metadata: { team: 'core', x: '1' } } };
    expect(holds(when, options)).toBe(true);
    expect(holds(`!(${when})`, options)).toBe(false);
  });

  it('takes what is no number for the largest', () => {
    const body = { max_tokens: '9', temperature: [0] };
    expect(holds('request.max_tokens > 1000000 && request.temperature > 2.0', { body })).toBe(true);
    expect(holds('request.max_tokens == 0 && request.temperature == 1.0', { body: { max_tokens: null } })).toBe(true);
  });

  it('is the same in the other protocols', () => {
    const messages = { max_tokens: 5, system: 'x', messages: [{ role: 'user', content: 'y' }], tools: [{ name: 'z' }] };
    const when = 'request.has_system && request.max_tokens == 5 && "z" in request.tools && request.messages == 1';
    expect(holds(when, { body: messages, operation: 'messages' })).toBe(true);
    const input = { max_output_tokens: 5, instructions: 'x', input: 'y', tools: [{ type: 'function', name: 'z' }] };
    expect(holds(when, { body: input, operation: 'responses' })).toBe(true);
  });
});
