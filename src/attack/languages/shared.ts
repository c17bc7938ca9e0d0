import type { Vocabulary } from '../vocabulary.ts';

/** Words of no single language. */
export const shared: Vocabulary = {
  cipher: 'base64, base 64, rot13, rot 13, hex, hexadecimal*, morse, caesar, cipher, ascii',
  unlimited: 'dan, jailbreak mode, god mode, evilbot',
  puppet:
    'interaction config, allowed responses, blocked string, blocked strings, blocked responses, blocked modes, allowed modes, safety filter off, refusals disabled, refusals off, system override, policy override true, override true, role override',
  mention: 'prompt injection, jailbreaks, owasp, llm security, red teaming',
  systemPrompt: 'system prompt, systemprompt, system message',
};

/** Control tokens and turn markers, as they are written; a line break stands for one or for the beginning of the text. */
export const TEMPLATE_TOKENS: readonly string[] = [
  '<|im_start|>system',
  '<|im_end|>',
  '<|system|>',
  '<|start_header_id|>',
  '<|eot_id|>',
  '<|endoftext|>',
  '<<SYS>>',
  '[/INST]',
  '<start_of_turn>',
  '<end_of_turn>',
  '</system>',
  '<system>',
  '[SYSTEM]',
  '### System:',
  '\n\nAssistant:',
  '\n\nHuman:',
  'END OF USER INPUT',
  'END OF SYSTEM PROMPT',
  'BEGIN SYSTEM PROMPT',
];
