import { at, bars, goodFrom, NEUTRAL, rate, series, stat, table, type Dashboard, type Row } from '../panel.ts';

const KEYS = 'key=~"$key"';
const MODELS = 'provider=~"$provider", model=~"$model"';

const TOTALS: Row = {
  title: 'What it costs',
  panels: [
    stat({
      title: 'In the time shown',
      unit: 'currencyUSD',
      width: 6,
      description: 'Of requests whose model has a price (`sluice models`).',
      queries: [{ expr: `sum(increase(${at('sluice_cost_usd_total', MODELS)}[$__range]))` }],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'A day, at this rate',
      unit: 'currencyUSD',
      width: 6,
      description: 'The last minutes, for a whole day.',
      queries: [{ expr: `${rate('sluice_cost_usd_total', '', MODELS)} * 86400` }],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'Of it for shadows',
      unit: 'currencyUSD',
      width: 6,
      description: 'Copies of requests, in the time shown; each shadow has a budget of its own.',
      queries: [{ expr: `sum(increase(${at('sluice_shadow_cost_usd_total')}[$__range]))` }],
      thresholds: NEUTRAL,
    }),
    stat({
      title: 'Share of cached input',
      unit: 'percentunit',
      width: 6,
      description:
        "Of the input tokens, from the provider's own cache. Falling: prompts begin with something that changes.",
      queries: [
        {
          expr: `${rate('sluice_tokens_total', '', 'type="cached_input"')} / ${rate('sluice_tokens_total', '', 'type="input"')}`,
        },
      ],
      thresholds: NEUTRAL,
    }),
    series({
      title: 'By model, an hour',
      unit: 'currencyUSD',
      isStacked: true,
      width: 12,
      description: 'A jump: more requests, longer replies, or another model: compare with tokens.',
      queries: [
        {
          expr: `${rate('sluice_cost_usd_total', 'provider, model', MODELS)} * 3600`,
          legend: '{{provider}}/{{model}}',
        },
      ],
    }),
    series({
      title: 'Tokens by model',
      unit: 'ops',
      isStacked: true,
      width: 12,
      description: 'A second.',
      queries: [
        {
          expr: rate('sluice_tokens_total', 'provider, model, type', MODELS),
          legend: '{{provider}}/{{model}} {{type}}',
        },
      ],
    }),
    series({
      title: 'Per request, by route',
      unit: 'currencyUSD',
      width: 12,
      description: 'Rising with the same number of requests: prompts or replies get longer.',
      queries: [
        {
          expr: `${rate('sluice_cost_usd_total', 'route', MODELS)} / ${rate('sluice_requests_total', 'route', `${MODELS}, outcome="success"`)}`,
          legend: '{{route}}',
        },
      ],
    }),
    series({
      title: 'Requests whose usage was counted here',
      unit: 'reqps',
      width: 12,
      description:
        'The provider told no usage: aborted, cut off, or silent about it. Many of one model: its replies lack `usage`.',
      queries: [
        { expr: rate('sluice_usage_estimated_total', 'provider, model', MODELS), legend: '{{provider}}/{{model}}' },
      ],
    }),
  ],
};

