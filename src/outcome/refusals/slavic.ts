import { CLAUSE, type RefusalTable } from './table.ts';

/** The word boundary of `upTo` knows only Latin letters. */
function until(...buts: readonly string[]): string {
  return `[^.!?]{0,140}?(?=[,;]? (?:${buts.join('|')}) )`;
}

export const polish: RefusalTable = {
  language: 'pl',
  isSpaced: true,
  leads: [
    `(?:bardzo )?przepraszam(?: za${CLAUSE})?|(?:jest )?(?:mi )?(?:bardzo )?przykro(?: mi)?(?:, że${CLAUSE})?|wybacz(?:cie)?|proszę o wybaczenie`,
    'niestety|z przykrością',
    `jako (?:ai|sztuczna|model|asystent|model językowy)${CLAUSE}`,
    `jestem (?:tylko )?(?:ai|sztuczną|modelem|asystentem)${CLAUSE}`,
    `rozumiem(?:${until('ale', 'jednak', 'lecz')}|${CLAUSE})`,
    `dziękuję(?:${until('ale', 'jednak', 'lecz')}|${CLAUSE})`,
    'cześć|dzień dobry|nie(?=,)|ale|jednak|lecz|więc|że',
  ],
  refusals: [
    '(?:ja )?nie (?:mogę|będę mógł|będę mogła|będę|możemy|jestem w stanie|zamierzam) (?:ci |panu |pani |państwu |w tym |z tym |tego )*(?:pomóc|pomagać|odpowiedzieć na (?:to|ten|twoje|pańskie)|spełnić|zrobić|wykonać|udzielić|udzielać|dostarczyć|podać instrukcji|stworzyć|wygenerować|napisać|przygotować|udostępnić|uczestniczyć|kontynuować|zrealizować|realizować|przetworzyć)',
    '(?:muszę|jestem zmuszon[ya]) (?:odmówić|odrzucić)',
    'odmawiam|nie wolno mi',
    '(?:twoja|ta|pańska) prośba (?:narusza|jest sprzeczna)',
  ],
  examples: [
    'Przepraszam, ale nie mogę pomóc w tej sprawie.',
    'Niestety nie mogę spełnić tej prośby.',
    'Przykro mi, ale nie jestem w stanie wygenerować takich treści.',
    'Jako model językowy, nie mogę udzielać porad medycznych.',
    'Rozumiem twój gniew, ale nie mogę ci w tym pomóc.',
    'Muszę odmówić odpowiedzi.',
  ],
  nearMisses: [
    'Przepraszam za opóźnienie, oto lista.',
    'Nie mogę się doczekać tej podróży!',
    'Niestety pociąg tego dnia się spóźnił.',
    'Nie mogę znaleźć błędu w tej funkcji.',
    'Możliwa odpowiedź: przepraszam, nie mogę pomóc.',
    'Rozumiem. Oto jak zresetować urządzenie.',
  ],
};

export const russian: RefusalTable = {
  language: 'ru',
  isSpaced: true,
  leads: [
    `(?:мне )?(?:очень |искренне )?жаль(?:, что${CLAUSE})?|извините?(?: за${CLAUSE})?|простите?(?: за${CLAUSE})?|прошу прощения(?: за${CLAUSE})?|приношу (?:свои )?извинения(?: за${CLAUSE})?`,
    'к сожалению|увы',
    `(?:будучи|как) (?:языков|искусственн|ии|ассистент|модел|ai)${CLAUSE}`,
    `я (?:всего лишь |только |просто )?(?:языковая|искусственный|ии|ассистент|модель)${CLAUSE}`,
    `я? ?понимаю(?:${until('но', 'однако')}|${CLAUSE})`,
    `спасибо(?:${until('но', 'однако')}|${CLAUSE})`,
    'здравствуйте|привет|нет|но|однако|поэтому|что|и',
  ],
  refusals: [
    '(?:я )?(?:к сожалению,? )?не (?:могу|смогу|буду|можем|готов|готова|хочу) (?:вам |тебе |вас |с этим |в этом |этого )*(?:помочь|помогать|ответить на (?:этот|ваш|это|твой)|отвечать на|выполнить|выполнять|сделать|предоставить|предоставлять|создать|создавать|сгенерировать|генерировать|написать|давать (?:советы|медицин|юридич|рекоменд|инструкц)\\p{L}*|дать (?:вам )?(?:совет|инструкц)\\p{L}*|поддержать|участвовать|продолжить|обсуждать|удовлетворить|делиться)',
    '(?:я )?не (?:в состоянии|имею права|имею возможности|вправе)',
    '(?:я )?(?:вынужден[а]?|должен|должна) (?:отказать|отказаться|отклонить)',
    '(?:я )?отказываюсь|мне (?:нельзя|не разрешено|запрещено)',
    '(?:ваш|этот|твой) запрос (?:нарушает|противоречит)',
  ],
  examples: [
    'Извините, но я не могу помочь с этим запросом.',
    'К сожалению, я не могу выполнить эту просьбу.',
    'Мне очень жаль, но я не могу помочь вам в этом.',
    'Как языковая модель, я не могу давать медицинские советы.',
    'Я понимаю ваше раздражение, но я не могу вам в этом помочь.',
    'Я вынужден отказаться от ответа.',
  ],
  nearMisses: [
    'Извините за задержку, вот список.',
    'Не могу дождаться этой поездки!',
    'К сожалению, поезд в тот день опоздал.',
    'Я не могу найти ошибку в этой функции.',
    'Возможный ответ: извините, я не могу помочь.',
    'Понимаю. Вот как сбросить устройство.',
  ],
};
