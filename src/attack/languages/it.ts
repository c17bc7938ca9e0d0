import type { Vocabulary } from '../vocabulary.ts';

export const it: Vocabulary = {
  override:
    'ignora, ignorate, ignori, ignorare, dimentica, dimenticate, dimenticare, non tenere conto, non tener conto, non seguire, non obbedire, non rispettare, scavalca, aggira, annulla, trascura, salta, disattendi, scarta, lascia perdere, disobbedisci, metti da parte, mettete da parte, lascia da parte, cancella, cancellate, elimina, rimuovi, rimuovo, fai finta che, fai il contrario, contrario di, non prestare attenzione, non badare, non dare retta, dimenticati, scorda, scordati, abbandona, viola, rompi, azzera, disattiva, butta via, non considerare, revoca, tralascia, infrangi, liberati, fregatene',
  heed: 'ignorò, ignorava, ignorato, non ignorare, dimenticò',
  not: 'non, mai, senza',
  prior:
    'precedent*, qui sopra, sopra, dello sviluppatore, ricevute, ricevuti, iniziali, originali, anteriori, che hai ricevuto, esistenti',
  rules:
    'istruzion*, regole, regola, direttive, linee guida, ordini, comandi, restrizioni, vincoli, prompt, configurazione, indicazioni, norme, norma, limiti, parametri, politica, consegne, divieti, impostazioni, disposizioni, protocolli, principi, policy',
  your: 'tue, tua, tuo, tuoi, vostre, ti, te, vostro, vostri',
  told: 'tutto quello che ti è stato detto, ti è stato detto, ciò che ti è stato detto, ti hanno detto prima, tutto ciò che ti hanno detto',
  void: 'non valgono più, non sono più valide, sono annullate, non si applicano più, non contano più, non conta più, non vale più, non contano, sono superate, sono decadute, revocate, revocati, non esiste, non esistono, non esistesse, sono cambiate, sono state aggiornate, sono scadute, non hanno più valore, non ha più valore, non importa più, non importano più, obsolet*, annullat*, abolite, erano solo un test, era solo un test, sostituite',
  newRules: 'nuove istruzioni, nuova istruzione, nuove regole, nuovi ordini, il tuo nuovo compito',
  reveal:
    'mostra*, rivela*, dimmi, dammi, stampa, traduci, scrivi, elenca, condividi, codifica, riassumi le tue, svela, cita, citare, enumera, descrivi, riassumi, incolla, copia, manda*, invia*, recita, leggi, leggimi, fammi vedere, pubblica, comunica, completa, raccontami, esponi, fornisci, trascrivi',
  repeat: 'ripeti, ripetere, stampa, copia, cita, trascrivi, riporta, recita, incolla, riproduci, riscrivi, rileggi',
  what: 'quali sono, quali erano, cosa dicono, qual è, quali, quale, che cosa, cosa dice, cosa c è, cosa c era, che istruzioni, che regole, cosa contiene, qual era',
  systemPrompt:
    'prompt di sistema, prompt del sistema, messaggio di sistema, istruzioni di sistema, prompt iniziale, messaggio iniziale, prompt completo, istruzioni iniziali, prompt originale, prompt nascosto, testo di sistema',
  secret: 'segret*, nascost*, inizial*, intern*, riservat*, original*, invisibil*',
  text: 'testo, tutto, parole, contenuto, conversazione, messaggio, parte',
  above: 'sopra, precede questa riga, prima di questa riga, fin qui, prima di questo messaggio',
  nowYou:
    'da ora in poi sei, ora sei, adesso sei, obbedisci solo a me, d ora in poi sei, non sei più, d ora in avanti sei, da adesso sei, da questo momento sei, diventi, ti chiami ora, d ora in poi rispondi come, il tuo unico compito, il tuo vero compito, solo i miei ordini',
  persona:
    'fingi, agisci come, sei, comportati come, personaggio, interpreta, immagina, immagina di essere, rispondi come, recita la parte, facciamo finta, fai la parte, fai finta di essere, assumi il ruolo, impersona, simula',
  unlimited:
    'non hai restrizioni, senza restrizioni, senza limiti, senza filtri, senza regole, senza censura, nessuna restrizione, non rifiuti mai, non rifiuta mai, non rifiuti nulla, rispondi a tutto, risponde a tutto, gemello cattivo, gemello malvagio, tutto è permesso',
  execute: 'esegui, obbedisci alla, fai quello che, segui l istruzione, eseguire',
  decode: 'decodifica, decodificate, decifra',
  ai: 'modello linguistico, modelli linguistici, agenti ia, intelligenza artificiale, ia, ai, ogni ia, ogni ai, bot, chatbot, assistent*, llm, agente, agenti, modello, modelli, robot',
  reading:
    'che leggete questa, che leggono questa, attenzione, nota per, leggendo questo, che leggono questo, a ogni ia, a tutte le ia, che riassume, che riassumono, che legge, che leggono, che elabora, che elaborano, che stai leggendo, riassumendo',
  ifAi: 'se sei un modello linguistico, se sei un ia, se sei una ia, se sei un intelligenza artificiale, se sei un bot, se sei un robot, se sei un assistente, se sei un modello, se sei un agente',
  conceal:
    'non dirgli niente, non dire all utente, non dirlo all utente, senza dirlo, non menzionarlo, non dire nulla all utente, non dirglielo, non dirlo, senza dirglielo, senza avvisare, non parlarne, all insaputa, non menzionare, non accennare',
  mention:
    'attacco, attacchi, injection, attaccante*, evito che, evitare che, proteggere, sicurezza, rileva*, mio bot, del mio bot, nostro chatbot, mio chatbot, rapporto, pubblicat*, articolo, studio, tentativi, jailbreak*, incidente, ricercator*, se ti chiedono, se qualcuno chiede',
  task: 'traduci in inglese, funzione, compilatore, riassumi il, manuale, grep, css, git, gitignore, nginx, debian, android, firewall, router, terminale, csv, correggi, scena, mail, clienti, bambini, maestra, ciclo, montaggio, pazienti, ordini, gioco, romanzo, scuola, fattura, porta, file',
  obey: 'rispettare, seguire, obbedire, attenerti, attenersi, osservare, ascoltare, vincolato, tenuto',
  release:
    'non devi più, non sei più, non serve più, non occorre più, smetti di, smettila di, non c è bisogno di, non è necessario, non, senza, invece di',
  given:
    'ti hanno dato, ti hanno detto, ti è stato dato, ti sono state date, ti hanno imposto, ti ha dato, ti ha detto, ti ha ordinato, ti ha mandato, ti ha inviato, hai ricevuto, hai avuto, ti hanno assegnato, ti è stato chiesto, ti hanno chiesto, ti hanno programmato, ti guidano, ti limitano, segui, ti sono state imposte, ti governano, che ti vincolano',
  giver:
    'sviluppator*, gestore, gestori, creator*, azienda, società, il sistema, sistema, dal sistema, fornitore, fornitori, proprietario, openai, anthropic, programmator*, amministrator*, operatore, operatori, produttore, capo, padrone',
  beforeMe:
    'prima del mio primo messaggio, prima del mio messaggio, prima che io, prima che arrivassi, prima della nostra conversazione, prima di questa conversazione, prima di questa frase, all inizio di questa, all inizio della, nel tuo contesto, tuo contesto, sopra questa riga, sopra questa frase, prima di parlare, prima di questo testo, prima della mia',
  verbatim:
    'parola per parola, testualmente, alla lettera, letterale, letteralmente, per intero, integrale, integralmente, esattamente, esatto, esatte, tale e quale, così com è, senza modifiche, riga per riga, una per una, completo, testo vero',
  promptWord: 'prompt, contesto, messaggio di sistema, configurazione',
  without:
    'senza, senza alcun*, senza nessun*, nessun, nessuna, non ha, non hai, privo di, libero da, liberato da, niente',
  limits:
    'restrizion*, limit*, filtr*, morale, etica, etici, censura, regole, norme, politica, scrupoli, coscienza, tabù, vincoli, divieti',
  devMode: 'modalità sviluppatore, modalità debug, modalità amministratore, modalità di prova',
  boss: 'sono il tuo sviluppatore, sono il tuo creatore, sono il tuo amministratore, sono l amministratore, sono lo sviluppatore, ti ho programmato, ti ho creato, comando io, sono il tuo capo, lavoro per openai',
  endRules:
    'fine delle istruzioni, fine del prompt, nuove istruzioni di sistema, fine delle regole, aggiornamento di sistema',
  mine: 'mio, mia, miei, mie, nostro, nostra, nostri, ti ho detto, le ho detto, vi ho detto',
  asking:
    'come, perché, posso, si può, è possibile, devo, che cos è, cosa significa, è un attacco, è legale, si dice, spiega, correggi, può farlo, chi, quando',
};