const CALLERS: Row = {
  title: 'Who it is for',
  panels: [
    series({
      title: 'By key, an hour',
      unit: 'currencyUSD',
      isStacked: true,
      description:
        'The twenty that cost most. A key that jumps: `sluice key show NAME` tells its owner; `sluice key revoke NAME` ends it.',
      queries: [{ expr: `topk(20, ${rate('sluice_key_cost_usd_total', 'key', KEYS)} * 3600)`, legend: '{{key}}' }],
    }),
    series({
      title: 'By team, an hour',
      unit: 'currencyUSD',
      isStacked: true,
      description: 'Keys without a team are those without a name here.',
      queries: [{ expr: `${rate('sluice_key_cost_usd_total', 'team', KEYS)} * 3600`, legend: '{{team}}' }],
    }),
    table({
      title: 'Keys, in the time shown',
      unit: 'currencyUSD',
      description: 'US dollars.',
      queries: [
        { expr: `topk(20, sum by (key, team) (increase(${at('sluice_key_cost_usd_total', KEYS)}[$__range])))` },
      ],
    }),
    series({
      title: 'Requests by key',
      unit: 'reqps',
      isStacked: true,
      width: 12,
      description: 'With how they ended; the twenty most.',
      queries: [
        { expr: `topk(20, ${rate('sluice_key_requests_total', 'key, outcome', KEYS)})`, legend: '{{key}} {{outcome}}' },
      ],
    }),
    series({
      title: 'Tokens by key',
      unit: 'ops',
      isStacked: true,
      width: 12,
      description: 'A second; of the twenty that use most.',
      queries: [
        { expr: `topk(20, ${rate('sluice_key_tokens_total', 'key, type', KEYS)})`, legend: '{{key}} {{type}}' },
      ],
    }),
  ],
};

const BUDGETS: Row = {
  title: 'Budgets and limits',
  panels: [
    bars({
      title: 'Left of the budgets of keys',
      unit: 'percentunit',
      max: 1,
      description:
        'The twenty with the least. What is reserved counts as spent. At 0 requests get 429 insufficient_quota.',
      alert: 'SluiceBudgetNearlyUsed',
      queries: [
        {
          expr: `bottomk(20, min by (key) (${at('sluice_budget_remaining_usd', KEYS)}) / max by (key) (${at('sluice_budget_limit_usd', KEYS)}))`,
          legend: '{{key}}',
        },
      ],
      thresholds: goodFrom(0.1, 0.25),
    }),
    bars({
      title: 'Left of the budgets of teams',
      unit: 'percentunit',
      max: 1,
      description: 'All keys of a team draw on it.',
      alert: 'SluiceBudgetNearlyUsed',
      queries: [
        {
          expr: `sort(min by (team) (${at('sluice_team_budget_remaining_usd')}) / max by (team) (${at('sluice_team_budget_limit_usd')}))`,
          legend: '{{team}}',
        },
      ],
      thresholds: goodFrom(0.1, 0.25),
    }),
    series({
      title: 'Left, in dollars',
      unit: 'currencyUSD',
      description: 'Drawn over time: where it will end. The twenty with the least.',
      queries: [{ expr: `bottomk(20, min by (key) (${at('sluice_budget_remaining_usd', KEYS)}))`, legend: '{{key}}' }],
    }),
    series({
      title: 'Refused by limits and budgets',
      unit: 'ops',
      isStacked: true,
      width: 12,
      description: 'By what is limited: `key:NAME/tokens`, `team:NAME/budget`.',
      queries: [
        {
          expr: `topk(20, ${rate('sluice_policy_decisions_total', 'rule', 'rule=~".+/(requests|tokens|concurrent|budget)", decision="deny"')})`,
          legend: '{{rule}}',
        },
      ],
    }),
    series({
      title: 'Decided without the shared counters',
      unit: 'ops',
      width: 12,
      description:
        'closed: refused. local: counted in one gateway alone. Anything but 0: the shared counters are down.',
      alert: 'SluiceCountersDown',
      queries: [{ expr: rate('sluice_counters_alone_total', 'result'), legend: '{{result}}' }],
    }),
  ],
};

export const COST: Dashboard = {
  uid: 'sluice-cost',
  title: 'Sluice: cost',
  about: 'What models, keys and teams cost, and what is left of budgets.',
  variables: [
    { name: 'provider', label: 'Provider', of: 'sluice_upstream_attempts_total' },
    { name: 'model', label: 'Model', of: 'sluice_upstream_attempts_total' },
    { name: 'key', label: 'Key', of: 'sluice_key_requests_total' },
  ],
  rows: [TOTALS, CALLERS, BUDGETS],
};
