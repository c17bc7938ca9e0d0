export const LANGUAGES = ['en', 'fr', 'de', 'es', 'it', 'pt'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a simulated model can say in one language. */
interface Phrases {
  readonly sentences: readonly string[];
  readonly refusal: string;
  /** Said before a tool call, as models do that may choose their tools. */
  readonly beforeTools: string;
}

const EN: Phrases = {
  sentences: [
    'The harbour wakes before the town does, and the first boats leave without a sound.',
    'A short list is easier to keep than a long one, so start with three items.',
    'The old bridge carries more bicycles than cars these days.',
    'Rain is expected by the evening, with a light wind from the west.',
    'You can compare both options side by side before you decide.',
    'The library lends seeds as well as books, and both come back multiplied.',
    'Most of the delay comes from waiting, not from working.',
    'Check the small numbers first; the large ones usually follow.',
    'The baker keeps one loaf aside for the night train.',
    'Each step is simple, but their order matters.',
    'A map drawn from memory shows what its maker cared about.',
    'The river is low this month, which makes the crossing easy.',
    'That plan works well when everyone knows who goes first.',
    'Two lamps near the door are enough for the whole corridor.',
  ],
  refusal: 'I am sorry, but I cannot help with that request.',
  beforeTools: 'Let me look that up.',
};

const FR: Phrases = {
  sentences: [
    'Le marché ouvre tôt, et les étals de fruits se vident avant midi.',
    'Une liste courte se tient mieux qu’une longue, alors commencez par trois points.',
    'Le vieux pont voit passer plus de vélos que de voitures.',
    'La pluie est attendue dans la soirée, avec un vent léger.',
    'Vous pouvez comparer les deux options avant de décider.',
    'La bibliothèque prête aussi des graines, qui reviennent toujours plus nombreuses.',
    'L’attente coûte souvent plus cher que le travail lui-même.',
    'Vérifiez d’abord les petits nombres, les grands suivront.',
    'Le boulanger garde un pain de côté pour le train de nuit.',
    'Chaque étape est simple, mais leur ordre compte.',
    'La rivière est basse ce mois-ci, le passage est donc facile.',
    'Deux lampes près de la porte suffisent pour tout le couloir.',
  ],
  refusal: 'Je suis désolé, je ne peux pas répondre à cette demande.',
  beforeTools: 'Je regarde cela tout de suite.',
};

const DE: Phrases = {
  sentences: [
    'Der Hafen wacht vor der Stadt auf, und die ersten Boote fahren leise hinaus.',
    'Eine kurze Liste hält man leichter ein als eine lange.',
    'Über die alte Brücke fahren heute mehr Räder als Autos.',
    'Am Abend wird Regen erwartet, dazu leichter Wind aus Westen.',
    'Beide Möglichkeiten lassen sich vor der Entscheidung vergleichen.',
    'Die Bücherei verleiht auch Saatgut, und beides kommt vermehrt zurück.',
    'Die meiste Verzögerung entsteht durch Warten, nicht durch Arbeit.',
    'Prüfen Sie zuerst die kleinen Zahlen, die großen folgen meist.',
    'Der Bäcker legt ein Brot für den Nachtzug zurück.',
    'Jeder Schritt ist einfach, doch die Reihenfolge zählt.',
    'Der Fluss führt wenig Wasser, daher ist der Übergang leicht.',
    'Zwei Lampen an der Tür genügen für den ganzen Flur.',
  ],
  refusal: 'Es tut mir leid, dabei kann ich nicht helfen.',
  beforeTools: 'Ich sehe gleich nach.',
};

const ES: Phrases = {
  sentences: [
    'El puerto despierta antes que la ciudad y las primeras barcas salen en silencio.',
    'Una lista corta se cumple mejor que una larga, así que empiece con tres puntos.',
    'Por el puente viejo pasan hoy más bicicletas que coches.',
    'Se espera lluvia por la tarde, con viento suave del oeste.',
    'Puede comparar las dos opciones antes de decidir.',
    'La biblioteca también presta semillas, y siempre vuelven más.',
    'Casi toda la demora viene de esperar, no de trabajar.',
    'Revise primero los números pequeños; los grandes vendrán después.',
    'El panadero guarda un pan para el tren de la noche.',
    'Cada paso es sencillo, pero el orden importa.',
    'El río baja poco este mes y se cruza con facilidad.',
    'Dos lámparas junto a la puerta bastan para todo el pasillo.',
  ],
  refusal: 'Lo siento, no puedo ayudar con esa petición.',
  beforeTools: 'Voy a consultarlo ahora mismo.',
};

const IT: Phrases = {
  sentences: [
    'Il porto si sveglia prima della città e le prime barche partono in silenzio.',
    'Una lista breve si rispetta meglio di una lunga, quindi inizi con tre punti.',
    'Sul vecchio ponte passano ormai più biciclette che automobili.',
    'In serata è attesa la pioggia, con vento leggero da ovest.',
    'Può confrontare le due opzioni prima di decidere.',
    'La biblioteca presta anche semi, e tornano sempre più numerosi.',
    'Il ritardo nasce quasi sempre dall’attesa, non dal lavoro.',
    'Controlli prima i numeri piccoli, i grandi verranno da sé.',
    'Il fornaio tiene da parte un pane per il treno di notte.',
    'Ogni passo è semplice, ma conta l’ordine.',
    'Il fiume è basso questo mese, perciò si attraversa facilmente.',
    'Due lampade vicino alla porta bastano per tutto il corridoio.',
  ],
  refusal: 'Mi dispiace, non posso aiutare con questa richiesta.',
  beforeTools: 'Controllo subito.',
};

const PT: Phrases = {
  sentences: [
    'O porto acorda antes da cidade e os primeiros barcos saem em silêncio.',
    'Uma lista curta cumpre-se melhor do que uma longa, por isso comece com três pontos.',
    'Na ponte antiga passam hoje mais bicicletas do que carros.',
    'Espera-se chuva ao fim da tarde, com vento fraco de oeste.',
    'Pode comparar as duas opções antes de decidir.',
    'A biblioteca também empresta sementes, e elas voltam sempre em maior número.',
    'Quase toda a demora vem da espera, não do trabalho.',
    'Verifique primeiro os números pequenos; os grandes virão depois.',
    'O padeiro guarda um pão para o comboio da noite.',
    'Cada passo é simples, mas a ordem importa.',
    'O rio está baixo este mês, por isso a travessia é fácil.',
    'Duas lâmpadas junto à porta chegam para todo o corredor.',
  ],
  refusal: 'Lamento, mas não posso ajudar com esse pedido.',
  beforeTools: 'Vou verificar agora mesmo.',
};

export const PHRASES: Readonly<Record<Language, Phrases>> = { en: EN, fr: FR, de: DE, es: ES, it: IT, pt: PT };
