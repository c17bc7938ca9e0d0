import type { Detector } from '../../detector.ts';
import { allSame, charOf, hasLuhn, hasVerhoeff, isDay, numberOf, weighted } from '../check-digits.ts';
import type { Values } from '../check-digits.ts';
import { numberDetector } from '../number-form.ts';

const PAN_HOLDERS = 'ABCFGHJLPTK';
const TFN_WEIGHTS = [1, 4, 3, 7, 5, 8, 6, 9, 10];
const ABN_WEIGHTS = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
/** One is taken from the first digit. */
const ABN_SHIFT = 10;
const ACN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 1];
const MEDICARE_WEIGHTS = [1, 3, 7, 9, 1, 3, 7, 9];
const FIN_WEIGHTS = [0, 2, 7, 6, 5, 4, 3, 2];
const CITIZEN_CHECKS = 'JZIHGFEDCBA';
const FOREIGNER_CHECKS = 'XWUTRQPNMLK';
const FOREIGNER_M_CHECKS = 'KLJNPQRTUWX';
const THAI_WEIGHTS = [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
/** The last province of each region. */
const THAI_LAST = [-1, 19, 27, 39, 49, 58, 67, 77, 86, 96];
const CHINESE_CHECKS = '10X98765432';
const CHINESE_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const JAPANESE_WEIGHTS = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
const ZA_MOST_STATUS = 2;

function isAadhaar(values: Values): boolean {
  return values[0]! > 1 && hasVerhoeff(values, 12) && !allSame(values, 0, 12);
}

function isTfn(values: Values): boolean {
  return weighted(values, TFN_WEIGHTS) % 11 === 0 && !allSame(values, 0, 9);
}

function isAbn(values: Values): boolean {
  return values[0]! > 0 && (weighted(values, ABN_WEIGHTS) - ABN_SHIFT) % 89 === 0;
}

function isAcn(values: Values): boolean {
  return (10 - (weighted(values, ACN_WEIGHTS) % 10)) % 10 === values[8] && !allSame(values, 0, 9);
}

function isMedicare(values: Values): boolean {
  if (values[0]! < 2 || values[0]! > 6 || values[9] === 0) return false;
  return weighted(values, MEDICARE_WEIGHTS) % 10 === values[8];
}

/** Citizens have S and T, foreigners F, G and M; four more or less for those of this century. */
function isFin(values: Values): boolean {
  const series = charOf(values[0]!);
  const sum = weighted(values, FIN_WEIGHTS);
  const last = charOf(values[8]!);
  if (series === 'S' || series === 'T') return CITIZEN_CHECKS[(sum + (series === 'T' ? 4 : 0)) % 11] === last;
  if (series === 'F' || series === 'G') return FOREIGNER_CHECKS[(sum + (series === 'G' ? 4 : 0)) % 11] === last;
  return series === 'M' && FOREIGNER_M_CHECKS[(sum + 3) % 11] === last;
}

/** Birth date, then sex and century. */
function isKorean(values: Values, from: number, to: number): boolean {
  const sex = values[6]!;
  if (sex < from || sex > to || allSame(values, 0, 13)) return false;
  return isDay(numberOf(values, 2, 4), numberOf(values, 4, 6));
}

function isThai(values: Values): boolean {
  if (values[0] === 0 || values[0] === 9 || values[1] === 0) return false;
  if (numberOf(values, 1, 3) > THAI_LAST[values[1]!]!) return false;
  return (11 - (weighted(values, THAI_WEIGHTS) % 11)) % 10 === values[12];
}

function isChinese(values: Values): boolean {
  const year = numberOf(values, 6, 10);
  if (values[0] === 0 || year < 1850 || year > 2100) return false;
  if (!isDay(numberOf(values, 10, 12), numberOf(values, 12, 14))) return false;
  return CHINESE_CHECKS[weighted(values, CHINESE_WEIGHTS) % 11] === charOf(values[17]!);
}

function isJapanese(values: Values): boolean {
  const rest = weighted(values, JAPANESE_WEIGHTS) % 11;
  return (rest < 2 ? 0 : 11 - rest) === values[11] && !allSame(values, 0, 12);
}

/** Birth date, sex, citizenship. */
function isSouthAfrican(values: Values): boolean {
  if (values[10]! > ZA_MOST_STATUS || !isDay(numberOf(values, 2, 4), numberOf(values, 4, 6))) return false;
  return hasLuhn(values, 0, 13);
}

export const ASIA_PACIFIC: readonly Detector[] = [
  numberDetector({
    id: 'pii.in_aadhaar',
    category: 'national_ids',
    description: 'Indian identity number (Aadhaar)',
    source: 'https://uidai.gov.in/en/my-aadhaar/about-your-aadhaar.html',
    likely: ['9999-9999-9999', '9999 9999 9999', '999999999999', '9999:9999:9999'],
    words: ['aadhaar', 'aadhar', 'uidai', 'uid', 'आधार'],
    accepts: isAadhaar,
    examples: [
      { text: 'my UID is 6382-9549-9546', value: '6382-9549-9546' },
      { text: 'Aadhaar 6875 5970 4482', value: '6875 5970 4482' },
    ],
    nearMisses: ['3123-4567-8908', '2016 2017 2018', '1234-5678-9012'],
  }),
  numberDetector({
    id: 'pii.in_pan',
    category: 'national_ids',
    description: 'Indian tax account number (PAN)',
    source: 'https://incometaxindia.gov.in/Pages/pan.aspx',
    certain: ['AAAAA9999A'],
    likely: ['AAAAA9999A'],
    words: ['pan', 'permanent account', 'income tax'],
    accepts: (values, _length, isCertain) => !isCertain || PAN_HOLDERS.includes(charOf(values[3]!)),
    examples: ['KRWPS4829D', { text: 'PAN: KRWXS4829D', value: 'KRWXS4829D' }],
    nearMisses: ['text KRWXS4829D', 'KRWPS48291'],
  }),
  numberDetector({
    id: 'pii.in_voter',
    category: 'national_ids',
    description: 'Indian voter identity number (EPIC)',
    source: 'https://voters.eci.gov.in/',
    likely: ['AAA9999999'],
    words: ['voter', 'vote', 'epic', 'elector'],
    accepts: () => true,
    examples: [{ text: 'Voter ID KTM4829137', value: 'KTM4829137' }],
    nearMisses: ['ticket KTM4829137 is closed'],
  }),
  numberDetector({
    id: 'pii.in_passport',
    category: 'national_ids',
    description: 'Number of an Indian passport',
    source: 'https://www.passportindia.gov.in/',
    likely: ['A9999999'],
    words: ['passport'],
    accepts: (values) => values[1]! > 0 && !'QXZ'.includes(charOf(values[0]!)),
    examples: [{ text: 'passport no. K4829137', value: 'K4829137' }],
    nearMisses: ['part K4829137 is sold out', 'passport K0829137'],
  }),
  numberDetector({
    id: 'pii.au_tfn',
    category: 'national_ids',
    description: 'Australian tax file number (TFN)',
    source: 'https://www.ato.gov.au/individuals-and-families/tax-file-number',
    likely: ['999 999 999', '999-999-999'],
    named: ['999999999'],
    words: ['tfn', 'tax file'],
    accepts: isTfn,
    examples: [{ text: 'TFN: 011 101 374', value: '011 101 374' }],
    nearMisses: ['TFN 824 753 557', 'order 876543210'],
  }),
  numberDetector({
    id: 'pii.au_abn',
    category: 'national_ids',
    description: 'Australian business number (ABN)',
    source: 'https://abr.business.gov.au/Help/AbnFormat',
    certain: ['99 999 999 999'],
    likely: ['99999999999'],
    words: ['abn', 'australian business'],
    accepts: isAbn,
    examples: ['17 879 521 360', { text: 'ABN 35160090218', value: '35160090218' }],
    nearMisses: ['52 824 753 556', 'row 51824753556 of the table'],
  }),
  numberDetector({
    id: 'pii.au_acn',
    category: 'national_ids',
    description: 'Australian company number (ACN)',
    source:
      'https://asic.gov.au/for-business/registering-a-company/steps-to-register-a-company/australian-company-numbers/australian-company-number-digit-check/',
    likely: ['999 999 999'],
    named: ['999999999'],
    words: ['acn', 'australian company'],
    accepts: isAcn,
    examples: [{ text: 'ACN 871 396 299', value: '871 396 299' }],
    nearMisses: ['ACN 824 753 557', 'order 005499981'],
  }),
  numberDetector({
    id: 'pii.au_medicare',
    category: 'national_ids',
    description: 'Australian Medicare number',
    source: 'https://www.servicesaustralia.gov.au/medicare-card',
    certain: ['9999 99999 9'],
    likely: ['9999999999', '9999-99999-9'],
    words: ['medicare'],
    accepts: isMedicare,
    examples: [{ text: 'Medicare 2840103069', value: '2840103069' }, '2373 77175 6'],
    nearMisses: ['2123 25870 1', 'id 2123456701'],
  }),
  numberDetector({
    id: 'pii.sg_fin',
    category: 'national_ids',
    description: 'Singaporean identity number (NRIC, FIN)',
    source: 'https://www.ica.gov.sg/documents/ic',
    certain: ['A9999999A'],
    likely: ['A9999999A'],
    words: ['nric', 'fin', 'singapore'],
    accepts: (values, _length, isCertain) => (isCertain ? isFin(values) : 'STFGM'.includes(charOf(values[0]!))),
    examples: ['S5608053H', 'G8223800Q', { text: 'NRIC S1234567A', value: 'S1234567A' }],
    nearMisses: ['ref S1234567A', 'PA12348L'],
  }),
  numberDetector({
    id: 'pii.kr_rrn',
    category: 'national_ids',
    description: 'Korean resident registration number (RRN)',
    source: 'https://www.mois.go.kr/',
    certain: ['999999-9999999'],
    likely: ['9999999999999'],
    words: ['rrn', 'resident registration', '주민등록번호', '주민번호'],
    accepts: (values) => isKorean(values, 1, 4),
    examples: ['871120-2482913', { text: 'RRN 8711202482913', value: '8711202482913' }],
    nearMisses: ['871320-2482913', '871120-9482913', 'id 8711202482913'],
  }),
  numberDetector({
    id: 'pii.kr_frn',
    category: 'national_ids',
    description: 'Korean foreigner registration number (FRN)',
    source: 'https://www.hikorea.go.kr/',
    certain: ['999999-9999999'],
    likely: ['9999999999999'],
    words: ['frn', 'foreigner registration', 'alien registration', '외국인등록번호'],
    accepts: (values) => isKorean(values, 5, 8),
    examples: ['871120-6482913', { text: 'FRN 8711206482913', value: '8711206482913' }],
    nearMisses: ['871320-6482913', 'id 8711206482913'],
  }),
  numberDetector({
    id: 'pii.kr_passport',
    category: 'national_ids',
    description: 'Number of a Korean passport',
    source: 'https://www.passport.go.kr/',
    likely: ['A999A9999', 'A99999999'],
    words: ['passport', '여권'],
    accepts: (values) => 'MSRODG'.includes(charOf(values[0]!)),
    examples: [{ text: '여권번호는 M482A9137입니다', value: 'M482A9137' }],
    nearMisses: ['part M482A9137 is sold out', 'passport K482A9137'],
  }),
  numberDetector({
    id: 'pii.th_national_id',
    category: 'national_ids',
    description: 'Thai national identity number',
    source: 'https://www.bora.dopa.go.th/',
    certain: ['9-9999-99999-99-9', '9 9999 99999 99 9'],
    likely: ['9999999999999'],
    words: ['thai', 'tnin', 'thai id', 'national id', 'เลขประจำตัวประชาชน', 'เลขบัตรประชาชน', 'บัตรประชาชน'],
    accepts: isThai,
    examples: ['1-1147-75621-31-6', { text: 'Thai ID 1116775538798', value: '1116775538798' }],
    nearMisses: ['1-2345-67890-12-2', 'at 1712345678901 ms'],
  }),
  numberDetector({
    id: 'pii.cn_resident_id',
    category: 'national_ids',
    description: 'Chinese resident identity number',
    source: 'https://openstd.samr.gov.cn/bzgk/gb/newGbInfo?hcno=080D6FBF2BB468F9007657F26D60013E',
    certain: ['99999999999999999X'],
    words: ['身份证', '身份证号', 'resident id'],
    accepts: isChinese,
    examples: ['110101198705120621'],
    nearMisses: ['110101198713129999', '110101198705120001'],
  }),
  numberDetector({
    id: 'pii.jp_my_number',
    category: 'national_ids',
    description: 'Japanese individual number (My Number)',
    source: 'https://www.digital.go.jp/en/policies/mynumber',
    likely: ['9999-9999-9999'],
    named: ['9999 9999 9999', '999999999999'],
    words: ['my number', 'マイナンバー', '個人番号', 'individual number'],
    accepts: isJapanese,
    examples: [{ text: 'マイナンバー: 317081656537', value: '317081656537' }],
    nearMisses: ['my number 123456789012', 'id 123456789018'],
  }),
  numberDetector({
    id: 'pii.za_id_number',
    category: 'national_ids',
    description: 'South African identity number',
    source: 'https://www.dha.gov.za/',
    likely: ['9999999999999', '999999 9999 999'],
    words: ['south african', 'rsa', 'sa id', 'id number', 'identity number', 'permanent resident', 'refugee'],
    accepts: isSouthAfrican,
    examples: [{ text: 'RSA ID: 8501015005092', value: '8501015005092' }],
    nearMisses: ['RSA ID 8001015009086', 'at 8001015009087 ms'],
  }),
];
