import { GatewayError } from '../core/errors.ts';
import { JsonKind, type JsonDocument, type JsonNode, type TextEdit } from '../core/json-document.ts';
import type { BodyRules } from '../core/provider.ts';
import type { BodyChanges } from './upstream-body.ts';

interface VendorBody {
  /** The one that came where the vendor takes it as it is. */
  readonly document: JsonDocument;
  /** Members that were left out. */
  readonly unsent: readonly string[];
}

/**
 * The body in the vendor's dialect; all else keeps its bytes.
 * @param vendor its type, for messages
 * @throws GatewayError `invalid_request` naming the member that the vendor has nothing for
 */
export function vendorBody(document: JsonDocument, rules: BodyRules, vendor: string): VendorBody {
  const { children } = document.root;
  const edits: TextEdit[] = [];
  const isKept: boolean[] = [];
  const unsent: string[] = [];
  for (const child of children) {
    const name = child.key!;
    const isUnsent = rules.unsent.includes(name);
    if (isUnsent && !document.isNull(child)) unsent.push(name);
    isKept.push(!isUnsent && !isIdle(document, child, rules, vendor) && !(rules.omitsModel && name === 'model'));
  }
  rename(document, rules, isKept, edits);
  if (rules.lacksDeveloper) renameDevelopers(document, edits);
  takeOut(document, isKept, edits);
  add(document, rules, isKept, edits);
  return { document: edits.length === 0 ? document : document.edited(edits), unsent };
}

/** What a route or a policy sets, as the vendor calls it. */
export function vendorChanges(changes: BodyChanges, rules: BodyRules): BodyChanges {
  const model = rules.omitsModel ? null : changes.model;
  if (changes.params === null) return model === changes.model ? changes : { ...changes, model };
  const params = Object.entries(changes.params)
    .filter(([name]) => !rules.unsent.includes(name))
    .map(([name, value]) => [newName(rules, name) ?? name, value] as const);
  return { ...changes, model, params: Object.fromEntries(params) };
}

function newName({ renamed }: BodyRules, name: string): string | undefined {
  return Object.hasOwn(renamed, name) ? renamed[name] : undefined;
}

/** True for a value that says nothing, which is left out. @throws GatewayError for any other value of such a member */
function isIdle(document: JsonDocument, node: JsonNode, { refused }: BodyRules, vendor: string): boolean {
  const name = node.key!;
  if (!Object.hasOwn(refused, name)) return false;
  const isSilent =
    document.isNull(node) || JSON.stringify(document.value(node)) === JSON.stringify(JSON.parse(refused[name]!));
  if (isSilent) return true;
  throw new GatewayError('invalid_request', `The provider of this model (${vendor}) has nothing for "${name}".`, {
    param: name,
  });
}

/** Where both names stand, the one that the app's own vendor has counts. */
function rename(document: JsonDocument, rules: BodyRules, isKept: boolean[], edits: TextEdit[]): void {
  const { children } = document.root;
  for (const [index, child] of children.entries()) {
    const name = newName(rules, child.key!);
    if (name === undefined || !isKept[index]) continue;
    const other = children.findIndex(({ key }) => key === name);
    if (other >= 0) isKept[other] = false;
    edits.push({ start: nameStart(document, child), end: document.nameEnd(child), text: JSON.stringify(name) });
  }
}

function renameDevelopers(document: JsonDocument, edits: TextEdit[]): void {
  const messages = document.member(document.root, 'messages');
  if (messages === null || messages.kind !== JsonKind.array) return;
  for (const message of messages.children) {
    const role = document.member(message, 'role');
    if (document.string(role) === 'developer') edits.push({ start: role!.start, end: role!.end, text: '"system"' });
  }
}

/** Each run of members that go, with one of the commas around it. */
function takeOut(document: JsonDocument, isKept: readonly boolean[], edits: TextEdit[]): void {
  const { children } = document.root;
  for (let first = 0; first < children.length; first++) {
    if (isKept[first]) continue;
    let next = first + 1;
    while (next < children.length && !isKept[next]) next++;
    const isLast = next === children.length;
    const start = isLast && first > 0 ? children[first - 1]!.end : nameStart(document, children[first]!);
    const end = isLast ? children[next - 1]!.end : nameStart(document, children[next]!);
    edits.push({ start, end, text: '' });
    first = next;
  }
}

function add(document: JsonDocument, { added }: BodyRules, isKept: readonly boolean[], edits: TextEdit[]): void {
  const missing = Object.entries(added).filter(([name]) => document.member(document.root, name) === null);
  if (missing.length === 0) return;
  const at = document.root.start + 1;
  const members = missing.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',');
  edits.push({ start: at, end: at, text: members + (isKept.includes(true) ? ',' : '') });
}

function nameStart(document: JsonDocument, node: JsonNode): number {
  let at = document.nameEnd(node) - 2;
  while (document.text[at] !== '"' || isEscaped(document.text, at)) at--;
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
