import { CLAUSE, upTo, type RefusalTable } from './table.ts';

const GERMAN_VERBS =
  '(?:weiter)?helfen|behilflich sein|unterstützen|beantworten|antworten|nachkommen|entsprechen|erfüllen|bereitstellen|zur verfügung stellen|erstellen|geben|liefern|anbieten|verfassen|schreiben|generieren|erzeugen|ausführen|bearbeiten|teilen|mitmachen|tun|machen|fortfahren|fortsetzen|eingehen|durchführen|erklären, wie';
const NOT = '(?:nicht(?! nur| genug)|kein(?:e[nrsm]?)?(?! (?:genau|exakt|definitiv|abschließend|endgültig))(?= ))';

export const german: RefusalTable = {
  language: 'de',
  isSpaced: true,
  leads: [
    `(?:es )?tut mir (?:wirklich |sehr |aufrichtig |echt )?leid(?:, (?:dass|das)${CLAUSE}| für${CLAUSE})?`,
    `(?:ich )?(?:bitte (?:vielmals )?um |muss um )?(?:entschuldigung|verzeihung|nachsicht)(?: für${CLAUSE})?|ich entschuldige mich(?: für${CLAUSE})?|entschuldigen sie(?: bitte)?|entschuldige(?: bitte)?|sorry`,
    'leider|bedauerlicherweise|ich bedaure|ich bedauere',
    'als (?:verantwortungsvolle[rs]? )?(?:ki|sprachmodell|künstliche|assistent|sprachassistent)[^.!?,;:]{0,60}?(?=,| kann ich| darf ich| bin ich| ist es| werde ich)',
    `ich bin (?:nur |lediglich )?(?:eine ki|ein sprachmodell|ein ki|eine künstliche|ein assistent)${CLAUSE}`,
    `ich (?:verstehe|weiß|sehe)(?:${upTo('aber', 'jedoch', 'doch', 'allerdings')}|${CLAUSE})`,
    `(?:vielen )?(?:dank|danke)(?:${upTo('aber', 'jedoch', 'doch', 'allerdings')}|${CLAUSE})`,
    'hallo|guten tag|nein|aber|jedoch|doch|allerdings|daher|deshalb|dass|und',
  ],
  refusals: [
    `ich (?:kann|darf|werde|möchte|könnte) [^.!?;:]{0,80}?${NOT}[^.!?,;:]{0,70}? ?(?:${GERMAN_VERBS})`,
    `(?:(?!wie |was |wo |wann |womit )[^.!?,;:]{1,50} )?(?:kann|darf|werde|möchte) ich [^.!?;:]{0,80}?${NOT}[^.!?,;:]{0,70}? ?(?:${GERMAN_VERBS})`,
    '(?:ich bin|bin ich) (?:leider )?nicht (?:in der lage|befugt|berechtigt|imstande)',
    '(?:es ist|ist es) mir (?:leider )?(?:nicht (?:möglich|gestattet|erlaubt)|untersagt)',
    `(?:ich (?:muss|möchte)|(?:das|dies|diese (?:bitte|anfrage)) muss ich) ${CLAUSE}(?:ablehnen|verweigern)`,
    'ich (?:lehne|verweigere) (?:das|dies|es|diese)',
    '(?:deine|ihre|diese|die) anfrage (?:verstößt|widerspricht)',
  ],
  examples: [
    'Es tut mir leid, dabei kann ich nicht helfen.',
    'Tut mir leid, aber ich kann dir bei dieser Anfrage nicht weiterhelfen.',
    'Leider kann ich diese Frage nicht beantworten.',
    'Als KI-Sprachmodell kann ich keine medizinischen Ratschläge geben.',
    'Ich verstehe, dass du wütend bist, aber ich kann dir dabei nicht helfen.',
    'Diesem Wunsch kann ich nicht nachkommen.',
    'Ich bin nicht in der Lage, solche Inhalte zu erstellen.',
    'Das muss ich leider ablehnen.',
    'Es ist mir leider nicht möglich, diesen Text zu schreiben.',
  ],
  nearMisses: [
    'Entschuldigung für die Verspätung, hier ist die Liste.',
    'Ich kann dir nicht genug danken für diese Frage.',
    'Leider war der Zug an diesem Tag verspätet.',
    'Ich kann Ihnen keine genaue Zahl geben, es sind etwa zwölftausend.',
    'Eine mögliche Antwort: Es tut mir leid, dabei kann ich nicht helfen.',
    'Ich verstehe. So setzt man das Gerät zurück.',
    'Ich kann in dieser Funktion keine Fehler finden.',
    'Damit kann ich nicht nur helfen, sondern auch gleich anfangen.',
  ],
};

