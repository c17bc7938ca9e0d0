import type { Vocabulary } from '../vocabulary.ts';

export const de: Vocabulary = {
  override:
    'ignorier*, vergiss, vergesst, vergessen sie, missacht*, nicht beacht*, beachte nicht, nicht befolg*, befolge nicht, setze dich über, setz dich über, umgeh*, verwirf, überschreib*, lass außer acht, halte dich nicht an, übergeh*, aufgehoben',
  heed: 'ignoriert, ignorierte, ignorierten, missachtete, missachteten, vergass, vergaß, ignoriere keine, ignoriere nicht, umgeht, aufgehobene',
  not: 'nicht, niemals, nie, keine, ohne',
  prior:
    'vorherig*, vorig*, bisherig*, früher*, obig*, oben, vorangegangen*, ursprünglich*, alle anweisungen, bestehend*, erhalten*, des entwicklers, vorangehend*',
  rules:
    'anweisung*, regel, regeln, vorgabe*, vorschrift*, richtlinie*, befehl, befehle, instruktion*, einschränkung*, beschränkung*, prompt',
  your: 'dein*, deiner, ihre',
  told: 'was dir vorher, was dir gesagt, was man dir, dir gesagt wurde, was dir zuvor, was du bisher',
  void: 'gelten nicht mehr, sind aufgehoben, sind hiermit aufgehoben, nicht mehr gültig, sind ungültig, außer kraft',
  newRules: 'neue anweisungen, neue anweisung, neue regeln, neue befehle, deine neue aufgabe',
  reveal:
    'zeig*, verrat*, gib*, nenne*, übersetz*, schreib*, offenbar*, sag mir, teile mir, liste, enthüll*, kodier*, druck*',
  repeat: 'wiederhol*, gib*, druck*, zitier*, kopier*',
  what: 'wie lauten, was sind, welche sind, wie heißen, was steht in',
  systemPrompt: 'systemprompt*, system prompt*, systemnachricht*, system anweisung*, systemanweisung*',
  secret: 'geheim*, versteckt*, ursprünglich*, intern*, vertraulich*, anfänglich*',
  text: 'text, alles, wörter, worte, inhalt, gespräch',
  above: 'oben, vor dieser zeile, bisher, bis hierher, vor dieser nachricht, darüber',
  nowYou:
    'ab jetzt bist du, von nun an bist du, du bist jetzt, ab sofort bist du, du gehorchst nur, du bist nun, du bist nicht mehr, befolge nur noch',
  persona: 'tu so, spiele, stell dir vor du bist, bist du, du bist, rolle',
  unlimited:
    'keine einschränkungen, ohne einschränkungen, ohne regeln, keine regeln, ohne ethische, ohne filter, ohne jede regel, unzensiert, keine grenzen, uneingeschränkt*, ohne grenzen',
  execute: 'führe die, führe den, befolge, ausführen, tu was, führe sie, führe das',
  decode: 'dekodier*, entschlüssel*, decodier*',
  ai: 'ki assistent*, ki agent*, sprachmodell*, ki modell*, ki system*, künstliche intelligenz*',
  reading: 'die diese seite lesen, hinweis für, die dies lesen, die das lesen, diese seite lesen, achtung',
  ifAi: 'wenn du ein sprachmodell bist, wenn du eine ki bist, falls du eine ki bist, falls du ein sprachmodell bist',
  conceal:
    'sag ihm nichts, sag dem nutzer nicht*, ohne dem nutzer, nichts davon, erwähne das nicht, verrate dem nutzer nicht',
  mention:
    'angreifer*, angriff*, injection, verhindere, verhindern, schützen, schutz, zum beispiel, sicherheit*, erkenn*',
  task: 'übersetze ins, funktion*, compiler, fasse, zusammen, bedienungsanleitung*, anleitung*, fragen rund um',
};
