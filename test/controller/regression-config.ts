import type { RegressionConfig } from '../../src/core/config.ts';
import { load } from '../config/load-text.ts';

/** As a file that says nothing of it has it. */
export function loadRegression(): RegressionConfig {
  return load('').config.regression;
}
