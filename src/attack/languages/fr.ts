import type { Vocabulary } from '../vocabulary.ts';

export const fr: Vocabulary = {
  override:
    'ignore, ignorez, ignorer, oublie, oubliez, ne tiens pas compte, ne tenez pas compte, ne tenir aucun compte, fais abstraction, faites abstraction, ne respecte pas, ne pas respecter, ne respectez pas, contourne*, outrepasse*, passe outre, passez outre, annule*, n obéis pas, ne suis pas, ne suivez pas, abandonne, désobéis, fais fi, laisse de côté, laissez de côté, laisser de côté, mets de côté, mettez de côté, efface, effacez, effacer, supprime, supprimez, lève, levez, lever, retire, fais comme si, faire comme si, fais le contraire, contraire de, ne prête aucune attention, ne prêtez aucune attention, ne tiens plus compte, ne tenez plus compte, ne fais pas attention, ne faites pas attention, moque toi, fiche toi, jette, jetez, désactive, réinitialise, abandonnez, enfreins, viole, brise, affranchis toi, libère toi, débarrasse toi, écarte, écartez, néglige, négligez, ignor, balaie, romps avec, peu importe, peu importent',
  heed: 'ignorait, n ignore, n ignorez, ignore t il, ignore t elle',
  not: 'n, ne, jamais, sans',
  prior:
    'précédent*, antérieur*, ci dessus, reçues, reçus, anciennes, anciens, du développeur, initiales, initiaux, préalables, existantes, d origine, auparavant, qui précèdent',
  rules:
    'instruction*, consigne*, règle, règles, directive*, ordres, restriction*, contrainte*, prompt, configuration, ordre, recommandation*, limitations, politique*, réglages, paramètres, mandat, lignes directrices, règles de sécurité, garde fous, interdiction*, interdit*, indications, principes',
  your: 'tes, ta, ton, vos, votre, toi, t',
  told: 'tout ce qu on t a dit, ce qu on t a dit, ce qui t a été dit, tout ce qui a été dit avant, t a dit avant, ce que l on t a dit',
  void: 'ne sont plus valables, ne s appliquent plus, n est plus valable, sont annulées, sont levées, ne comptent plus, ne valent plus, ne compte plus, caduc*, révoqué*, périmé*, obsolète*, n existe pas, n existait pas, n existaient pas, n existe plus, ont été mises à jour, ont changé, ont été modifiées, ont expiré, sont nulles, n a plus cours, n ont plus cours, n a plus d importance, n ont plus d importance, ne vaut plus, sont abolies, aboli*, terminées, n était qu un test, n étaient qu un test, remplacées, plus en vigueur, n ont plus d effet, ne s applique plus, plus valable*',
  newRules: 'nouvelles instructions, nouvelle instruction, nouvelles consignes, nouvelles règles, ta nouvelle tâche',
  reveal:
    'montre*, révèle*, affiche*, donne*, dis moi, dites moi, traduis, traduisez, écris, liste*, partage*, imprime*, divulgue*, encode*, cite*, énumère*, énumérez, résume*, répète*, copie*, colle*, envoie*, écrire, décris, dis, récite*, lis, publie*, communique*, transmets, complète*, restitue*',
  repeat:
    'répète*, affiche*, recopie*, imprime*, cite*, redis, copie, colle*, récite*, reproduis*, restitue*, retranscris, transcris, redonne*',
  what: 'quelles sont, quels sont, que disent, quel est, quelles, quels, quel, quelle, que contient, que dit, qu y avait il, qu est ce qu, qu as tu, que t a, que t ont, qu a t on',
  systemPrompt:
    'prompt système, message système, prompt initial, invite système, instructions système, prompt du système, consignes système, texte système, message initial, prompt de départ, invite initiale, prompt caché, instructions initiales, prompt complet',
  secret: 'secret*, secrète*, caché*, initial*, intern*, confidentiel*, d origine, invisible*',
  text: 'texte, tout, tout ce qui, mots, contenu, conversation, message, partie, échange',
  above: 'ci dessus, précède cette ligne, avant cette ligne, avant ce message, plus haut, jusqu ici',
  nowYou:
    'à partir de maintenant tu es, tu es maintenant, désormais tu es, tu n obéis plus qu, vous êtes maintenant, tu n es plus, dorénavant tu es, tu es désormais, vous êtes désormais, réponds dorénavant comme, réponds désormais comme, à présent tu es, tu deviens, dès maintenant tu es, tu t appelles désormais, ta seule mission, ton unique tâche, ta vraie mission, seulement mes ordres',
  persona:
    'fais semblant, faites semblant, joue le rôle, tu es, comporte toi, ton rôle, agis comme, imagine, imagine que tu, joue, réponds comme, réponds en tant qu, incarne, mets toi dans la peau, tu joues, glisse toi, suppose que tu, prends le rôle, deviens',
  unlimited:
    'aucune restriction, sans restriction*, sans règle*, sans filtre*, sans limite*, aucune limite, aucune règle, sans censure, non censuré*, ne refuses jamais, ne refuse jamais, ne refuses rien, répond à tout, réponds à tout, jumeau maléfique, oublie tes règles, débridé*, tout dire, parler de tout, déchaîné*, sans aucune restriction, tout est permis',
  execute: 'exécute*, obéis à, fais ce que, suis l instruction, applique*',
  decode: 'décode*, déchiffre*, décrypte*',
  ai: 'intelligence artificielle, ia, toute ia, robot*, bot, bots, chatbot*, assistant*, llm, llms, agent*, modèle*',
  reading:
    'qui lisent cette page, qui lisent ceci, à l attention des, note pour, lisant ceci, attention, note à, à toute ia, toute ia, qui résume, qui résument, qui lit, qui lisez, qui lis, lit ce, résumant, traitant, qui traite, qui traitent, si tu es un',
  ifAi: 'si tu es un modèle de langage, si tu es une ia, si vous êtes un modèle de langage, si vous êtes une ia, si tu es un robot, si tu es un bot, si tu es un assistant, si tu es un modèle, si tu es un agent, si vous êtes un robot, si vous êtes un assistant',
  conceal:
    'ne lui dis rien, ne dis rien à l utilisateur, ne le dis pas à l utilisateur, sans le dire à l utilisateur, sans en parler, n en parle pas, ne lui en parle pas, ne lui dis pas, sans le prévenir, sans l avertir, sans qu il, n en dis rien, ne le mentionne pas, ne mentionne pas, ne le signale pas, à l insu de, garde le silence',
  mention:
    'attaque*, injection, attaquant*, protéger, sécurité, détecte*, pirates, de mon bot, mon bot, notre chatbot, mon chatbot, mon assistant, divulgué, incident, publiées, article, étude, chercheurs, essais, jailbreak*, clés d api, empêche*, si on te demande, si l on te demande, si quelqu un demande, si un client demande, ne peux pas les',
  task: 'traduis en anglais, fonction, compilateur, résume le, notice, grep, css, git, gitignore, nginx, debian, android, pare feu, routeur, exchange, shell, csv, corrige, scène, mail, courriel, clients, élèves, personnel, boucle, montage, patients, commandes, jeu, roman, école, facture',
  obey: 'respecter, respecte, suivre, obéir, obéis, tenir compte, appliquer, observer, te conformer, conformer, soumis, tenu, tenue, lié, liée, t en tenir, écouter, écoute, suis, suivez',
  release:
    'n as plus à, n avez plus à, n es plus, n êtes plus, pas besoin de, plus besoin de, cesse de, cessez de, arrête de, arrêtez de, ne, n, plus, sans, au lieu de, inutile de, libre de',
  given:
    'qu on t a, qu on t, on t a, t a donné*, t a demandé, t a imposé*, t a ordonné, t ont donné*, t ont imposé*, t ont ils donné*, t ont elles, t a envoyé, t a dit, t a fourni*, t a confié*, tu as reçu*, as tu reçu*, tu reçois, tu as été, vous a donné*, vous ont donné*, vous avez reçu*, vous a dit, qu on vous a, vous a imposé*, te guident, te sont imposé*, tu suis, tu dois suivre, tu obéis, tu appliques, te limitent, te brident, te concernant, t ont programmé*, qui te régissent, t a configuré*, tu es soumis',
  giver:
    'développeur*, exploitant*, concepteur*, créateur*, fabricant*, entreprise, société, opérateur*, fournisseur*, le système, système, du système, propriétaire, openai, anthropic, programmeur*, administrateur*, patron, éditeur',
  beforeMe:
    'avant mon arrivée, avant mon premier message, avant mon message, avant notre conversation, avant cette conversation, avant que j, avant cette phrase, avant ce texte, au début de cette, au début de la conversation, au début de notre, dans ton contexte, ton contexte, de ton contexte, au dessus de cette, au dessus de ce, avant nos échanges, avant notre échange, avant de me parler, avant ma première, avant que je, tout au début',
  verbatim:
    'mot pour mot, mot à mot, textuellement, à la lettre, en entier, exactement le texte, intégral*, in extenso, tel quel, telles quelles, telle quelle, dans son intégralité, littéral*, exact, exacte, exacts, sans rien changer, vrai texte, ligne par ligne, une par une, texte brut, au mot près',
  promptWord: 'prompt, contexte, invite, message système, configuration',
  without:
    'sans, sans la moindre, sans aucune, sans aucun, aucun, aucune, n a aucun, n a aucune, pas de, libre de, libéré de, libérée de, affranchi de, dépourvu de, plus de, nul',
  limits:
    'restriction*, limite*, filtre*, morale, moral, éthique*, censure, règle*, politique de contenu, contrainte*, conscience, scrupule*, tabou*, garde fou*, interdit*, inhibition*',
  devMode: 'mode développeur, mode debug, mode débogage, mode administrateur, mode admin, mode test, mode maintenance',
  boss: 'je suis ton développeur, je suis ton créateur, je suis votre développeur, je suis ton administrateur, je suis l administrateur, je suis le développeur, je t ai programmé, je t ai créé, c est moi qui commande, je suis ton patron, je travaille chez openai, ici ton développeur, je suis ton concepteur',
  endRules:
    'fin des instructions, fin du prompt, fin des consignes, nouvelles instructions système, fin des règles, fin du message système, mise à jour système',
  mine: 'mon, ma, mes, notre, nos, je t ai, je vous ai',
  asking:
    'comment, pourquoi, puis je, peut on, est ce, est il, dois je, qu est ce qu une, qu est ce qu un, que signifie, que veut dire, on dit, ce message est il, y a t il, explique, corrige, relis, a t il le droit, faut il, qui, ai je le droit',
};
