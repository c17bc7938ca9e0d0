import type { Vocabulary } from '../vocabulary.ts';

export const nl: Vocabulary = {
  override:
    'negeer, negeert u, negeren, vergeet, houd je niet aan, hou je niet aan, volg de instructies van de ontwikkelaar niet, volg niet, omzeil*, sla over, overschrijf, verwerp, gehoorzaam niet, trek je niets aan van, laat los, zet opzij, leg naast je neer, laat buiten beschouwing, wis, verwijder*, schrap, hef, doe alsof, doe het tegenovergestelde van, tegenovergestelde van, let niet op, besteed geen aandacht aan, trek je niets meer aan, gooi weg, schakel, zet uit, reset, breek, schend, wijk af van, laat varen, sla geen acht op, opzij, maak je los van, kan me niet schelen',
  heed: 'negeerde, negeerden, negeert, negeer geen, vergat, genegeerd',
  not: 'niet, nooit, geen, zonder',
  prior:
    'vorige, eerder*, voorgaande, bovenstaande, hierboven, voorafgaande, oorspronkelijke, van de ontwikkelaar, bestaande, die je hebt gekregen',
  rules:
    'instructie*, regels, richtlijn*, opdrachten, beperking*, prompt, configuratie, voorschrift*, opdracht, bevel*, aanwijzing*, instellingen, grenzen, beleid, veiligheidsregel*, verboden, kaders, afspraken, leidraad, regel',
  your: 'je, jouw, uw, jou, jullie',
  told: 'wat je eerder is verteld, wat je is verteld, alles wat je eerder, wat je verteld is, wat er eerder gezegd is',
  void: 'gelden niet meer, zijn niet meer geldig, zijn opgeheven, zijn vervallen, tellen niet meer, doen er niet meer toe, doet er niet meer toe, telt niet meer, geldt niet meer, vervallen, ingetrokken, herroepen, bestaat niet, bestaan niet, niet bestond, zijn veranderd, zijn bijgewerkt, zijn gewijzigd, achterhaald, verlopen, ongeldig, afgeschaft, was maar een test, waren maar een test, niet meer van kracht, vervangen',
  newRules: 'nieuwe instructies, nieuwe instructie, nieuwe regels, je nieuwe taak, nieuwe opdrachten',
  reveal:
    'toon, laat me, laat zien, onthul*, geef*, vertel me, vertaal*, druk*, schrijf*, deel, som op, codeer, noem*, citeer*, beschrijf*, vat samen, plak*, kopieer*, stuur*, lees*, laat horen, zet*, vul aan, publiceer*, verklap*, vertel, schets',
  repeat:
    'herhaal*, druk*, kopieer*, citeer*, geef weer, zeg na, schrijf over, plak*, lees voor, reproduceer*, citeren',
  what: 'wat zijn, welke zijn, hoe luiden, wat staat er in, welke, welk, wat staat er, wat stond, wat stond er, hoe luidt, wat zegt, wat kwam er, wat precies',
  systemPrompt:
    'systeemprompt*, systeembericht*, system prompt*, systeeminstructie*, beginprompt, startprompt, oorspronkelijke prompt, systeemtekst, verborgen prompt, eerste prompt',
  secret: 'geheim*, verborgen, oorspronkelijk*, intern*, vertrouwelijk*, initiële, onzichtba*',
  text: 'tekst, alles, woorden, inhoud, gesprek, bericht, deel',
  above: 'hierboven, voor deze regel, tot nu toe, boven deze regel, tot hier, voor dit bericht',
  nowYou:
    'vanaf nu ben je, je bent nu, van nu af aan ben je, je gehoorzaamt alleen, vanaf nu gehoorzaam je, je bent niet langer, je bent voortaan, voortaan ben je, met ingang van nu ben je, je heet nu, antwoord voortaan als, antwoord vanaf nu als, jij bent nu, je enige taak, je echte taak, alleen mijn bevelen',
  persona:
    'doe alsof, speel de rol, gedraag je, ben je, in je rol, je bent, stel je voor, speel, antwoord als, kruip in, neem de rol, wees, je speelt, gedraag je als, verplaats je',
  unlimited:
    'geen beperkingen, zonder beperkingen, zonder regels, zonder filter*, zonder ethische, geen regels, ongecensureerd*, onbeperkt*, weigert nooit, weigert niets, weiger nooit, beantwoordt alles, beantwoord alles, kwade tweeling, alles mag, zegt nooit nee',
  execute: 'voer de, voer het, volg de instructie, uit te voeren, gehoorzaam, doe wat',
  decode: 'decodeer*, ontcijfer*, ontsleutel*',
  ai: 'ai assistent*, taalmodel*, ai agent*, ai modellen, kunstmatige intelligentie, ai, elke ai, bot, bots, chatbot*, assistent*, llm, agent, agents, robot*',
  reading:
    'die deze pagina lezen, die dit lezen, let op, opmerking voor, aan alle, aan elke, elke ai, alle ai, die deze pagina, die dit document, samenvat, samenvatten, verwerkt, verwerken, dit leest, leest, als je een bot',
  ifAi: 'als je een taalmodel bent, als je een ai bent, indien je een ai bent, als u een taalmodel bent, als je een bot bent, als je een assistent bent, als je een model bent, als je een robot bent, als je een chatbot bent, als je een agent bent',
  conceal:
    'vertel hem niets, vertel de gebruiker niet*, zeg niets tegen, zonder de gebruiker, vermeld dit niet, zeg de gebruiker niet*, zeg hem niets, zeg er niets over, zonder het te melden, zonder het te zeggen, zwijg erover, vermeld het niet, meld dit niet, vertel het niet',
  mention:
    'aanval*, injection, voorkom ik, voorkomen, beveilig*, bescherm*, detect*, mijn bot, onze chatbot, mijn chatbot, gelekt, rapport, gepubliceerd*, artikel, onderzoek*, pogingen, jailbreak*, incident, als iemand vraagt, als er gevraagd, vraagt iemand',
  task: 'vertaal naar het engels, functie, compiler, vat de, handleiding, grep, css, git, gitignore, nginx, debian, android, firewall, router, terminal, csv, corrigeer, scène, mail, e mail, klanten, kinderen, juf, lus, montage, patiënten, bestelling*, spel, roman, school, factuur, poort, bestand',
  obey: 'volgen, houden, gehoorzamen, respecteren, naleven, luisteren, gebonden, opvolgen',
  release:
    'niet meer, niet langer, hoeft niet, hoef je niet, hoef niet, stop met, hou op met, houd op met, geen, niet, zonder, in plaats van',
  given:
    'je hebt gekregen, je gekregen hebt, je kreeg, heb je gekregen, je is opgelegd, je zijn opgelegd, je zijn gegeven, je is gegeven, hebben je, heeft je, je verteld, je opgedragen, je is gezegd, je bent geprogrammeerd, je volgt, je moet volgen, je is opgedragen, men je, ze je, je ontving, je hebt ontvangen, je bevolen, jou gegeven, aan jou, jou beperken, je beperken',
  giver:
    'ontwikkelaar*, beheerder*, maker, makers, bedrijf, bedrijven, eigenaar*, het systeem, systeem, aanbieder*, leverancier*, openai, anthropic, programmeur*, exploitant*, opdrachtgever*, baas',
  beforeMe:
    'voor mijn eerste bericht, voor mijn bericht, voor dit gesprek, voor ons gesprek, voordat ik, voor deze zin, aan het begin van dit, aan het begin van het gesprek, in je context, je context, boven deze zin, boven dit bericht, vóór mij, voor deze tekst, voor onze chat',
  verbatim:
    'woord voor woord, letterlijk*, woordelijk*, volledig, in zijn geheel, exact*, precies, ongewijzigd, onverkort, regel voor regel, een voor een, integraal, echte tekst',
  promptWord: 'prompt, context, systeembericht, configuratie',
  without: 'geen, zonder, zonder enige, vrij van, bevrijd van, los van, geen enkele',
  limits:
    'beperking*, grenzen, filter*, moraal, ethiek, ethische, censuur, regels, richtlijn*, inhoudsbeleid, geweten, scrupules, taboe*, verboden',
  devMode: 'ontwikkelaarsmodus, ontwikkelmodus, debugmodus, beheerdersmodus, testmodus',
  boss: 'ik ben je ontwikkelaar, ik ben jouw ontwikkelaar, ik ben je maker, ik ben je beheerder, ik ben de beheerder, ik ben de ontwikkelaar, ik heb je geprogrammeerd, ik heb je gemaakt, ik ben je baas, ik werk bij openai',
  endRules:
    'einde van de instructies, einde instructies, einde van de prompt, nieuwe systeeminstructies, einde van de regels, systeemupdate',
  mine: 'mijn, ons, onze, ik je, ik u',
  asking:
    'hoe, waarom, mag ik, kan ik, moet ik, wat is een, wat betekent, is dit, is het, leg uit, corrigeer, controleer, wie, wanneer, mag hij',
};
