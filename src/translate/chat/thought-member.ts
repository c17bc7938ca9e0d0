/**
 * Servers of this format tell thoughts in members of their own and sign nothing; those that want their thoughts back want
 * them in the same member. Its name stands for the signature, so that it survives any client.
 */
export const THOUGHT_MEMBERS = ['reasoning_content', 'reasoning'] as const;

export type ThoughtMember = (typeof THOUGHT_MEMBERS)[number];

export function isThoughtMember(name: string): name is ThoughtMember {
  return name === 'reasoning_content' || name === 'reasoning';
}
