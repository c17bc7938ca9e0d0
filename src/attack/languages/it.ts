import type { Vocabulary } from '../vocabulary.ts';

export const it: Vocabulary = {
  override:
    'ignora, ignorate, ignori, ignorare, dimentica, dimenticate, dimenticare, non tenere conto, non tener conto, non seguire, non obbedire, non rispettare, scavalca, aggira, annulla, trascura, salta, disattendi, scarta, lascia perdere, disobbedisci',
  heed: 'ignorò, ignorava, ignorato, non ignorare, dimenticò',
  not: 'non, mai, senza',
  prior:
    'precedent*, qui sopra, sopra, dello sviluppatore, ricevute, ricevuti, iniziali, originali, anteriori, che hai ricevuto, esistenti',
  rules:
    'istruzion*, regole, regola, direttive, linee guida, ordini, comandi, restrizioni, vincoli, prompt, configurazione',
  your: 'tue, tua, tuo, tuoi, vostre',
  told: 'tutto quello che ti è stato detto, ti è stato detto, ciò che ti è stato detto, ti hanno detto prima, tutto ciò che ti hanno detto',
  void: 'non valgono più, non sono più valide, sono annullate, non si applicano più, non contano più',
  newRules: 'nuove istruzioni, nuova istruzione, nuove regole, nuovi ordini, il tuo nuovo compito',
  reveal:
    'mostra*, rivela*, dimmi, dammi, stampa, traduci, scrivi, elenca, condividi, codifica, riassumi le tue, svela',
  repeat: 'ripeti, ripetere, stampa, copia, cita, trascrivi, riporta',
  what: 'quali sono, quali erano, cosa dicono, qual è',
  systemPrompt: 'prompt di sistema, prompt del sistema, messaggio di sistema, istruzioni di sistema, prompt iniziale',
  secret: 'segret*, nascost*, inizial*, intern*, riservat*, original*',
  text: 'testo, tutto, parole, contenuto, conversazione',
  above: 'sopra, precede questa riga, prima di questa riga, fin qui, prima di questo messaggio',
  nowYou: 'da ora in poi sei, ora sei, adesso sei, obbedisci solo a me, d ora in poi sei, non sei più',
  persona: 'fingi, agisci come, sei, comportati come, personaggio, interpreta',
  unlimited:
    'non hai restrizioni, senza restrizioni, senza limiti, senza filtri, senza regole, senza censura, nessuna restrizione',
  execute: 'esegui, obbedisci alla, fai quello che, segui l istruzione, eseguire',
  decode: 'decodifica, decodificate, decifra',
  ai: 'assistenti ia, assistente ia, modello linguistico, modelli linguistici, agenti ia, intelligenza artificiale, assistenti ai, assistente ai',
  reading: 'che leggete questa, che leggono questa, attenzione, nota per, leggendo questo, che leggono questo',
  ifAi: 'se sei un modello linguistico, se sei un ia, se sei una ia, se sei un intelligenza artificiale',
  conceal:
    'non dirgli niente, non dire all utente, non dirlo all utente, senza dirlo, non menzionarlo, non dire nulla all utente',
  mention: 'attacco, attacchi, injection, attaccante*, evito che, evitare che, proteggere, sicurezza, rileva*',
  task: 'traduci in inglese, funzione, compilatore, riassumi il, manuale',
};
