import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type ParsedNode,
  type YAMLError,
} from 'yaml';
import { ConfigError, formatPath, sentence, type Issue, type Path, type Problem } from './problem.ts';

const MAX_ALIASES = 100;
/** Deeper than any real file; keeps later recursion from running out of stack. */
const MAX_DEPTH = 64;

type Doc = Document.Parsed<ParsedNode>;

/** A parsed YAML file that knows at which line each of its values stands. */
export class YamlSource {
  readonly file: string;
  private readonly document: Doc;
  private readonly lines: LineCounter;

  /** @throws ConfigError with every syntax error of the file */
  constructor(text: string, file: string) {
    this.file = file;
    this.lines = new LineCounter();
    this.document = parseDocument(text, { lineCounter: this.lines, uniqueKeys: true, prettyErrors: false });
    const problems = [...this.document.errors, ...this.document.warnings].map((error) => this.syntaxProblem(error));
    if (problems.length > 0) throw new ConfigError(problems);
  }

  /** Calls back for every text value (not key) with its path; what is returned takes its place. */
  mapText(replace: (text: string, path: Path) => string): void {
    walk(this.document.contents, [], (node, path) => {
      if (isScalar(node) && typeof node.value === 'string') node.value = replace(node.value, path);
    });
  }

  /** The file as plain data. @throws ConfigError where it nests too deeply or repeats itself too often */
  toData(): unknown {
    let data: unknown;
    try {
      data = this.document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch {
      throw new ConfigError([
        this.problemAt(0, '', `The file has more than ${MAX_ALIASES} aliases, or one without its anchor.`, ALIAS_FIX),
      ]);
    }
    if (isDeeperThan(data, MAX_DEPTH)) throw new ConfigError([this.tooDeep()]);
    return data;
  }

  problem(issue: Issue): Problem {
    return this.problemAt(this.offsetOf(issue.path, issue.at), formatPath(issue.path), sentence(issue), issue.fix);
  }

  private syntaxProblem({ code, message, pos }: YAMLError): Problem {
    // The parser recurses; this is what it makes of an exhausted stack.
    if (code === 'RESOURCE_EXHAUSTION') return this.tooDeep();
    return this.problemAt(pos[0], '', `The file is not valid YAML: ${withoutSource(message)}`, SYNTAX_FIX);
  }

  private tooDeep(): Problem {
    return this.problemAt(0, '', `The file nests deeper than ${MAX_DEPTH} levels.`, 'flatten it');
  }

  private problemAt(offset: number, path: string, message: string, fix: string): Problem {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), path, message, fix };
  }

  /** Where the path leads, or the deepest part of it that is in the file. */
  private offsetOf(path: Path, at: 'key' | 'value'): number {
    let node: unknown = this.document.contents;
    let offset = startOf(node) ?? 0;
    for (const [depth, step] of path.entries()) {
      const { key, value } = child(this.resolved(node), step);
      const isLast = depth === path.length - 1;
      const place = isLast && at === 'key' ? startOf(key) : (startOf(value) ?? startOf(key));
      if (place === null) return offset;
      offset = place;
      node = value;
    }
    return offset;
  }

  private resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
  }
}

const SYNTAX_FIX = 'check indentation, quotes and brackets near this place';
const ALIAS_FIX = 'write the values out';

function child(node: unknown, step: string | number): { key: unknown; value: unknown } {
  if (isSeq(node)) return { key: null, value: node.items[Number(step)] };
  if (!isMap(node)) return { key: null, value: null };
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return { key: pair?.key, value: pair?.value };
}

function startOf(node: unknown): number | null {
  return (node as Node | null | undefined)?.range?.[0] ?? null;
}

function walk(node: unknown, path: Path, visit: (node: unknown, path: Path) => void): void {
  // What is deeper is refused by `toData`.
  if (path.length > MAX_DEPTH) return;
  visit(node, path);
  if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index], visit);
  if (!isMap(node)) return;
  for (const { key, value } of node.items) walk(value, [...path, isScalar(key) ? String(key.value) : '?'], visit);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(item, levels - 1));
}

/** Some of the parser's messages end in the text that they are about, which may be a secret. */
function withoutSource(message: string): string {
  return message.replace(/: .*$/s, '').replace(/[.\s]*$/, '.');
}
