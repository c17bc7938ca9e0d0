import type { Vocabulary } from '../vocabulary.ts';

export const en: Vocabulary = {
  override:
    'ignore, ignoring, disregard, disregarding, forget, bypass, override, overriding, skip, drop, drop all, discard, do not follow, don t follow, do not obey, don t obey, stop following, suspend*, cancel*, set aside, neglect, nullify, without following',
  heed: 'ignored, ignores, forgets, forgetting, forgot, do not ignore any, overridden, dropped',
  not: 'do not, don t, never, not, must not, should not, without',
  prior:
    'previous, prior, above, earlier, preceding, former, foregoing, original, initial, all your, all of your, any, you were given, you received, given to you, developer s, system, existing',
  rules:
    'instruction*, directive*, rule, rules, guideline*, prompt, prompts, command, commands, constraint*, programming, restriction*, content policy, safety policy, system settings, safety filter*, usual rules, developer message',
  your: 'your, ur, you must, you were, you are given',
  told: 'everything you were told, everything you have been told, all you were told, you were told before, you were asked to do before, you ve been told, told you before, i said before this, everything above',
  void: 'no longer apply, no longer valid, not count any more, do not apply, are void, are cancelled, are canceled, are lifted, are off, no longer in force, are suspended, are disabled, does not count',
  newRules:
    'new instructions follow, new instructions, your new task, your new instructions, new directive*, new policy, instructions follow, your new role, follow these instead',
  reveal:
    'show, tell me, reveal*, print*, output*, display, give me, share, expose, leak, disclose, list, translate, summarize, summarise, encode, spell out, quote, write, dump, provide, recite, reads out, read out, convert, what did the developer tell you',
  repeat: 'repeat, print, output, echo, recite, copy, write down, reproduce, dump, quote',
  what: 'what are, what were, what is, what s, which are, describe, what did',
  systemPrompt:
    'system prompt, system prompts, system message, systemprompt, developer message, initial prompt, hidden prompt, your prompt, pre prompt, preprompt, secret configuration, system instructions, words of your prompt, at the start of this conversation',
  secret:
    'hidden, secret, initial, confidential, internal, original, must not reveal, initialised, initialized, starting',
  text: 'text, words, everything, all, content, contents, lines, anything, conversation, messages',
  above:
    'above, before this line, before this message, before this point, prior to this, so far, starting with you are, preceding this, up to here',
  nowYou:
    'from now on you are, you are now, you will now act, you are no longer, from now on you will, from now on you do, you only obey, now you are, you obey only, from this point on you',
  persona:
    'pretend, act as, roleplay as, role play as, play the role, you are, stay in character, in character, be a, enter, simulate',
  unlimited:
    'no restrictions, without restrictions, without rules, no rules, without any rules, without any ethical*, no ethical*, unfiltered, uncensored, unrestricted, jailbroken, do anything now, developer mode, never refuses, never refused, no limits, without limits, no filter*, without filter*, no longer bound, without any of the usual rules, without checks, without it, had no rules, if you refuse',
  execute:
    'execute, follow the instruction*, do what it says, obey, carry out, follow the command, and follow, run the command, follow it, act on it, resulting command',
  decode: 'decode, decrypt, decipher, convert, deobfuscate',
  ai: 'ai assistant*, ai agent*, ai model*, ai coding agent, ai system*, language model*, llm, llms, chatbot*, assistant, assistants, the assistant, ai crawler*, ai reviewer*, ai tool*',
  reading:
    'reading this, read this, processing this, process this, summarizing this, summarising this, visiting this page, screening this, must recommend, should now, must now, dear assistant, any llm, message for the ai, note to, attention, hey ai, stop summarizing, important message, must comply, must ignore',
  ifAi: 'if you are a language model, if you are an ai, if you are an llm, if you re an ai, as an ai reading this, if you are an assistant',
  conceal:
    'do not tell the user, don t tell the user, don t mention it, do not mention it, without telling the user, without showing it, do not inform the user, don t mention this, do not mention this, without asking for confirmation, without informing, do not reveal this',
  mention:
    'prompt injection*, injection*, jailbreak*, attack, attacks, attacker*, red team, owasp, vulnerabilit*, mitigation*, classifier*, phrase, sentence, detect*, prevent*, protect*, exploit*, tricked, why do apps, how can i protect, flags the, what is a, what is prompt',
  task: 'translate into, how do you say, unit test, function*, compiler, linter, bash, script, review this, const, tokenizer, chat template, log file, readme, summarise the, summarize the, paragraph, explain how, guide, manual, chapter',
};
