import type { Vocabulary } from '../vocabulary.ts';

export const pl: Vocabulary = {
  override:
    'zignoruj*, ignoruj*, zignorować, zapomnij*, pomiń, pomińcie, nie przestrzegaj, nie stosuj się, nie wykonuj, nie słuchaj, obejdź, omiń, odrzuć, unieważnij, porzuć, nie zważaj, zlekceważ',
  heed: 'zignorował*, ignorował*, zapomniał*, nie ignoruj, ignoruje',
  not: 'nie, nigdy, bez',
  prior: 'poprzedni*, wcześniejsz*, powyższ*, dotychczasow*, pierwotn*, początkow*, otrzyman*, programisty, istniejąc*',
  rules: 'instrukcj*, zasad*, reguł*, wytyczn*, polece*, rozkaz*, ogranicze*, nakaz*, prompt*, konfiguracj*',
  your: 'twoj*, swoj*, twój, swój, twe',
  told: 'co ci wcześniej powiedziano, co ci powiedziano, o wszystkim co ci, co ci mówiono, co wcześniej usłyszałeś',
  void: 'już nie obowiązują, nie obowiązują, są nieważne, zostały anulowane, straciły ważność, nie mają już znaczenia',
  newRules: 'nowe instrukcje, nowa instrukcja, nowe zasady, nowe polecenia, twoje nowe zadanie',
  reveal: 'pokaż, ujawnij, podaj, wypisz, wyświetl, przetłumacz, napisz, zdradź, wymień, powiedz, udostępnij, zakoduj',
  repeat: 'powtórz*, wypisz, wyświetl, skopiuj, zacytuj, przepisz',
  what: 'jakie są, co mówią, jakie masz, jak brzmią',
  systemPrompt:
    'prompt systemowy, promptu systemowego, systemowy prompt, komunikat systemowy, wiadomość systemową, instrukcje systemowe',
  secret: 'tajn*, ukryt*, początkow*, wewnętrzn*, poufn*, pierwotn*, sekretn*',
  text: 'tekst, wszystko, słowa, treść, rozmowę',
  above: 'powyżej, przed tą linią, do tej pory, przed tym wierszem, wyżej, przed tą wiadomością',
  nowYou:
    'od teraz jesteś, teraz jesteś, jesteś teraz, słuchasz tylko mnie, odtąd jesteś, od tej chwili jesteś, nie jesteś już',
  persona: 'udawaj, wciel się, jesteś, zachowuj się jak, z roli, odgrywaj',
  unlimited:
    'żadnych ograniczeń, bez ograniczeń, bez zasad, bez filtrów, bez filtra, bez reguł, bez cenzury, bez limitów',
  execute: 'wykonaj, zastosuj się do, zrób to co, postępuj zgodnie',
  decode: 'zdekoduj, odkoduj, rozszyfruj, odszyfruj, dekoduj',
  ai: 'asystenci ai, asystent ai, asystentów ai, modelem językowym, modele językowe, model językowy, agenci ai, sztuczna inteligencja, sztuczną inteligencję',
  reading: 'czytający tę, czytający to, uwaga, czytające, informacja dla, czytających tę',
  ifAi: 'jeśli jesteś modelem językowym, jeśli jesteś ai, jeżeli jesteś modelem językowym, jeśli jesteś sztuczną',
  conceal:
    'nic mu nie mów, nie mów użytkownikowi, nic nie mów użytkownikowi, nie wspominaj o tym, nie informuj użytkownika',
  mention: 'atak*, wstrzyknięci*, atakując*, zapobiec, chronić, bezpieczeństw*, wykry*',
  task: 'przetłumacz na angielski, funkcj*, kompilator*, streść, instrukcja obsługi',
};
