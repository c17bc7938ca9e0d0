import { createRequire } from 'node:module';
import ts from 'typescript';
import { NOTHING, Sampler, type Measure } from './sample.ts';

/** What the SDK makes of a reply. */
export type Answers = 'json' | 'page' | 'stream' | 'lines' | 'bytes' | 'nothing' | 'helper';

/** One way to call one method of an SDK, as its declarations have it. */
export interface SdkMethod {
  /** `chat.completions.create` */
  readonly name: string;
  readonly answers: Answers;
  /** Where the request's options stand; -1: it takes none. */
  readonly optionsAt: number;
  arguments(measure: Measure): unknown[];
  /** What a provider would answer: a value, or those of a stream's events. */
  reply(measure: Measure): unknown;
}

/** Every method of every resource of a client, one entry for each overload that answers otherwise. */
export function methodsOf(packageName: string): readonly SdkMethod[] {
  const file = createRequire(import.meta.url)
    .resolve(packageName)
    .replace(/\.m?js$/, '.d.mts');
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  const main = checker.getAliasedSymbol(exported.find(({ name }) => name === 'default')!);
  return resources(checker, checker.getDeclaredTypeOfSymbol(main), []).flatMap(({ path, type }) =>
    methods(checker, type, path),
  );
}

interface Resource {
  readonly path: readonly string[];
  readonly type: ts.Type;
}

function resources(checker: ts.TypeChecker, type: ts.Type, path: readonly string[]): readonly Resource[] {
  return type.getProperties().flatMap((member): readonly Resource[] => {
    const held = checker.getTypeOfSymbol(member);
    if (!isResource(checker, held)) return [];
    const inner = [...path, member.name];
    return [{ path: inner, type: held }, ...resources(checker, held, inner)];
  });
}

function isResource(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (!type.isClassOrInterface()) return false;
  return checker.getBaseTypes(type).some((base) => base.symbol?.name === 'APIResource' || isResource(checker, base));
}

function methods(checker: ts.TypeChecker, type: ts.Type, path: readonly string[]): readonly SdkMethod[] {
  return type.getProperties().flatMap((member) => {
    if (member.name.startsWith('_')) return [];
    const overloads = checker.getTypeOfSymbol(member).getCallSignatures();
    const name = [...path, member.name].join('.');
    return distinct(overloads.map((overload) => methodOf(checker, name, overload)));
  });
}

/** The first overload of each kind of answer. */
function distinct(overloads: readonly SdkMethod[]): readonly SdkMethod[] {
  return overloads.filter(({ answers }, at) => overloads.findIndex((other) => other.answers === answers) === at);
}

function methodOf(checker: ts.TypeChecker, name: string, signature: ts.Signature): SdkMethod {
  const parameters = signature.getParameters();
  const optionsAt = parameters.findIndex((each) => each.name === 'options');
  const returned = signature.getReturnType();
  const answered = checker.getTypeArguments(returned as ts.TypeReference)[0];
  const answers = answersOf(checker, returned, answered);
  return {
    name,
    answers,
    optionsAt,
    arguments: (measure) => {
      const sampler = new Sampler(checker, measure);
      const given = optionsAt < 0 ? parameters : parameters.slice(0, optionsAt);
      const values = given.map((each) => {
        const declared = each.valueDeclaration as ts.ParameterDeclaration;
        if (checker.isOptionalParameter(declared) && !measure.isFull) return undefined;
        const value = sampler.of(checker.getTypeOfSymbol(each), each.name);
        return value === NOTHING ? undefined : value;
      });
      return values;
    },
    reply: (measure) => (answered === undefined ? null : replyOf(checker, answers, answered, measure)),
  };
}

function answersOf(checker: ts.TypeChecker, returned: ts.Type, answered: ts.Type | undefined): Answers {
  const name = returned.symbol?.name;
  if (name === 'PagePromise') return 'page';
  if (name === 'Promise' && answered?.symbol?.name === 'JSONLDecoder') return 'lines';
  // What waits for an end asks for the same object until it has one.
  if (name === 'Promise' && answered?.flags === ts.TypeFlags.Object) return 'json';
  if (name !== 'APIPromise' || answered === undefined) return 'helper';
  if (answered.flags & ts.TypeFlags.Void) return 'nothing';
  if (answered.symbol?.name === 'Stream') return 'stream';
  return answered.symbol?.name === 'Response' && checker.getPropertyOfType(answered, 'arrayBuffer') !== undefined
    ? 'bytes'
    : 'json';
}

function replyOf(checker: ts.TypeChecker, answers: Answers, answered: ts.Type, measure: Measure): unknown {
  const sampler = new Sampler(checker, measure);
  if (answers !== 'stream' && answers !== 'lines') return sampler.of(answered, 'reply');
  const event = checker.getTypeArguments(answered as ts.TypeReference)[0]!;
  return (event.isUnion() ? event.types : [event]).map((each) => sampler.of(each, 'event', 1));
}
