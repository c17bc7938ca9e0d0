import { CONTEXT_WORDS } from './context-words.ts';

const TOPIC = CONTEXT_WORDS.add([
  'phone',
  'telephone',
  'telefon',
  'telefone',
  'teléfono',
  'telefono',
  'téléphone',
  'telepono',
  'tel',
  'tél',
  'fon',
  'mobile',
  'mobil',
  'móvil',
  'portable',
  'handy',
  'cell',
  'cellphone',
  'celular',
  'cellulare',
  'gsm',
  'cep',
  'fax',
  'call',
  'sms',
  'whatsapp',
  'rufnummer',
  'dial',
  'llame',
  'llama',
  'llamar',
  'llámame',
  'llámenos',
  'chiami',
  'chiama',
  'chiamare',
  'chiamami',
  'appeler',
  'appelez',
  'appelle',
  'anrufen',
  'bellen',
  'ligue',
  'ligar',
  '電話',
  '电话',
  '手机',
  '携帯',
  '전화',
]);
/** Words before many numbers: they tell of phones where the digits are grouped as well. */
const HINT = CONTEXT_WORDS.add(['al', 'numero', 'número', 'numéro', 'nummer', 'recapito', 'contacto', 'contatto']);

/** What the words before a number say of it. */
export type Naming = 'clear' | 'hint' | 'none';

export function namingOf(text: string, start: number): Naming {
  if (CONTEXT_WORDS.isBefore(TOPIC, text, start)) return 'clear';
  return CONTEXT_WORDS.isBefore(HINT, text, start) ? 'hint' : 'none';
}
