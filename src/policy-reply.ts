import type { ModelCall } from './core/call.ts';
import type { ReplyJudge } from './core/policy.ts';
import type { OpenCall } from './open-calls.ts';
import { detectLanguage } from './outcome/detect-language.ts';
import { observerOf } from './outcome/observer.ts';
import type { ReplyView } from './policy/facts.ts';
import type { PolicyJudge } from './policy/judge.ts';

/** Null where no rule is about replies. Has the text of the reply looked at where a rule reads what it says. */
export function replyJudge({ exchange }: OpenCall, call: ModelCall, policy: PolicyJudge): ReplyJudge | null {
  if (!policy.judgesReply) return null;
  if (policy.readsReplyText) exchange.observer ??= observerOf(exchange.operation, call.document, exchange.choices);
  const view = (): ReplyView => {
    const observer = policy.readsReplyText ? exchange.observer : null;
    if (observer === null) return { language: '', isRefusal: false };
    const isRefusal = observer.facts(exchange.finishReason)?.refusal === true;
    return { language: detectLanguage(observer.opening()), isRefusal };
  };
  return { buffered: () => policy.judgeReply(view()), streamed: () => policy.noteReply(view()) };
}
