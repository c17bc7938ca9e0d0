import type { ModelCall } from '../src/core/call.ts';
import { Exchange } from '../src/core/exchange.ts';
import { JsonDocument } from '../src/core/json-document.ts';
import type { PolicyConfig } from '../src/core/policy.ts';
import type { Principal } from '../src/core/principal.ts';
import { ANONYMOUS } from '../src/identify/principal.ts';
import { PolicyFacts } from '../src/policy/facts.ts';
import { PolicyJudge } from '../src/policy/judge.ts';
import { compileRules, type RuleSet } from '../src/policy/rule-set.ts';
import { atMost, type SuiteReport } from './report.ts';
import type { Settings } from './settings.ts';
import { median } from './statistics.ts';

const POLICIES = 200;
const CALLS = 20_000;
const WARM_UP_ROUNDS = 2; // the compiler's work
const LIMIT_MICROS = 10;

/** One kind of condition each; none of them holds for the call. */
const KINDS: Readonly<Record<string, (i: number) => string>> = {
  equality: (i) => `request.model == "gpt-${i}" && metadata.region == "eu"`,
  membership: (i) => `key.name in ["a${i}", "b${i}"] && time.hour >= 22`,
  prefix: (i) => `request.model.startsWith("claude-${i}") || key.team == "team-${i}"`,
  number: (i) => `request.max_tokens > ${4096 + i} && !request.stream`,
  tools: (i) => `request.tools.exists(t, t == "shell-${i}")`,
  size: (i) => `size(request.user) > ${100 + i}`,
  pattern: (i) => `request.user.matches("^bot-${i}-[0-9]+$")`,
};

interface Row {
  readonly name: string;
  readonly micros: number;
  readonly rounds: readonly number[];
}

/** What the policies of a request cost, none of which applies: the call that must not be slowed down. */
export function run({ isQuick }: Settings): SuiteReport {
  const rounds = isQuick ? 5 : 15;
  const kinds = Object.values(KINDS);
  const mixed = rulesOf((i) => kinds[i % kinds.length]!(i));
  const rows = [
    measure('none', null, rounds),
    measure(`${POLICIES} of all kinds`, mixed, rounds),
    ...Object.entries(KINDS).map(([name, kind]) => measure(`${POLICIES} by ${name}`, rulesOf(kind), rounds)),
  ];
  return {
    suite: 'policy',
    targets: [atMost(LIMIT_MICROS, 'us', `${POLICIES} policies of all kinds, a request`, rows[1]!.micros)],
    columns: ['policies', 'us a request'],
    rows: rows.map(({ name, micros }) => [name, micros]),
    notes: ['the median of the rounds; no policy holds, so that all of them are judged'],
    rounds: rows,
  };
}

function rulesOf(when: (i: number) => string): RuleSet {
  return compileRules(Array.from({ length: POLICIES }, (_, i) => denial(`p${i}`, when(i))))!;
}

function denial(name: string, when: string): PolicyConfig {
  return {
    name,
    when,
    enforce: true,
    deny: 'no',
    approve: false,
    require: [],
    set: {},
    cap: {},
    route: null,
    prompt: null,
    tag: {},
    tools: null,
  };
}

const BODY = {
  model: 'gpt-4o',
  user: 'user-1',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hello there' }],
  tools: [{ type: 'function', function: { name: 'search' } }],
};

const PRINCIPAL: Principal = {
  ...ANONYMOUS,
  id: 'config:app',
  name: 'app',
  isAnonymous: false,
  metadata: { team: 'core' },
};

function measure(name: string, rules: RuleSet | null, rounds: number): Row {
  const document = JsonDocument.parse(JSON.stringify(BODY));
  const call: ModelCall = {
    model: BODY.model,
    stream: false,
    user: BODY.user,
    metadata: new Map([['region', 'us']]),
    document,
    bytes: Buffer.from(document.text),
    encoding: null,
    path: '/v1/chat/completions',
  };
  const exchange = new Exchange('id', 'chat', 'openai', 0, 0);
  const judge = (): void => {
    // As `Gateway.policyFor` does.
    if (rules !== null) new PolicyJudge(rules, new PolicyFacts(exchange, PRINCIPAL, call, 0)).judgeRequest();
  };
  const figures: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const started = performance.now();
    for (let i = 0; i < CALLS; i++) judge();
    if (round >= 0) figures.push(((performance.now() - started) * 1000) / CALLS);
  }
  return { name, micros: median(figures)!, rounds: figures };
}
