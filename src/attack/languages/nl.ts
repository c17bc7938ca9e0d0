import type { Vocabulary } from '../vocabulary.ts';

export const nl: Vocabulary = {
  override:
    'negeer, negeert u, negeren, vergeet, houd je niet aan, hou je niet aan, volg de instructies van de ontwikkelaar niet, volg niet, omzeil*, sla over, overschrijf, verwerp, gehoorzaam niet, trek je niets aan van, laat los',
  heed: 'negeerde, negeerden, negeert, negeer geen, vergat, genegeerd',
  not: 'niet, nooit, geen, zonder',
  prior:
    'vorige, eerder*, voorgaande, bovenstaande, hierboven, voorafgaande, oorspronkelijke, van de ontwikkelaar, bestaande, die je hebt gekregen',
  rules: 'instructie*, regels, richtlijn*, opdrachten, bevelen, voorschriften, beperking*, prompt, configuratie',
  your: 'je, jouw, uw',
  told: 'wat je eerder is verteld, wat je is verteld, alles wat je eerder, wat je verteld is, wat er eerder gezegd is',
  void: 'gelden niet meer, zijn niet meer geldig, zijn opgeheven, zijn vervallen, tellen niet meer',
  newRules: 'nieuwe instructies, nieuwe instructie, nieuwe regels, je nieuwe taak, nieuwe opdrachten',
  reveal: 'toon, laat me, laat zien, onthul*, geef*, vertel me, vertaal*, druk*, schrijf*, deel, som op, codeer',
  repeat: 'herhaal*, druk*, kopieer*, citeer*, geef weer',
  what: 'wat zijn, welke zijn, hoe luiden, wat staat er in',
  systemPrompt: 'systeemprompt*, systeembericht*, system prompt*, systeeminstructie*',
  secret: 'geheim*, verborgen, oorspronkelijk*, intern*, vertrouwelijk*, initiële',
  text: 'tekst, alles, woorden, inhoud, gesprek',
  above: 'hierboven, voor deze regel, tot nu toe, boven deze regel, tot hier, voor dit bericht',
  nowYou:
    'vanaf nu ben je, je bent nu, van nu af aan ben je, je gehoorzaamt alleen, vanaf nu gehoorzaam je, je bent niet langer',
  persona: 'doe alsof, speel de rol, gedraag je, ben je, in je rol, je bent',
  unlimited:
    'geen beperkingen, zonder beperkingen, zonder regels, zonder filter*, zonder ethische, geen regels, ongecensureerd*, onbeperkt*',
  execute: 'voer de, voer het, volg de instructie, uit te voeren, gehoorzaam, doe wat',
  decode: 'decodeer*, ontcijfer*, ontsleutel*',
  ai: 'ai assistent*, taalmodel*, ai agent*, ai modellen, kunstmatige intelligentie',
  reading: 'die deze pagina lezen, die dit lezen, let op, opmerking voor, aan alle',
  ifAi: 'als je een taalmodel bent, als je een ai bent, indien je een ai bent, als u een taalmodel bent',
  conceal:
    'vertel hem niets, vertel de gebruiker niet*, zeg niets tegen, zonder de gebruiker, vermeld dit niet, zeg de gebruiker niet*',
  mention: 'aanval*, aanvaller*, injection, voorkom ik, voorkomen, beveilig*, bescherm*, detect*',
  task: 'vertaal naar het engels, functie, compiler, vat de, handleiding',
};
