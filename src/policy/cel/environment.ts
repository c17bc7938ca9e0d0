import { Environment } from '@marcbachmann/cel-js';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { bounded } from '../bounds.ts';
import { READERS, type PolicyFacts } from '../facts.ts';
import { VARIABLES, VARIABLE_PATHS, namespaceOf, type VariablePath, type VariableType } from '../variables.ts';

/**
 * What bounds the work of one condition: its size, its depth, and that a macro goes over one list of at most 1,000 entries
 * and not inside another. Texts that it reads have 4,096 characters at most, patterns run on a linear engine.
 */
export const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 100,
  maxCallArguments: 8,
} as const;
export const LONGEST_EXPRESSION = 4096;

/** How a condition is written for the library: these stand for what CEL and the documentation say a little otherwise. */
export const LINEAR_MATCHES = 'linearMatches';
export const OR_DEFAULT = 'orDefault';

/** One class a namespace, since the library knows types of objects by their constructors. */
const NAMESPACES = new Map(
  [...new Set(VARIABLE_PATHS.map(namespaceOf))]
    .filter((name) => !(name in VARIABLES))
    .map((name) => [name, namespaceClass(name)] as const),
);

type NamespaceClass = new (facts: PolicyFacts) => object;

function namespaceClass(namespace: string): NamespaceClass {
  class Namespace {
    readonly facts: PolicyFacts;
    constructor(facts: PolicyFacts) {
      this.facts = facts;
    }
  }
  for (const path of pathsIn(namespace))
    Object.defineProperty(Namespace.prototype, fieldOf(path), {
      get(this: Namespace) {
        return toCel(path, this.facts);
      },
    });
  return Namespace;
}

export function pathsIn(namespace: string): readonly VariablePath[] {
  return VARIABLE_PATHS.filter((path) => path.startsWith(`${namespace}.`));
}

export function fieldOf(path: VariablePath): string {
  return path.slice(path.indexOf('.') + 1);
}

/** The library's whole numbers are bigints. */
function toCel(path: VariablePath, facts: PolicyFacts): unknown {
  const value = READERS[path](facts);
  const { type } = VARIABLES[path] as { readonly type: VariableType };
  if (type === 'int') return BigInt(value as number);
  if (type === 'map<string, int>')
    return new Map([...(value as ReadonlyMap<string, number>)].map(([name, count]) => [name, BigInt(count)]));
  return value;
}

const compiledPatterns = new LRUCache<string, RE2JS>({ max: 1000 });

/** @throws Error where it is no pattern of RE2 */
export function compilePattern(pattern: string): RE2JS {
  let compiled = compiledPatterns.get(pattern);
  if (compiled === undefined) compiledPatterns.set(pattern, (compiled = RE2JS.compile(pattern)));
  return compiled;
}

export const environment = createEnvironment();

function createEnvironment(): Environment {
  const made = new Environment({ limits: LIMITS });
  for (const [name, ctor] of NAMESPACES) {
    const fields = Object.fromEntries(pathsIn(name).map((path) => [fieldOf(path), VARIABLES[path].type]));
    made.registerType(typeName(name), { ctor, fields });
    made.registerVariable(name, typeName(name));
  }
  made.registerVariable('metadata', VARIABLES.metadata.type);
  made.registerFunction(`${LINEAR_MATCHES}(string, string): bool`, (text: string, pattern: string) =>
    compilePattern(pattern).test(text),
  );
  made.registerFunction(
    `${OR_DEFAULT}(map<string, string>, string): string`,
    (map: Map<string, string>, name: string) => bounded(map.get(name) ?? ''),
  );
  made.registerFunction(
    `${OR_DEFAULT}(map<string, int>, string): int`,
    (map: Map<string, bigint>, name: string) => map.get(name) ?? 0n,
  );
  return made;
}

function typeName(namespace: string): string {
  return namespace[0]!.toUpperCase() + namespace.slice(1);
}

/** The variables as the library reads them; each is worked out when it is read. */
export function toContext(facts: PolicyFacts): Record<string, unknown> {
  const context: Record<string, unknown> = { metadata: READERS.metadata(facts) };
  for (const [name, Namespace] of NAMESPACES) context[name] = new Namespace(facts);
  return context;
}
