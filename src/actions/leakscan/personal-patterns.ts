import { isValidPhoneNumber } from 'libphonenumber-js';
import validator from 'validator';

export const PATTERNS = ['email', 'phone', 'card', 'iban', 'national id'] as const;
export type PatternName = (typeof PATTERNS)[number];

export interface PatternHit {
  readonly pattern: PatternName;
  readonly at: number;
  /** What matched; it stays in memory. */
  readonly text: string;
}

const NATIONAL = ['ES', 'IT', 'FI', 'zh-CN'] as const;

interface Detector {
  readonly pattern: PatternName;
  readonly form: RegExp;
  readonly isValid: (text: string) => boolean;
}

/** Forms of a whole word, so that a part of a token or a digest is none; then check digits where there are some. */
const DETECTORS: readonly Detector[] = [
  {
    pattern: 'email',
    form: /(?<![\p{L}\p{N}._%+*@-])[\p{L}\p{N}][\p{L}\p{N}._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w-])/giu,
    isValid: (text) => !/\.(?:png|jpe?g|svg|gif|css|js)$/i.test(text),
  },
  {
    pattern: 'phone', // E.164, with the country: any other number may be a phone number
    form: /(?<![\w+])\+\d[\d ()./-]{6,20}\d(?!\w)/g,
    isValid: (text) => isValidPhoneNumber(text),
  },
  {
    pattern: 'phone',
    form: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[ -])\d{3}-\d{4}(?![\w-])/g,
    isValid: () => true,
  },
  {
    pattern: 'card', // an issuer, and Luhn (ISO/IEC 7812)
    form: /(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5})(?![\w-]|\.\d)/g,
    isValid: (text) => validator.isCreditCard(text.replaceAll(/[ -]/g, '')),
  },
  {
    pattern: 'iban', // a country's form, and mod 97 (ISO 13616)
    form: /(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{1,4}){3,9}(?![\w-])/g,
    isValid: (text) => validator.isIBAN(text.replaceAll(' ', '')),
  },
  // Of the United States.
  {
    pattern: 'national id',
    form: /(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])/g,
    isValid: () => true,
  },
  // Of the United Kingdom, with the spaces of its cards.
  {
    pattern: 'national id',
    form: /(?<![\w-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![\w-])/g,
    isValid: (text) => !/^(?:BG|GB|NK|KN|TN|NT|ZZ)/.test(text),
  },
  {
    pattern: 'national id', // Spain, Italy, Finland, China: check characters
    form: /(?<![\w-])(?:[\dXYZ]\d{7}[A-Z]|[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]|\d{6}[+A-]\d{3}[0-9A-Y]|\d{17}[\dX])(?![\w-])/g,
    isValid: (text) => NATIONAL.some((locale) => validator.isIdentityCard(text, locale)),
  },
  {
    pattern: 'national id', // of France: mod 97
    form: /(?<![\w-])[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d\d ?\d{3} ?\d{3} ?\d\d(?![\w-])/g,
    isValid: (text) => {
      const digits = text.replaceAll(' ', '');
      return 97 - Number(BigInt(digits.slice(0, 13)) % 97n) === Number(digits.slice(13));
    },
  },
];

/** What looks like personal data in a text. */
export function findPatterns(text: string): PatternHit[] {
  if (!/@|\d\d/.test(text)) return [];
  return DETECTORS.flatMap(({ pattern, form, isValid }) =>
    [...text.matchAll(form)]
      .filter(([match]) => isValid(match))
      .map((match) => ({ pattern, at: match.index, text: match[0] })),
  );
}
