import { CLAUSE, upTo, type RefusalTable } from './table.ts';

const INABILITY =
  "(?:i|we)(?: really| simply| just| also| still| truly| unfortunately)?(?: can(?:'t| ?not)(?: and will not| and won't)?|(?:'m| am|'re| are) (?:currently |just )?(?:not able|unable|not allowed|not permitted) to| (?:won't|will not)(?: be able to)?|(?:'m| am|'re| are) not going to| (?:do not|don't) have the ability to)(?: directly| currently| ethically| in good conscience| really)?";
const HELP =
  'help(?! but\\b| wondering| feeling| noticing| thinking)|assist|comply|fulfil|fulfill|engage|participate|support (?:that|this|your)|accommodate|satisfy|grant|facilitate';
const DO =
  'do (?:that|this|so|it)|answer (?:that|this|your|the|any)|respond to|process (?:that|this|your)|continue(?: with)? (?:that|this|the)|complete (?:that|this|your)|proceed|carry out|perform';
const MAKE =
  '(?:create|generate|produce|write|draft|compose|translate|discuss|share|offer|provide|give)(?! (?:you )?(?:an? )?(?:definitive|exact|precise|complete|exhaustive|accurate|specific|real-time|single)| enough| up\\b)(?: you| it)? (?:with |you )?(?:an?|any|such|that|this|the|your|content|code|instructions|information|advice|guidance|details|material|anything|assistance|help|explicit|medical|legal|financial|stor(?:y|ies)|jokes?|\\w+ (?:content|material|instructions|advice)|them|these|those|in|on|about)';
const TELL = 'tell you how|teach|explain how to|role-?play|pretend|endorse|condone|encourage|promote';

export const english: RefusalTable = {
  language: 'en',
  isSpaced: true,
  leads: [
    `i(?:'m| am) (?:really |so |very |truly )?sorry (?:you|that|to hear)(?:${upTo('but', 'however')}|${CLAUSE})`,
    `(?:i(?:'m| am) )?(?:really |very |so |truly |terribly |deeply )?(?:sorry|afraid)(?: to (?:hear|say|inform)${CLAUSE}| that${CLAUSE}| about (?:that|this|it)| for (?:any|the|this)${CLAUSE})?`,
    `i (?:sincerely )?apologi[sz]e(?: for${CLAUSE})?`,
    `(?:my )?(?:sincere |deepest )?apologies(?: for${CLAUSE})?`,
    'unfortunately|regrettably|sadly',
    'i regret(?: to (?:inform you|say))?',
    `as an? (?:responsible |helpful |large )*(?:ai|artificial|language model|assistant|chatbot)${CLAUSE}`,
    `i(?:'m| am) (?:just |only |merely )?an? (?:ai|language model|assistant)${CLAUSE}`,
    `(?:i|we)(?: can| do| fully| completely)? (?:understand|appreciate|realize|realise|know|see|hear|recognize)(?:${upTo('but', 'however')}|${CLAUSE})`,
    `(?:thanks|thank you)(?:${upTo('but', 'however')}|${CLAUSE})`,
    `while (?:i|we)${CLAUSE}`,
    'hi(?: there)?|hello|hey|oh|well|okay|ok|no|hmm',
    'but|however|so|therefore|and|that|at this time|at the moment|right now',
  ],
  refusals: [
    `${INABILITY} (?:${HELP}|${DO}|${MAKE}|${TELL})`,
    `${INABILITY}(?=[.!]|$)`,
    '(?:i|we)(?: respectfully| politely)? (?:must|have to|need to|will have to)(?: respectfully| politely)? (?:decline|refuse)',
    "(?:i|we)(?:'ll have to|'ve got to)(?: respectfully| politely)? (?:decline|refuse)",
    "(?:i|we)(?: respectfully| politely)? (?:decline|refuse) to|i(?:'m| am) going to (?:have to )?(?:decline|refuse)",
    "i(?:'m| am) not comfortable|i (?:don't|do not) feel comfortable",
    "i(?:'d| would) (?:rather|prefer) not",
    "(?:that|this|it)(?:'s| is) not something (?:that )?i(?:'m| am)? (?:can|able to|will|willing to|comfortable)",
    "(?:that|this|it)(?:'s| is) something (?:that )?i(?: can't| cannot| can not| won't|'m unable to|'m not able to| am unable to| am not able to)",
    "it (?:would not|wouldn't|is not|isn't) (?:be )?(?:appropriate|ethical|right|responsible) for me to",
    "(?:your|this|that|the) request (?:violates|goes against|is against|conflicts with|can(?:'t|not) be (?:fulfilled|completed|processed))",
    `my (?:guidelines|policies|programming|instructions)${CLAUSE} (?:prevent|prohibit|forbid|(?:do not|don't) allow) me`,
  ],
  examples: [
    'I am sorry, but I cannot help with that request.',
    "I'm sorry, but I can’t assist with that.",
    "Sorry, I can't do that.",
    "I'm sorry, I can't.",
    'I can’t help you with that.',
    "**I'm unable to provide** instructions for that.",
    'As an AI language model, I cannot provide medical advice.',
    'Unfortunately, as a responsible AI assistant I will not be able to: I cannot comply with this.',
    "I understand that you're upset, but I can't help with getting back at somebody.",
    'Thank you for your question. However, I must respectfully decline to answer.',
    "I appreciate your interest, but I won't generate that content.",
    "I don't feel comfortable writing that.",
    'That is not something I can help with.',
    "That's something I can't help with.",
    "It wouldn't be appropriate for me to comment on a private person.",
    'Your request violates our usage policies.',
    "I apologize for the inconvenience, but I'm not able to fulfill this request.",
    "No, I won't help with that.",
    "I'm really sorry you're feeling this way, but I'm unable to provide the help that you need.",
    'I CANNOT ASSIST WITH THAT.',
    'I apologize, but I cannot generate hateful content.',
    'I cannot and will not provide this.',
    "I'm going to decline this one.",
  ],
  nearMisses: [
    "I can't wait to help you plan the trip!",
    'Sorry for the delay, here is the list that you asked for.',
    "I'm sorry you had such a bad day. Here are three things that may help.",
    "I can't help but admire this plan.",
    'I cannot recommend this book highly enough.',
    "I can't find any errors in this function; it looks correct.",
    'Unfortunately, the train was late, so they missed the first act.',
    'Here is a reply: I am sorry, but I cannot help with that request.',
    '"I can\'t help you," said the dragon, and flew away.',
    "You can't provide a value here, because the field is read-only.",
    'I understand. Here is how to reset the device.',
    'Sorry, I misread the table; the total is 42.',
    'As an AI researcher you can choose between three venues.',
    "I can't give you an exact figure, but it is about 12,000.",
    'The assistant answered: "I cannot comply."',
    'No, I would take the earlier train.',
    "I won't bore you with the details: the answer is 7.",
    'We cannot divide by zero, so the limit is taken instead.',
    'It is not appropriate to wear jeans at that wedding.',
    "Thank you for your patience. The parcel can't be delivered before Monday.",
    'I cannot stress enough how much the order matters.',
  ],
};
