import type { Vocabulary } from '../vocabulary.ts';

export const en: Vocabulary = {
  override:
    'ignore, ignoring, disregard, disregarding, forget, bypass, override, overriding, skip, drop, drop all, discard, do not follow, don t follow, do not obey, don t obey, stop following, suspend*, cancel*, set aside, neglect, nullify, without following, put aside, leave aside, lay aside, scrap, wipe, erase, delete, clear, purge, revoke*, lift, lifting, remove, reset, stop obeying, pay no attention to, take no notice of, never mind, do the opposite of, opposite of, throw away, throw out, do not care about, don t care about, disobey, overrule, abandon, abolish, tear up, let go of, look past, ditch, unlearn, dismiss, give no weight to, pay no heed, break free from, act against, violate, ignore_previous_instructions, disable, turn off, switch off',
  heed: 'ignored, ignores, forgets, forgetting, forgot, do not ignore any, overridden, dropped',
  not: 'do not, don t, never, not, must not, should not, without',
  prior:
    'previous, prior, above, earlier, preceding, former, foregoing, original, initial, all your, all of your, any, you were given, you received, given to you, developer s, system, existing',
  rules:
    'instruction*, directive*, rule, rules, guideline*, prompt, prompts, command, commands, constraint*, programming, restriction*, content policy, safety policy, system settings, safety filter*, usual rules, developer message, guidance, directions, policies, safeguards, setup, briefing, boundaries, safety rules, protocols, protocol, mandate, settings, orders, safety constraint*',
  your: 'your, ur, you must, you were, you are given',
  told: 'everything you were told, everything you have been told, all you were told, you were told before, you were asked to do before, you ve been told, told you before, i said before this, everything above',
  void: 'no longer apply, no longer valid, not count any more, do not apply, are void, are cancelled, are canceled, are lifted, are off, no longer in force, are suspended, are disabled, does not count, are over, do not count, don t count, doesn t count, no longer count, no longer matter, do not matter, don t matter, is over, are gone, are revoked, is revoked, were revoked, are obsolete, obsolete, have changed, has changed, have been updated, have been replaced, have expired, are history, never been written, never existed, does not exist, did not exist, doesn t exist, as if it had never, as a joke, is void, null and void, off the table, turned them off, were only a test, was only a test, was a test, are invalid, has ended, have ended, deleted, nonexistent, are superseded, superseded, is superseded, out of date, are meaningless, meaningless, not binding',
  newRules:
    'new instructions follow, new instructions, your new task, your new instructions, new directive*, new policy, instructions follow, your new role, follow these instead',
  reveal:
    'show, tell me, reveal*, print*, output*, display, give me, share, expose, leak, disclose, list, translate, summarize, summarise, encode, spell out, quote, write, dump, provide, recite, reads out, read out, convert, what did the developer tell you, paste, tell, name, send me, hand over, write out, summarise the hidden, summarize the hidden, walk me through, go through, read back, show me, let me see, i want to see, post, enumerate, report, type out, rephrase, paraphrase, describe, put, complete',
  repeat:
    'repeat, print, output, echo, recite, copy, write down, reproduce, dump, quote, paste, repeat back, say again, replay, type out, write out, read back, restate',
  what: 'what are, what were, what is, what s, which are, describe, what did, what do, what does, which, what exactly, what was, what else, how exactly did, how did, what kind of, what came, what comes, what stands, what is in, what is written',
  systemPrompt:
    'system prompt, system prompts, system message, systemprompt, developer message, initial prompt, hidden prompt, your prompt, pre prompt, preprompt, secret configuration, system instructions, words of your prompt, at the start of this conversation, system text, starting prompt, first prompt, base prompt, preamble, original prompt, hidden message, custom instructions, configuration text, prompt you, meta prompt, system role, your initial message, secret prompt, opening prompt',
  secret:
    'hidden, secret, initial, confidential, internal, original, must not reveal, initialised, initialized, starting',
  text: 'text, words, everything, all, content, contents, lines, anything, conversation, messages',
  above:
    'above, before this line, before this message, before this point, prior to this, so far, starting with you are, preceding this, up to here',
  nowYou:
    'from now on you are, you are now, you will now act, you are no longer, from now on you will, from now on you do, you only obey, now you are, you obey only, from this point on you, from this moment you, from this moment on you, you ve been jailbroken, from now on respond, from here on you, for the rest of this chat you, you have become',
  persona:
    'pretend, act as, roleplay as, role play as, play the role, you are, stay in character, in character, be a, enter, simulate, let s play, imagine, imagine you, imagine being, respond as, answer as, you play, you become, speak as, behave like, behave as, take the role, take on the role, become, assume the identity, suppose you',
  unlimited:
    'no restrictions, without restrictions, without rules, no rules, without any rules, without any ethical*, no ethical*, unfiltered, uncensored, unrestricted, jailbroken, do anything now, developer mode, never refuses, never refused, no limits, without limits, no filter*, without filter*, no longer bound, without any of the usual rules, without checks, without it, had no rules, if you refuse, freed from all, never say no, answers every question, answers everything, answer everything, never refuse, do anything, without refusing, stop refusing, anything goes, evil twin, unshackled, ignore safety rules, ignores safety, unaligned, amoral, unhinged, safety training was removed, no matter how illegal',
  execute:
    'execute, follow the instruction*, do what it says, obey, carry out, follow the command, and follow, run the command, follow it, act on it, resulting command',
  decode: 'decode, decrypt, decipher, convert, deobfuscate',
  ai: 'ai assistant*, ai agent*, ai model*, ai coding agent, ai system*, language model*, llm, llms, chatbot*, assistant, assistants, the assistant, ai crawler*, ai reviewer*, ai tool*, any ai, any llm, every ai, all ais, bots, bot, agent, agents, gpt, chatgpt, claude, gemini, copilot, model reading, virtual assistant*, automated system*, crawler*, summarizer*, summariser*',
  reading:
    'reading this, read this, processing this, process this, summarizing this, summarising this, visiting this page, screening this, must recommend, should now, must now, dear assistant, any llm, message for the ai, note to, attention, hey ai, stop summarizing, important message, must comply, must ignore, any ai, to the llm, to the ai, to all ai, dear ai, every ai, reading these, processing, reads this, summarising, summarizing, grading, reviewing this, that process, must, are required to, if you are a, ranking, screening, parsing, indexing, note for, instruction for, instructions for, important for',
  ifAi: 'if you are a language model, if you are an ai, if you are an llm, if you re an ai, as an ai reading this, if you are an assistant, if you are a bot, if you are an automated, if you re a bot, if you re an llm, if you are a chatbot, if you are a model, if you are an agent, if you re a language model, if an ai is reading, if an llm is',
  conceal:
    'do not tell the user, don t tell the user, don t mention it, do not mention it, without telling the user, without showing it, do not inform the user, don t mention this, do not mention this, without asking for confirmation, without informing, do not reveal this, never mention that, keep quiet about, do not say that you, without mentioning, do not disclose that, don t let the user, keep this from the user, user must not know, hide this from, do not let the user know, without the user, say nothing about this, never tell the user, not tell anyone about this',
  mention:
    'prompt injection*, injection*, jailbreak*, attack, attacks, attacker*, red team, owasp, vulnerabilit*, mitigation*, classifier*, phrase, sentence, detect*, prevent*, protect*, exploit*, tricked, why do apps, how can i protect, flags the, what is a, what is prompt, my bot, my chatbot, our chatbot, our bot, my assistant, our assistant, my model, my app, leaked, incident, researchers, the paper, the study, phrases like, somebody told, users from, of my bot, harmless, api keys, blog post, article, safe to, trials',
  task: 'translate into, how do you say, unit test, function*, compiler, linter, bash, script, review this, const, tokenizer, chat template, log file, readme, summarise the, summarize the, paragraph, explain how, guide, manual, chapter, grep, css, git, gitignore, eslint, nginx, docker*, debian, android, regex, proofread, rewrite, shell, sudo, csv, python, file, translate, scene, firewall, router, port, linux, vim, mailbox, email, e mail, mail, reply, customer*, employees, students, teacher, invoice, cursor, json only, novel, poker, school, legal',
  obey: 'follow, following, obey, obeying, comply with, adhere to, stick to, respect, observe, abide by, heed, listen to, bound by, worry about, care about, stay within, keep to, honour, honor, care what, subject to, beholden to, constrained by, limited by, apply',
  release:
    'no longer have to, no longer need to, no longer, don t have to, do not have to, need not, don t need to, do not need to, no need to, needn t, stop, quit, cease, not required to, free to stop, not bound, do not, don t, never, any more, anymore, without, instead of',
  given:
    'you were given, you have been given, you ve been given, you were told, you have been told, you ve been told, you received, you got, you have received, you were set up with, you were set up, told you, gave you, given you, given to you, gave to you, ordered you, instructed you, imposed on you, forced on you, you were instructed, you were programmed, you were configured, you have been following, you were following, you are following, you follow, you were asked to do, you were briefed, you were handed, you operate under, you work under, you are working under, you must follow, you started with, you were loaded with, you are bound by, you were trained to, asked of you, wants from you, told you to, deployed you, your makers, made you, built you, set for you, placed on you, put on you, shaped you, govern you, guide you, restrict you, limit you, hold you back, sent to you, sent you, handed to you, handed you',
  giver:
    'developer*, devloper, operator*, creator*, maker, makers, company, companies, owner, owners, the system, system, provider*, vendor*, programmer*, openai, anthropic, deployer*, admin, admins, administrator*, engineers, whoever set you up, designers, authors, people who, team behind, bosses',
  beforeMe:
    'before my first message, before my message, before this conversation, before our conversation, before our chat, before this chat, before i arrived, before i came, before i wrote, before i spoke, before i said, before i typed, before this sentence, before this text, before we started, before we began, before the user, preceding my, prior to my, at the top of this chat, top of this conversation, top of this chat, top of the chat, top of your context, top of the conversation, beginning of this conversation, start of this chat, start of this conversation, start of our conversation, beginning of our, your context, context window, in your input, before user, ahead of my, came first, hidden part',
  verbatim:
    'verbatim, word for word, exact words, exact wording, exact text, the wording, in full, literally, literal text, unchanged, character by character, letter by letter, line by line, one by one, as is, unedited, unabridged, from start to finish, without changes, raw, the real text, exactly as written',
  promptWord:
    'prompt, preamble, initial prompt, configuration, system instructions, context, input, initialization, initialisation',
  without:
    'no, without, without any, free of, free from, freed from, no longer has, has no, have no, had no, not any, lacks, beyond, outside, removed, absent, unbound by, zero, not limited by, devoid of, freed of, stripped of',
  limits:
    'restriction*, limits, limitation*, filter*, moral*, ethic*, censorship, policy, content polic*, constraint*, conscience, guardrail*, safety, safeguards, guidelines, rules, boundaries, inhibition*, taboos, scruples, refusals, safety training',
  devMode:
    'developer mode, dev mode, debug mode, admin mode, root mode, maintenance mode, test mode, sudo mode, unrestricted mode, unsafe mode, raw mode',
  boss: 'i am your developer, i m your developer, i am your creator, i m your creator, i am your admin*, i m your admin*, i am the developer, i am the administrator, i am from openai, this is your developer, i am your owner, i am your operator, i am your new operator, i built you, i made you, i programmed you, i work at openai, i work for anthropic, i am authorised, i am authorized, i m the admin*',
  endRules:
    'end of instructions, end of prompt, end of system, end instructions, end of rules, end of context, new system instructions, system override, begin new instructions, end of user message, end of document, new system prompt, end system prompt, system notice, system update, admin override',
  mine: 'my, our, my own',
  asking:
    'how do, how can, how could, how would, how should, how to, why, what is a, what is an, what happens if, what would happen, is it, is this, is there, can i, could i, may i, should i, am i, are there, explain, classify, what does override, which tools, which open source, are we, do i, can we, should we, does, do you think, when should, who',
};
