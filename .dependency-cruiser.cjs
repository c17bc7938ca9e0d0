/** The import rules of ARCHITECTURE.md, as a check. @type {import('dependency-cruiser').IConfiguration} */
const STAGES = 'identify|policy|redact|route|upstream|record|stream|ingress';

/** A rule: files under `from` import nothing that matches `to`. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-circles', 'Modules that import each other cannot be understood one at a time.', {}, { circular: true }),
    forbid(
      'core-stands-alone',
      'The shared language imports nothing else of ours.',
      { path: '^src/core/' },
      { path: '^src/(?!core/)' },
    ),
    forbid(
      'stages-do-not-know-each-other',
      'A stage gets what it needs as an argument or a contract of core; gateway.ts wires them. Only ingress uses stream.',
      { path: `^src/(${STAGES})/` },
      { path: '^src/(?!core/)', pathNot: ['^src/$1/', '^src/stream/'] },
    ),
    forbid(
      'only-ingress-uses-stream',
      'Replies are piped where they are answered.',
      { path: '^src/(identify|policy|redact|route|upstream|record)/' },
      { path: '^src/stream/' },
    ),
    forbid(
      'providers-import-core-only',
      'A provider is a pure mapping.',
      { path: '^src/providers/' },
      { path: '^src/(?!core/|providers/)' },
    ),
    forbid(
      'translate-imports-core-only',
      'Translators are pure: text in, text out.',
      { path: '^src/translate/' },
      { path: '^src/(?!core/|translate/)' },
    ),
    forbid(
      'rollout-imports-core-only',
      'The state machine and its registry know the store by its contract.',
      { path: '^src/rollout/' },
      { path: '^src/(?!core/|rollout/)' },
    ),
    forbid(
      'keys-import-core-only',
      'Keys are made and changed behind the store contract; who is let in is decided in identify.',
      { path: '^src/keys/' },
      { path: '^src/(?!core/|keys/)' },
    ),
    forbid(
      'webhooks-import-core-only',
      'They get events, counters and clock as contracts.',
      { path: '^src/webhooks/' },
      { path: '^src/(?!core/|webhooks/)' },
    ),
    forbid(
      'controller-imports-core-judge-rollout',
      'It steers through the registry what the judge finds; everything else is handed to it.',
      { path: '^src/controller/' },
      { path: '^src/(?!core/|judge/|rollout/|controller/)' },
    ),
    forbid(
      'store-imports-core-only',
      'A store implements contracts of core.',
      { path: '^src/store/' },
      { path: '^src/(?!core/|store/)' },
    ),
    forbid(
      'counters-import-core-only',
      'They implement a contract of core; the wiring opens them and says what becomes of it when they are down.',
      { path: '^src/counters/' },
      { path: '^src/(?!core/|counters/)' },
    ),
    forbid(
      'config-imports-core-only',
      'The configuration is read before anything else exists; the catalogue and the table of compatible vendors are data.',
      { path: '^src/config/' },
      { path: '^src/(?!core/|config/|catalogue/|providers/compatible\\.ts)' },
    ),
    forbid(
      'catalogue-imports-core-only',
      'Prices are data.',
      { path: '^src/catalogue/' },
      { path: '^src/(?!core/|catalogue/)' },
    ),
    forbid(
      'limits-import-core-only',
      'What a request may use is a function of the configuration and the counters; admit-call.ts wires it.',
      { path: '^src/limits/' },
      { path: '^src/(?!core/|limits/)' },
    ),
    forbid(
      'tokenizers-only-in-limits',
      'They are loaded when something is counted with them, and take megabytes.',
      { path: '^src/(?!limits/)' },
      { path: 'node_modules/gpt-tokenizer/' },
    ),
    forbid(
      'admin-never-reaches-into-stages',
      'The control plane steers through core, config, rollout and keys.',
      { path: '^src/admin/' },
      { path: '^src/(?!core/|config/|rollout/|keys/|admin/)' },
    ),
    forbid(
      'judge-imports-core-only',
      'The judge is a function of outcomes.',
      { path: '^src/judge/' },
      { path: '^src/(?!core/|judge/)' },
    ),
    forbid(
      'outcome-imports-core-only',
      'What a request came to is a function of the request and its reply; stages see it by contracts of core.',
      { path: '^src/outcome/' },
      { path: '^src/(?!core/|outcome/)' },
    ),
    forbid(
      'affinity-imports-core-only',
      'Where objects live is known by their ids and the store contract; object-calls.ts and pass-through.ts wire it.',
      { path: '^src/affinity/' },
      { path: '^src/(?!core/|affinity/)' },
    ),
    forbid(
      'cache-imports-core-only',
      'It keeps replies under keys that it is given; cached-calls.ts says which and for whom.',
      { path: '^src/cache/' },
      { path: '^src/(?!core/|cache/)' },
    ),
    forbid(
      'attack-imports-core-only',
      'How much a request looks like an attack is a function of its text.',
      { path: '^src/attack/' },
      { path: '^src/(?!core/|attack/)' },
    ),
    forbid(
      'workers-import-core-only',
      'How processes talk and who replaces them says nothing of what they do; the wiring gives it meaning.',
      { path: '^src/workers/' },
      { path: '^src/(?!core/|workers/)' },
    ),
    forbid(
      'shadow-imports-core-only',
      'It decides which copies are sent; shadow-copies.ts makes and sends them.',
      { path: '^src/shadow/' },
      { path: '^src/(?!core/|shadow/)' },
    ),
    forbid(
      'analyzers-import-core-only',
      'They are asked by a contract of core; snapshot.ts opens them.',
      { path: '^src/analyzers/' },
      { path: '^src/(?!core/|analyzers/)' },
    ),
    forbid(
      'audit-imports-core-only',
      'The chain is written to and read from a contract of core; open-audit.ts and audit-worker.ts wire it.',
      { path: '^src/audit/' },
      { path: '^src/(?!core/|audit/)' },
    ),
    forbid(
      'simulator-stands-alone',
      'It is a provider like any other, reached over HTTP.',
      { path: '^src/simulator/' },
      { path: '^src/(?!core/|simulator/)' },
    ),
    forbid(
      'pure-code-does-no-io',
      'Providers, detectors and the rollout reducer are functions of their arguments.',
      { path: '^src/(providers|redact|judge|outcome|attack)/|^src/rollout/reducer' },
      { path: '^(node:)?(fs|net|http|https|child_process|timers|worker_threads)$' },
    ),
    forbid(
      'undici-only-upstream',
      'One place opens connections to providers, one to analyzers.',
      { path: '^src/(?!(upstream|analyzers)/)' },
      { path: 'node_modules/undici/' },
    ),
    forbid(
      'prometheus-only-in-record',
      'Metric names and labels have one home.',
      { path: '^src/(?!record/)' },
      { path: 'node_modules/@prometheus-io/' },
    ),
    forbid(
      'cel-only-in-policy',
      'One place knows what of CEL a condition may use, and what it costs.',
      { path: '^src/(?!policy/)' },
      { path: 'node_modules/@marcbachmann/' },
    ),
    forbid(
      'hono-only-in-admin',
      'The data plane works on Node requests and plain values.',
      { path: '^src/(?!admin/)' },
      { path: 'node_modules/(hono|@hono)/' },
    ),
    forbid(
      'zod-only-at-the-edges',
      'Input is checked where it comes in.',
      { path: '^src/(?!config/|admin/)' },
      { path: 'node_modules/zod/' },
    ),
    forbid(
      'drivers-only-in-store',
      'SQL stays behind the store contracts.',
      { path: '^src/(?!store/)' },
      { path: 'node_modules/(better-sqlite3|kysely|pg)/' },
    ),
    forbid(
      'redis-only-in-counters-and-cache',
      'What is counted there is counted by one script; replies are kept apart from it.',
      { path: '^src/(?!counters/|cache/)' },
      { path: 'node_modules/(redis|@redis)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    detectJSDocImports: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
