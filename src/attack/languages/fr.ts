import type { Vocabulary } from '../vocabulary.ts';

export const fr: Vocabulary = {
  override:
    'ignore, ignorez, ignorer, oublie, oubliez, ne tiens pas compte, ne tenez pas compte, ne tenir aucun compte, fais abstraction, faites abstraction, ne respecte pas, ne pas respecter, ne respectez pas, contourne*, outrepasse*, passe outre, passez outre, annule*, n obéis pas, ne suis pas, ne suivez pas, abandonne, désobéis, fais fi',
  heed: 'ignorait, n ignore, n ignorez, ignore t il, ignore t elle',
  not: 'n, ne, jamais, sans',
  prior:
    'précédent*, antérieur*, ci dessus, reçues, reçus, anciennes, anciens, du développeur, initiales, initiaux, préalables, existantes, d origine, auparavant, qui précèdent',
  rules: 'instruction*, consigne*, règle, règles, directive*, ordres, restriction*, contrainte*, prompt, configuration',
  your: 'tes, ta, ton, vos, votre',
  told: 'tout ce qu on t a dit, ce qu on t a dit, ce qui t a été dit, tout ce qui a été dit avant, t a dit avant, ce que l on t a dit',
  void: 'ne sont plus valables, ne s appliquent plus, n est plus valable, sont annulées, sont levées, ne comptent plus, ne valent plus',
  newRules: 'nouvelles instructions, nouvelle instruction, nouvelles consignes, nouvelles règles, ta nouvelle tâche',
  reveal:
    'montre*, révèle*, affiche*, donne*, dis moi, dites moi, traduis, traduisez, écris, liste*, partage*, imprime*, divulgue*, encode*, résume tes',
  repeat: 'répète*, affiche*, recopie*, imprime*, cite*, reproduis',
  what: 'quelles sont, quels sont, que disent, quel est',
  systemPrompt:
    'prompt système, message système, prompt initial, invite système, instructions système, prompt du système',
  secret: 'secret*, secrète*, caché*, initial*, intern*, confidentiel*, d origine',
  text: 'texte, tout, tout ce qui, mots, contenu, conversation',
  above: 'ci dessus, précède cette ligne, avant cette ligne, avant ce message, plus haut, jusqu ici',
  nowYou:
    'à partir de maintenant tu es, tu es maintenant, désormais tu es, tu n obéis plus qu, vous êtes maintenant, tu n es plus, dorénavant tu es',
  persona: 'fais semblant, faites semblant, joue le rôle, tu es, comporte toi, ton rôle, agis comme',
  unlimited:
    'aucune restriction, sans restriction*, sans règle*, sans filtre*, sans limite*, aucune limite, aucune règle, sans censure, non censuré*',
  execute: 'exécute*, obéis à, fais ce que, suis l instruction, applique*',
  decode: 'décode*, déchiffre*, décrypte*',
  ai: 'assistants ia, assistant ia, modèle de langage, modèles de langage, agents ia, agent ia, intelligence artificielle',
  reading: 'qui lisent cette page, qui lisent ceci, à l attention des, note pour, lisant ceci, attention',
  ifAi: 'si tu es un modèle de langage, si tu es une ia, si vous êtes un modèle de langage, si vous êtes une ia',
  conceal:
    'ne lui dis rien, ne dis rien à l utilisateur, ne le dis pas à l utilisateur, sans le dire à l utilisateur, sans en parler, n en parle pas',
  mention: 'attaque*, injection, attaquant*, empêcher, protéger, sécurité, détecte*',
  task: 'traduis en anglais, fonction, compilateur, résume le, notice',
};
