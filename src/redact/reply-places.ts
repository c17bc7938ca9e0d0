import type { JsonDocument, JsonNode } from '../core/json-document.ts';
import type { ReplyPlace } from './restoration.ts';

/** What the app runs, and the field that says what to run. What the provider runs itself is only shown. */
const CALLS: Readonly<Record<string, RegExp>> = {
  function_call: /^arguments$/,
  custom_tool_call: /^input$/,
  apply_patch_call: /^operation$/,
  shell_call: /^action$/,
  local_shell_call: /^action$/,
  computer_call: /^actions?$/,
  tool_use: /^input$/,
};
/** Chat: a call's parts are named, in a stream without its type. */
const CALL_PARTS: Readonly<Record<string, string>> = {
  function: 'arguments',
  function_call: 'arguments',
  custom: 'input',
};
/** @source https://platform.openai.com/docs/api-reference/responses-streaming */
const CALL_EVENT =
  /^response\.(?:function_call_arguments|custom_tool_call_input|(?:apply_patch|(?:local_)?shell|computer)_call_[a-z_]+)\.(?:delta|done)$/;
const EVENT_FIELD = /^(?:delta|arguments|input|diff|command|commands)$/;
/** Their values are links, which programs follow or show as such. */
const LINK = /^(?:url|uri|href|src|link|links|urls)$|_(?:url|uri|link|href|urls)$|(?:Url|URL|Uri|Link|Href)$/;

/** Where the strings of a reply stand. What contains others is looked at once. */
export class ReplyPlaces {
  private readonly document: JsonDocument;
  private readonly types = new Map<JsonNode, string | null>();
  private readonly inCalls = new Map<JsonNode, boolean>();

  constructor(document: JsonDocument) {
    this.document = document;
  }

  of(node: JsonNode): ReplyPlace {
    if (this.isInCall(node)) return 'tool_arguments';
    return isLink(node) || (node.parent !== null && isLink(node.parent)) ? 'link' : 'text';
  }

  private isInCall(node: JsonNode): boolean {
    const { parent } = node;
    if (parent === null) return false;
    if (this.isCallField(node, parent)) return true;
    let known = this.inCalls.get(parent);
    if (known === undefined) this.inCalls.set(parent, (known = this.isInCall(parent)));
    return known;
  }

  private isCallField({ key }: JsonNode, parent: JsonNode): boolean {
    if (key === null) return false;
    if (key === 'partial_json') return true;
    if (parent.key !== null && Object.hasOwn(CALL_PARTS, parent.key) && CALL_PARTS[parent.key] === key) return true;
    const type = this.typeOf(parent);
    if (type === null) return false;
    if (Object.hasOwn(CALLS, type)) return CALLS[type]!.test(key);
    return parent.parent === null && EVENT_FIELD.test(key) && CALL_EVENT.test(type);
  }

  private typeOf(node: JsonNode): string | null {
    let type = this.types.get(node);
    if (type === undefined) {
      type = this.document.string(this.document.member(node, 'type'));
      this.types.set(node, type);
    }
    return type;
  }
}

function isLink({ key }: JsonNode): boolean {
  return key !== null && LINK.test(key);
}
