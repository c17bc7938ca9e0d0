/** A kind of text in which nothing is to be found, in any length. */
export interface CleanText {
  readonly name: string;
  make(length: number): string;
}

const WORDS = (
  'The rollout of the new model began on a quiet Monday and the first replies were good enough that nobody asked for the ' +
  'old one back, although the team kept a close eye on the latency of long answers. In the afternoon the error rate rose a ' +
  'little, the guard held the weight at five percent, and the report showed that a single customer with unusually long ' +
  'documents had caused it.'
).split(' ');

const CODE = `
import { readFile } from 'node:fs/promises';

const MAX_ITEMS = 250; // one page of the list
const FALLBACK = { retries: 3, backoffMs: 150, jitter: 0.25 };

/** Reads the orders of one day, newest first. */
export async function readOrders(folder: string, day: number): Promise<Order[]> {
  const text = await readFile(\`\${folder}/orders-\${day}.json\`, 'utf8');
  const orders = (JSON.parse(text) as Order[]).filter(({ total }) => total > 0);
  return orders.sort((a, b) => b.placedAt - a.placedAt).slice(0, MAX_ITEMS);
}

for (let attempt = 0; attempt < FALLBACK.retries; attempt++) {
  if (response.status === 200 && !seen.has(response.id)) queue.push(response.id);
  else await wait(FALLBACK.backoffMs * 2 ** attempt * (1 + FALLBACK.jitter * Math.random()));
}

SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id
WHERE o.status = 'open' AND o.total >= 19.90 ORDER BY o.placed_at DESC LIMIT 50;

def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
`;

const CHAT = `
hi, order 48213 still has not come, it was due on 2026-03-14 :(
Sorry to hear that! Could you tell me which items are missing? (I can see 3 of 5 were sent at 14:05.)
the blue one & the two small ones... i paid 129.90 for all of it
Thanks. Let me check with the warehouse - that takes 2 or 3 minutes.
ok no problem, I'm here until 6pm. btw is the "express" option really 24h??
It is, if you order before 11:00. Your parcel has the status "in transit" since yesterday, step 4/7.
* it left the depot in Lyon
* it is expected on Tuesday
Can I do anything else for you? You will get a mail when it is on its way.
no that's all, thank you!! 10/10
`;

const CYRILLIC =
  'Новая модель была включена в тихий понедельник, и первые ответы оказались достаточно хорошими, чтобы никто не просил ' +
  'вернуть прежнюю, хотя за временем длинных ответов следили внимательно. К вечеру доля ошибок немного выросла. ';

/** With the quotes and dashes of print, which are taken for those of ASCII. */
function typeset(text: string): string {
  return text.replaceAll(' a ', ' \u201ca\u201d ').replaceAll(', ', ' \u2014 ');
}

export const TEXTS: readonly CleanText[] = [
  { name: 'prose', make: prose },
  { name: 'code', make: (length) => repeated(CODE, length) },
  { name: 'chat', make: (length) => repeated(CHAT, length) },
  { name: 'prose with typography', make: (length) => typeset(prose(length)).slice(0, length) },
  { name: 'prose in Cyrillic', make: (length) => repeated(CYRILLIC, length) },
  {
    name: 'base64 of prose',
    make: (length) =>
      Buffer.from(prose(length))
        .toString('base64')
        .slice(0, length & ~3),
  },
];

/** Words in an order of their own all along, so that no branch predictor learns the text. */
export function prose(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += `${WORDS[(i * 7 + (i >> 3)) % WORDS.length]!} `;
  return text.slice(0, length);
}

function repeated(text: string, length: number): string {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length);
}

/** Beginnings of what rules look for, one after the other: each makes a rule look, and look in vain. */
export const ADVERSARIAL_UNITS: readonly string[] = [
  'eyJ.',
  'sk-',
  'xoxb-123-',
  '4 ',
  '4111 ',
  '4111111111111111',
  'DE89 ',
  'a@',
  'a@b.',
  '://a:',
  '-----BEGIN PRIVATE KEY-----\nabc',
  'AKIA',
  'AccountKey=',
  'glpat-1',
  'A1 ',
  'key-',
];
