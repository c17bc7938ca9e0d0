import { JsonKind, type JsonDocument, type JsonNode } from '../core/json-document.ts';
import type { Operation } from '../core/operation.ts';
import { mostTokens, type CountTokens } from './tokenizer.ts';

/** What a request gives a model to read. */
export interface Input {
  /** Of the members that a model reads, without the data of pictures. */
  readonly bytes: number;
  readonly pictures: number;
  /** Part of it is elsewhere: a file, an earlier response, what a tool of the provider finds. */
  readonly isPartlyUnseen: boolean;
  /** The most tokens that it can be, without pictures. @param count null: bounded by its bytes @param owner whose request it is */
  tokens(count: CountTokens | null, owner: string): number;
  /** What it probably is, without pictures. */
  likelyTokens(count: CountTokens, owner: string): number;
}

/** Members that a model reads, as text or as a list of messages or parts. */
const READ = ['messages', 'input', 'prompt', 'system', 'instructions', 'suffix'];
/** Members that reach it in the provider's own wording: counted as they stand. */
const RENDERED = ['tools', 'functions', 'response_format', 'text', 'tool_choice', 'output_format', 'output_config'];
/** Members by which a request goes on with what the provider keeps. */
const KEPT_ELSEWHERE = ['previous_response_id', 'conversation', 'container', 'mcp_servers'];

const PICTURES: ReadonlySet<string> = new Set(['image', 'image_url', 'input_image']);
const PICTURE_DATA: ReadonlySet<string> = new Set(['image_url', 'source', 'file_id']);
const UNSEEN_PARTS: ReadonlySet<string> = new Set(
  'file input_file document input_audio audio video video_url input_video item_reference container_upload'.split(' '),
);
/** Tools that the app itself runs; what others bring back is read by the model too. */
const APP_TOOLS: ReadonlySet<string> = new Set(['function', 'custom']);
const PROVIDER_TOOL = /^(?:web_|file_search|code_|mcp|image_generation|tool_search)/;

/** Roles, names and separators of a message. */
const MESSAGE_TOKENS = 8;
/** The same of nearly all messages. @source https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken */
const LIKELY_MESSAGE_TOKENS = 4;
/** What begins a reply. */
const FRAME_TOKENS = 64;
/**
 * At most: what a provider puts before tools, and what one that it knows by its type alone says.
 * @source https://docs.anthropic.com/en/docs/about-claude/pricing (tool use)
 */
const TOOLS_TOKENS = 1_000;

export function readInput(operation: Operation, document: JsonDocument): Input {
  return new DocumentInput(operation, document);
}

class DocumentInput implements Input {
  bytes = 0;
  pictures = 0;
  isPartlyUnseen = false;
  private readonly document: JsonDocument;
  private readonly texts: JsonNode[] = [];
  private readonly rendered: JsonNode[] = [];
  private objects = 0;
  private messages = 0;
  private framing = FRAME_TOKENS;

  constructor(operation: Operation, document: JsonDocument) {
    this.document = document;
    const { root } = document;
    for (const name of READ) this.readMember(name, false);
    for (const name of RENDERED) this.readMember(name, true);
    for (const name of KEPT_ELSEWHERE) {
      const member = document.member(root, name);
      if (member !== null && !document.isNull(member)) this.isPartlyUnseen = true;
    }
    // A text alone is a message of a user.
    if (operation === 'responses' && document.string(document.member(root, 'input')) !== null) this.messages = 1;
    const prompt = document.member(root, 'prompt');
    if (operation === 'responses' && prompt?.kind === JsonKind.object) this.isPartlyUnseen = true;
    if (document.member(root, 'web_search_options') !== null) this.isPartlyUnseen = true;
    this.readTools(document.member(root, 'tools'));
  }

  tokens(count: CountTokens | null, owner: string): number {
    const extra = this.objects * MESSAGE_TOKENS + this.framing;
    if (count === null) return this.bytes + extra;
    const { document, texts, rendered } = this;
    let tokens = extra;
    for (const node of texts) tokens += count(document.string(node)!, owner);
    for (const node of rendered) tokens += count(document.text.slice(node.start, node.end), owner);
    return tokens;
  }

  likelyTokens(count: CountTokens, owner: string): number {
    const { document, texts, rendered } = this;
    let tokens = this.messages * LIKELY_MESSAGE_TOKENS;
    for (const node of texts) tokens += count(document.string(node)!, owner);
    for (const node of rendered) tokens += count(document.text.slice(node.start, node.end), owner);
    return tokens;
  }

  private readMember(name: string, isRendered: boolean): void {
    const node = this.document.member(this.document.root, name);
    if (node === null || this.document.isNull(node)) return;
    this.bytes += mostTokens(this.document.text.slice(node.start, node.end));
    if (isRendered) this.rendered.push(node);
    else this.read(node);
  }

  private read(node: JsonNode): void {
    if (node.kind === JsonKind.string) this.texts.push(node);
    else if (node.kind === JsonKind.object) this.readObject(node);
    // Numbers in lists have no nodes: prompts that are tokens already.
    else if (node.kind === JsonKind.array && node.children.length === 0) this.rendered.push(node);
    else for (const child of node.children) this.read(child);
  }

  private readObject(node: JsonNode): void {
    const { document } = this;
    const role = document.member(node, 'role');
    const kind = document.member(node, 'type');
    const type = document.string(kind);
    this.objects++;
    if (role !== null) this.messages++;
    const isPicture = type !== null && PICTURES.has(type);
    if (isPicture) this.pictures++;
    if (type !== null && UNSEEN_PARTS.has(type)) this.isPartlyUnseen = true;
    for (const child of node.children) {
      // Both are within what a message takes.
      if (child === role || child === kind) continue;
      // Only its data: what else a caller puts beside it may be read as text.
      if (isPicture && PICTURE_DATA.has(child.key!))
        this.bytes -= mostTokens(document.text.slice(child.start, child.end));
      else this.read(child);
    }
  }

  private readTools(tools: JsonNode | null): void {
    const list = tools?.children ?? [];
    if (list.length > 0) this.framing += TOOLS_TOKENS;
    for (const tool of list) {
      const type = this.document.string(this.document.member(tool, 'type'));
      if (type === null || APP_TOOLS.has(type)) continue;
      this.framing += TOOLS_TOKENS;
      if (PROVIDER_TOOL.test(type)) this.isPartlyUnseen = true;
    }
  }
}