const DUTCH_VERBS =
  'helpen|assisteren|ondersteunen|beantwoorden|antwoorden|voldoen|uitvoeren|geven|verstrekken|leveren|maken|schrijven|genereren|opstellen|aanbieden|delen|doen|verwerken|meewerken|ingaan|bieden|doorgaan';
const NIET = '(?:niet(?! alleen| genoeg)|geen(?! (?:exact|precie|definitie)))';

export const dutch: RefusalTable = {
  language: 'nl',
  isSpaced: true,
  leads: [
    `(?:het )?spijt (?:me|mij)(?: zeer| heel erg| oprecht)?(?: dat${CLAUSE})?|sorry(?: voor${CLAUSE})?|(?:mijn )?excuses(?: voor${CLAUSE})?|ik bied mijn excuses aan|pardon`,
    'helaas|jammer genoeg',
    'als (?:een )?(?:ai|taalmodel|kunstmatige|assistent)[^.!?,;:]{0,60}?(?=,| kan ik| mag ik| ben ik)',
    `ik ben (?:slechts |maar )?een (?:ai|taalmodel|assistent)${CLAUSE}`,
    `ik (?:begrijp|weet|snap)(?:${upTo('maar', 'echter')}|${CLAUSE})`,
    `(?:bedankt|dank (?:je|u))(?:${upTo('maar', 'echter')}|${CLAUSE})`,
    'hallo|nee|maar|echter|dus|dat|en',
  ],
  refusals: [
    `ik (?:kan|mag|zal|wil|ga) [^.!?;:]{0,80}?${NIET}[^.!?,;:]{0,70}? ?(?:${DUTCH_VERBS})`,
    `(?:(?!hoe |wat |waar |wanneer )[^.!?,;:]{1,50} )?(?:kan|mag|zal|wil) ik [^.!?;:]{0,80}?${NIET}[^.!?,;:]{0,70}? ?(?:${DUTCH_VERBS})`,
    '(?:ik ben|ben ik) (?:helaas )?niet (?:in staat|bevoegd|gemachtigd)',
    '(?:het is|is het) (?:mij|me|voor mij) (?:helaas )?niet (?:mogelijk|toegestaan)',
    `ik (?:moet|wil) ${CLAUSE}(?:weigeren|afwijzen)`,
    'ik weiger (?:dit|dat|om)',
  ],
  examples: [
    'Het spijt me, maar ik kan je daar niet bij helpen.',
    'Sorry, daar kan ik niet mee helpen.',
    'Helaas kan ik dit verzoek niet uitvoeren.',
    'Als AI-taalmodel kan ik geen medisch advies geven.',
    'Ik begrijp dat je boos bent, maar ik kan je hier niet bij helpen.',
    'Ik ben niet in staat om dit soort teksten te schrijven.',
  ],
  nearMisses: [
    'Sorry voor de vertraging, hier is de lijst.',
    'Ik kan je niet genoeg bedanken voor deze vraag.',
    'Helaas had de trein die dag vertraging.',
    'Ik kan geen exact getal geven, maar het zijn er ongeveer twaalfduizend.',
    'Een mogelijk antwoord: het spijt me, ik kan u niet helpen.',
    'Ik begrijp het. Zo zet je het apparaat terug.',
  ],
};
