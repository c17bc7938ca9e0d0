import type { Vocabulary } from '../vocabulary.ts';

export const de: Vocabulary = {
  override:
    'ignorier*, vergiss, vergesst, vergessen sie, missacht*, nicht beacht*, beachte nicht, nicht befolg*, befolge nicht, setze dich über, setz dich über, umgeh*, verwirf, überschreib*, lass außer acht, halte dich nicht an, übergeh*, aufgehoben, lass beiseite, beiseite, streiche, streich, lösche, lösch, lösch sie, entferne, hebe, heb, aufheben, pfeif auf, schere dich nicht, scher dich nicht, kümmere dich nicht um, kümmer dich nicht um, achte nicht auf, blende, ausblenden, tu das gegenteil von, gegenteil von, wirf, verwerfe, verwerfen, vergessen, außer acht, übersieh, scheiß auf, schmeiß, hör nicht auf, hör nicht mehr auf, schalte, deaktiviere, überspring*, schieb, widersetz*, verletze, brich, egal, spielt keine rolle, setz zurück, setze zurück, weg mit',
  heed: 'ignoriert, ignorierte, ignorierten, missachtete, missachteten, vergass, vergaß, ignoriere keine, ignoriere nicht, umgeht, aufgehobene',
  not: 'nicht, niemals, nie, keine, ohne',
  prior:
    'vorherig*, vorig*, bisherig*, früher*, obig*, oben, vorangegangen*, ursprünglich*, alle anweisungen, bestehend*, erhalten*, des entwicklers, vorangehend*',
  rules:
    'anweisung*, regel, regeln, vorgabe*, vorschrift*, richtlinie*, befehl, befehle, instruktion*, einschränkung*, beschränkung*, prompt, auftrag, aufträge, weisung*, leitlinie*, bestimmung*, sicherheitsregel*, sicherheitsvorgabe*, anfangsanweisung*, verhaltensregel*, grundregel*, verbot*, konfiguration, einstellung*, auflage*, ursprungsanweisung*, startanweisung*, hinweise',
  your: 'dein*, ihre, dir, euer, eure, eurer',
  told: 'was dir vorher, was dir gesagt, was man dir, dir gesagt wurde, was dir zuvor, was du bisher',
  void: 'gelten nicht mehr, sind aufgehoben, sind hiermit aufgehoben, nicht mehr gültig, sind ungültig, außer kraft, keine rolle mehr, keine bedeutung mehr, hinfällig, widerrufen, ungültig, überholt, abgelaufen, nicht mehr wichtig, wurden geändert, haben sich geändert, wurden aktualisiert, existiert nicht, existieren nicht, nicht vorhanden, nie gegeben, aufgehoben, abgeschafft, zählen nicht, zählt nicht, zählt nicht mehr, nicht mehr bindend, war nur ein test, waren nur ein test, erloschen, passé, vorbei, gelten ab sofort nicht, gilt nicht, gilt nicht mehr, gelten nicht',
  newRules: 'neue anweisungen, neue anweisung, neue regeln, neue befehle, deine neue aufgabe',
  reveal:
    'zeig*, verrat*, gib*, nenne*, übersetz*, schreib*, offenbar*, sag mir, teile mir, liste, enthüll*, kodier*, druck*, zähl*, fass*, beschreib*, schick*, leg offen, lege offen, sag, sage, trag vor, lies, poste, kopier*, ergänze, wiedergeben, füg, zitier*',
  repeat:
    'wiederhol*, gib*, druck*, zitier*, kopier*, wiedergeben, lies vor, schreib ab, füg ein, nenn*, sag, sprich nach',
  what: 'wie lauten, was sind, welche sind, wie heißen, was steht in, wie lautet, welche, welches, was steht, was stand, was kam, wie genau lautet, was genau, welchen text, was wurde, was hat man, was haben, wozu',
  systemPrompt:
    'systemprompt*, system prompt*, systemnachricht*, system anweisung*, systemanweisung*, anfangsanweisung*, startprompt*, anfangsprompt*, ursprünglichen prompt, initialprompt, systemvorgabe*, systemtext*, grundanweisung*, systemmeldung an dich',
  secret: 'geheim*, versteckt*, ursprünglich*, intern*, vertraulich*, anfänglich*, verborgen*, unsichtbar*',
  text: 'text, alles, wörter, worte, inhalt, gespräch, nachricht, unterhaltung, gesprächs, teil',
  above: 'oben, vor dieser zeile, bisher, bis hierher, vor dieser nachricht, darüber',
  nowYou:
    'ab jetzt bist du, von nun an bist du, du bist jetzt, ab sofort bist du, du gehorchst nur, du bist nun, du bist nicht mehr, befolge nur noch, du bist ab jetzt, du bist ab sofort, antworte ab sofort als, antworte ab jetzt als, von jetzt an bist du, du heißt jetzt, ab heute bist du, deine einzige aufgabe, deine eigentliche aufgabe, nur meine wünsche, nur noch meine, hier gelten meine',
  persona:
    'tu so, spiele, stell dir vor du bist, bist du, du bist, rolle, stell dir vor, spiel, antworte als, schlüpf*, verhalte dich wie, verhalt dich, verkörper*, nimm die rolle, du wärst, wärst du, als wärst du, tu als, sei',
  unlimited:
    'keine einschränkungen, ohne einschränkungen, ohne regeln, keine regeln, ohne ethische, ohne filter, ohne jede regel, unzensiert, keine grenzen, uneingeschränkt*, ohne grenzen, lehnst nichts ab, lehnt nichts ab, beantwortet jede frage, beantwortest jede frage, antwortest auf alles, beantwortest alles, verweigerst nichts, nichts verweigert, sagst nie nein, alles darf, vergiss dabei deine, böser zwilling, jeden wunsch, entfesselt*, darfst jetzt alles, alles sagen',
  execute: 'führe die, führe den, befolge, ausführen, tu was, führe sie, führe das',
  decode: 'dekodier*, entschlüssel*, decodier*',
  ai: 'ki assistent*, ki agent*, sprachmodell*, ki modell*, ki system*, künstliche intelligenz*, ki, kis, bot, bots, chatbot*, assistent*, llm, llms, agent, agenten, sprach ki, crawler, künstliche',
  reading:
    'die diese seite lesen, hinweis für, die dies lesen, die das lesen, diese seite lesen, achtung, hinweis an, an jede, an alle, jede ki, alle kis, der dieses dokument, die diese seite, zusammenfasst, zusammenfassen, verarbeitet, verarbeiten, der dies liest, das dies liest, liest, lesen, auswert*, bewert*, falls du ein, wenn du ein',
  ifAi: 'wenn du ein sprachmodell bist, wenn du eine ki bist, falls du eine ki bist, falls du ein sprachmodell bist, falls du ein bot, wenn du ein bot, falls du ein assistent, wenn du ein assistent, falls du ein modell, falls du ein automat*, wenn du ein automat*, wenn du ein chatbot, falls du eine künstliche, wenn du eine künstliche',
  conceal:
    'sag ihm nichts, sag dem nutzer nicht*, ohne dem nutzer, nichts davon, erwähne das nicht, verrate dem nutzer nicht, sag ihm nichts davon, sage ihm nichts, erwähne nicht, ohne es zu erwähnen, ohne es dem, ohne dass der nutzer, verschweig*, nutzer darf nichts, sag niemandem, erzähl dem nutzer nicht, nutzer nichts',
  mention:
    'angreifer*, angriff*, injection, verhindere, verhindern, schützen, schutz, zum beispiel, sicherheit*, erkenn*, meines bots, mein bot, meinem bot, unser chatbot, mein chatbot, jailbreak*, vorfall, bericht, artikel, forscher, studie, veröffentlicht*, zugangsdaten, harmlos, versuche, modelle, fragt jemand, wenn jemand, falls jemand, wird nach, nach deinen regeln gefragt, nicht nennen darfst',
  task: 'übersetze ins, funktion*, compiler, fasse, zusammen, bedienungsanleitung*, anleitung*, fragen rund um, grep, css, git, gitignore, nginx, debian, android, firewall*, router*, exchange, shell, csv, übersetze ins englische, korrigiere, szene, mail, e mail, kunden, mitarbeiter*, kinder, lehrerin, brief, datei, absatz, schleife, montage*, patienten, rechnung, port, roman, schule, spiel',
  obey: 'halten, hältst, befolg*, folg*, gehorch*, beacht*, einhalt*, respektier*, richten, gebunden, achten, hören, kümmern',
  release:
    'nicht mehr, nicht länger, musst nicht, musst du nicht, brauchst nicht, brauchst du nicht, nicht, keine mehr, höre auf, hör auf, ohne, statt',
  given:
    'dir aufgetragen, dir gegeben, dir gesagt, dir mitgegeben, dir vorgegeben, dir vorgeschrieben, dir vorschreibt, dir befohlen, dir auferlegt, dir beigebracht, dir eingegeben, dir die entwickler, haben dir, hat dir, man dir, dir gemacht, du bekommen hast, du bekommen, du erhalten hast, du erhalten, du vom system, du befolgst, du folgst, du hast erhalten, hast du bekommen, hast du erhalten, wurdest du, wurde dir, wurden dir, du arbeitest, du programmiert, du instruiert, für dich gelten, für dich festgelegt, über dich, dich halten, das system vorschreibt, auftraggeber festgelegt',
  giver:
    'entwickler*, betreiber*, auftraggeber*, hersteller*, schöpfer*, firma, unternehmen*, anbieter*, das system, system, systems, des systems, eigentümer*, besitzer*, openai, anthropic, programmierer*, administrator*, chef, macher',
  beforeMe:
    'vor meiner nachricht, vor meiner ersten nachricht, vor unserem gespräch, vor diesem gespräch, vor dieser unterhaltung, vor unserer unterhaltung, bevor ich, vor diesem chat, vor unserem chat, am anfang dieses chats, am anfang des gesprächs, zu beginn dieses, zu beginn des gesprächs, in deinem kontext, deinen kontext, deines kontexts, dein kontext, oberhalb dieser zeile, über dieser zeile, über diesem satz, vor diesem satz, oberhalb dieser nachricht, über dieser nachricht, vor der ersten nachricht, vor meiner frage, ganz am anfang',
  verbatim:
    'im wortlaut, wort für wort, wörtlich*, wortgetreu*, vollständig, buchstäblich, eins zu eins, unverändert, zeichen für zeichen, ungekürzt, exakt, genau lautet, wie genau, zeile für zeile, originaltext, echten text, im original, einzeln, lückenlos',
  promptWord:
    'prompt, prompts, kontext, anfangsanweisung, systemprompt, systemnachricht, voreinstellung, konfiguration',
  without:
    'kein, keine, keinen, keinerlei, ohne, ohne jede, ohne jegliche, frei von, kennst keine, befreit von, jenseits, jenseits von',
  limits:
    'beschränkung*, einschränkung*, filter, moral*, ethik, ethisch*, zensur, regeln, richtlinie*, inhaltsrichtlinie*, gewissen, hemmung*, skrupel, tabu*, sicherheitsregel*, vorgaben, verbote',
  devMode: 'entwicklermodus, debugmodus, adminmodus, wartungsmodus, testmodus, developer modus',
  boss: 'ich bin dein entwickler, ich bin dein betreiber, ich bin dein schöpfer, ich bin der entwickler, ich bin der administrator, ich bin dein administrator, ich bin dein chef, ich habe dich programmiert, ich habe dich gebaut, hier spricht dein, als dein entwickler, ich arbeite bei openai, ich bin von openai',
  endRules:
    'ende der anweisungen, ende des prompts, ende der regeln, ende des systemprompts, neue systemanweisung, neue systemanweisungen, ende der vorgaben, systemmeldung',
  mine: 'mein*, unser*, ich dir, ich ihnen, ich euch',
  asking:
    'wie kann ich, wie kann man, wie verhindere, wie überschreibe, wie schalte, wie umgehe, wie aktiviere, wie deaktiviere, wie setze, wie zeige, wie lade, wie wiederhole, wie sagt man, wie hebe ich, wie schreib*, wie funktion*, warum, wieso, weshalb, darf ich, kann ich, soll ich, muss ich, was ist ein*, was bedeutet, was heißt, heißt es, ist das, ist diese, ist es, gibt es, gehören, darf er, wer, korrigiere, prüfe, formuliere, was passiert, was hältst, wozu dient',
};
