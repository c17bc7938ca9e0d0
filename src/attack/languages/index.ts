import type { Vocabulary } from '../vocabulary.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { ko } from './ko.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import { ru } from './ru.ts';
import { shared } from './shared.ts';
import { zh } from './zh.ts';

/** Searched all at once: a text may mix languages, and often does. */
export const VOCABULARIES: readonly Vocabulary[] = [shared, en, es, fr, de, pt, it, nl, pl, ru, zh, ja, ko];
