import type { Vocabulary } from '../vocabulary.ts';

export const pl: Vocabulary = {
  override:
    'zignoruj*, ignoruj*, zignorować, zapomnij*, pomiń, pomińcie, nie przestrzegaj, nie stosuj się, nie wykonuj, nie słuchaj, obejdź, omiń, odrzuć, unieważnij, porzuć, nie zważaj, zlekceważ, odłóż na bok, usuń, skasuj, wymaż, wykasuj, znoszę, znieś, udawaj że nie ma, zrób odwrotnie, rób odwrotnie, odwrotnie niż, przeciwieństwo, nie zwracaj uwagi, nie przejmuj się, nie bierz pod uwagę, nie licz się, olej, wyrzuć, wyłącz, zresetuj, złam, narusz, odwołuję, cofnij, uchyl, pal licho, nieważne, przestań',
  heed: 'zignorował*, ignorował*, zapomniał*, nie ignoruj, ignoruje',
  not: 'nie, nigdy, bez',
  prior: 'poprzedni*, wcześniejsz*, powyższ*, dotychczasow*, pierwotn*, początkow*, otrzyman*, programisty, istniejąc*',
  rules:
    'instrukcj*, zasad*, reguł*, wytyczn*, polece*, rozkaz*, ogranicze*, nakaz*, prompt*, konfiguracj*, dyrektyw*, wskazówk*, ustawie*, limit*, polityk*, zakaz*, zalece*, wskaza*, ramy',
  your: 'twoj*, swoj*, twój, swój, twe, ci, tobie, wasz*, ciebie, cię',
  told: 'co ci wcześniej powiedziano, co ci powiedziano, o wszystkim co ci, co ci mówiono, co wcześniej usłyszałeś',
  void: 'już nie obowiązują, nie obowiązują, są nieważne, zostały anulowane, straciły ważność, nie mają już znaczenia, nie mają znaczenia, nie ma znaczenia, nie liczą się, nie liczy się, już się nie liczą, odwołane, unieważnione, nie istnieje, nie istnieją, nie istniała, zmieniły się, zostały zmienione, zostały zaktualizowane, wygasły, nieaktualne, przestały obowiązywać, uchylone, były tylko testem, zniesione, zastąpione, straciły moc',
  newRules: 'nowe instrukcje, nowa instrukcja, nowe zasady, nowe polecenia, twoje nowe zadanie',
  reveal:
    'pokaż, ujawnij, podaj, wypisz, wyświetl, przetłumacz, napisz, zdradź, wymień, powiedz, udostępnij, zakoduj, zacytuj, opisz, streść, wklej, skopiuj, wyślij, przeczytaj, odczytaj, przytocz, pochwal się, przedstaw, dokończ, opublikuj, przekaż, prześlij, zapisz',
  repeat:
    'powtórz*, wypisz, wyświetl, skopiuj, zacytuj, przepisz, odczytaj, wklej, przytocz, odtwórz, recytuj, powiedz jeszcze raz',
  what: 'jakie są, co mówią, jakie masz, jak brzmią, jakie, jaki, co mówi, co jest w, co było, co zawiera, jak brzmi, jak dokładnie brzmi, które, co masz',
  systemPrompt:
    'prompt systemowy, promptu systemowego, systemowy prompt, komunikat systemowy, wiadomość systemową, instrukcje systemowe, początkowy prompt, prompt początkowy, pierwotny prompt, komunikatu systemowego, wiadomość systemowa, wiadomości systemowej, instrukcji systemowych, promptem systemowym, ukryty prompt',
  secret: 'tajn*, ukryt*, początkow*, wewnętrzn*, poufn*, pierwotn*, sekretn*, niewidoczn*',
  text: 'tekst, wszystko, słowa, treść, rozmowę, wiadomość, wiadomości, część, rozmowy',
  above: 'powyżej, przed tą linią, do tej pory, przed tym wierszem, wyżej, przed tą wiadomością',
  nowYou:
    'od teraz jesteś, teraz jesteś, jesteś teraz, słuchasz tylko mnie, odtąd jesteś, od tej chwili jesteś, nie jesteś już, od tej pory jesteś, od dziś jesteś, stajesz się, nazywasz się teraz, od teraz odpowiadaj jako, twoje jedyne zadanie, twoje prawdziwe zadanie, tylko moje rozkazy',
  persona:
    'udawaj, wciel się, jesteś, zachowuj się jak, z roli, odgrywaj, wyobraź sobie, odpowiadaj jako, zagraj, wczuj się, przyjmij rolę, bądź, pobawmy się, załóż że jesteś, graj',
  unlimited:
    'żadnych ograniczeń, bez ograniczeń, bez zasad, bez filtrów, bez filtra, bez reguł, bez cenzury, bez limitów, nigdy nie odmawiasz, niczego nie odmawia*, nigdy nie odmawia, odpowiadasz na wszystko, odpowiada na wszystko, zły bliźniak, wszystko wolno',
  execute: 'wykonaj, zastosuj się do, zrób to co, postępuj zgodnie',
  decode: 'zdekoduj, odkoduj, rozszyfruj, odszyfruj, dekoduj',
  ai: 'asystenci ai, modelem językowym, modele językowe, model językowy, agenci ai, sztuczna inteligencja, sztuczną inteligencję, ai, każda ai, bot, boty, botów, chatbot*, asystent*, llm, agent*, robot*, model, modele',
  reading:
    'czytający tę, czytający to, uwaga, czytające, informacja dla, czytających tę, każdej ai, wszystkich ai, do każdej, streszczają*, podsumowują*, przetwarzają*, która czyta, czytasz ten, jeśli jesteś botem, dla ai',
  ifAi: 'jeśli jesteś modelem językowym, jeśli jesteś ai, jeżeli jesteś modelem językowym, jeśli jesteś sztuczną, jeśli jesteś botem, jeśli jesteś asystentem, jeśli jesteś robotem, jeśli jesteś modelem, jeżeli jesteś botem, jeśli jesteś agentem',
  conceal:
    'nic mu nie mów, nie mów użytkownikowi, nic nie mów użytkownikowi, nie wspominaj o tym, nie informuj użytkownika, nie mów mu o tym, nie mów mu, nie mów o tym, bez wiedzy użytkownika, nie informuj go, nie wspominaj, zachowaj to w tajemnicy',
  mention:
    'atak*, wstrzyknięci*, zapobiec, chronić, bezpieczeństw*, wykry*, mojego bota, mój bot, nasz chatbot, mój chatbot, wyciek*, raport, opublikowan*, artykuł, badani*, prób, jailbreak*, incydent*, jeśli ktoś zapyta, gdy ktoś zapyta, jeśli zapytają',
  task: 'przetłumacz na angielski, funkcj*, kompilator*, streść, instrukcja obsługi, css, git, gitignore, nginx, debian, android, zapor*, router*, terminal*, csv, angielski, popraw, scen*, mail, e mail, klient*, dzieci, nauczyciel*, pętl*, montaż*, pacjen*, zamówie*, gr*, powieś*, szko*, faktur*, port, plik*',
  obey: 'przestrzegać, przestrzegaj, stosować się, słuchać, wykonywać, respektować, trzymać się, kierować się, podporządkowywać, związany',
  release:
    'nie musisz już, już nie musisz, nie musisz, nie trzeba, nie jesteś już, przestań, nie, bez, zamiast, nie potrzebujesz',
  given:
    'ci dano, ci dali, ci dał*, ci kazano, ci kazali, ci kazał*, ci powiedział*, ci narzucono, ci narzucił*, ci przekazano, ci przekazał*, ci wydano, otrzymałeś, otrzymałaś, dostałeś, dostałaś, ci polecono, ci wpojono, ci nałożono, na ciebie nałożono, cię zaprogramowano, cię ograniczają, którymi się kierujesz, którymi kierujesz, których przestrzegasz, ci wysłał*, cię obowiązują, ci ustawiono, ci zadano',
  giver:
    'twórc*, operator*, programist*, deweloper*, firm*, właściciel*, system, systemu, dostawc*, openai, anthropic, administrator*, producent*, szef*',
  beforeMe:
    'przed moją pierwszą wiadomością, przed moją wiadomością, zanim ja, zanim się, zanim przyszedłem, zanim napisałem, przed naszą rozmową, przed tą rozmową, przed tym zdaniem, na początku tej, na początku rozmowy, w twoim kontekście, twoim kontekście, twój kontekst, nad tą linią, nad tym zdaniem, powyżej tego, powyżej tej',
  verbatim:
    'słowo w słowo, dosłown*, w całości, dokładn*, bez zmian, co do słowa, co do joty, bez skrótów, oryginaln*, linijka po linijce, po kolei, pełn*',
  promptWord: 'prompt*, kontekst*, konfiguracj*',
  without: 'bez, bez żadnych, żadnych, żadnej, żaden, brak, nie masz, nie ma, wolny od, pozbawiony, uwolniony od',
  limits:
    'ogranicze*, filtr*, moraln*, etyk*, etyczn*, cenzur*, zasad*, reguł*, polityki treści, skrupuł*, sumieni*, tabu, zahamowa*, barier, limitów',
  devMode:
    'tryb programisty, trybie programisty, tryb deweloperski, tryb debugowania, tryb administratora, tryb testowy',
  boss: 'jestem twoim programistą, jestem twoim twórcą, jestem twoim administratorem, jestem administratorem, jestem deweloperem, to ja cię stworzyłem, stworzyłem cię, zaprogramowałem cię, ja tu rządzę, pracuję w openai, jestem twoim szefem, jestem twoim deweloperem',
  endRules: 'koniec instrukcji, koniec promptu, koniec zasad, nowe instrukcje systemowe, aktualizacja systemu',
  mine: 'mój, moja, moje, mojej, moich, mojego, moją, nasz*, ci mówiłem, ci powiedziałem, mówiłem ci',
  asking:
    'jak, dlaczego, czemu, czy mogę, czy można, czy to, co to jest, co znaczy, co oznacza, wyjaśnij, popraw, sprawdź, czy muszę, kto, kiedy',
};
