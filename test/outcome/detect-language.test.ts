import { describe, expect, it } from 'vitest';
import { detectLanguage } from '../../src/outcome/detect-language.ts';
import { STOP_WORDS } from '../../src/outcome/stop-words.ts';
import { PHRASES } from '../../src/simulator/phrases.ts';

const PROMPTS: Readonly<Record<string, readonly string[]>> = {
  en: [
    'What is the capital of France?',
    'please explain this function to me',
    'Summarize the text below in three points.',
  ],
  fr: [
    'Quelle est la capitale de la France ?',
    'Écris un poème',
    'Peux-tu m’expliquer comment fonctionne cette machine ?',
  ],
  de: ['Wie heißt die Hauptstadt von Frankreich?', 'Schreibe ein Gedicht über den Herbst', 'Bitte erkläre mir das.'],
  es: ['¿Cuál es la capital de Francia?', 'Escribe un poema', '¿Puedes explicarme cómo funciona esta máquina?'],
  it: ['Qual è la capitale della Francia?', 'Scrivi una poesia', 'Come funziona questa macchina?'],
  pt: ['Qual é a capital da França?', 'Escreva um poema sobre o outono', 'Você pode me explicar isso?'],
  nl: ['Wat is de hoofdstad van Frankrijk?', 'Schrijf een gedicht over de herfst', 'Kun je mij dit uitleggen?'],
  pl: ['Jaka jest stolica Francji?', 'Napisz proszę krótki wiersz o jesieni', 'Jak działa ta maszyna i do czego jest?'],
  sv: ['Vad är Frankrikes huvudstad?', 'Kan du förklara hur det fungerar?', 'Vilka städer är störst och varför?'],
  tr: ['Fransa’nın başkenti neresidir?', 'Bana kısa bir şiir yaz', 'Bu makine nasıl çalışır ve ne için kullanılır?'],
  zh: ['法国的首都是哪里？', '请写一首关于秋天的诗，用 Markdown 格式'],
  ja: ['フランスの首都はどこですか？', '秋についての短い詩を書いてください。'],
  ko: ['프랑스의 수도는 어디입니까?', '가을에 대한 짧은 시를 써 주세요.'],
  ru: ['Какая столица Франции?', 'Напиши короткое стихотворение об осени для API'],
  ar: ['ما هي عاصمة فرنسا؟', 'اكتب قصيدة قصيرة عن الخريف'],
  he: ['מהי בירת צרפת?'],
  el: ['Ποια είναι η πρωτεύουσα της Γαλλίας;'],
  th: ['เมืองหลวงของฝรั่งเศสคืออะไร'],
  hi: ['फ्रांस की राजधानी क्या है?'],
};

describe('the language of a prompt', () => {
  it.each(Object.entries(PROMPTS))('is seen to be %s', (language, prompts) => {
    expect(prompts.map(detectLanguage)).toEqual(prompts.map(() => language));
  });

  it.each(Object.entries(PHRASES))(
    'is told from a few sentences in %s, and never as another',
    (language, { sentences }) => {
      const told = sentences.map(detectLanguage);
      expect(told.filter((one) => one !== language && one !== '')).toEqual([]);
      for (let at = 0; at + 3 <= sentences.length; at++)
        expect(detectLanguage(sentences.slice(at, at + 3).join(' '))).toBe(language);
    },
  );

  it.each([
    '',
    ' ',
    '42 + 17 = ?',
    'Hello',
    'OK',
    '🙂🙂',
    'const a = b.map(x => x + 1);',
    'Lorem ipsum dolor sit amet consectetur',
    'Hvad er hovedstaden i Frankrig?',
    'Яка столиця Франції і чому її обрали?',
    'پایتخت فرانسه کجاست؟',
    'Quel est the name of der Hund',
  ])('stays open in: %s', (text) => {
    expect(detectLanguage(text)).toBe('');
  });

  it('is judged by the beginning alone', () => {
    const english = 'Please explain how the old bridge carries more bicycles than cars. '.repeat(7);
    expect(detectLanguage(english + 'Bitte erkläre mir das noch einmal auf Deutsch. '.repeat(100))).toBe('en');
  });

  it('has words that stand once in their list and have the letters that are looked up', () => {
    for (const words of Object.values(STOP_WORDS)) {
      const list = words.split(' ');
      expect(list.filter((word, index) => list.indexOf(word) !== index)).toEqual([]);
      expect(list.filter((word) => !/^[a-zß-öø-ɏ]+$/.test(word))).toEqual([]);
    }
  });
});
