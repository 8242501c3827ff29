import { isValidPhoneNumber } from 'libphonenumber-js';
import validator from 'validator';
import { looksPersonal, looksSecret } from '../base/text/personal-text.js';
import type { Kind } from './name-kinds.js';

/**
 * The kind of a text by its content, regardless of the leaf's name; null if unknown. Check digits: Luhn
 * (ISO/IEC 7812) for cards, mod 97 (ISO 13616) for IBANs, those of each country for national ids.
 */
export function kindOfText(text: string): Kind | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return DETECTORS.find(([, fits]) => fits(trimmed))?.[0] ?? (looksPersonal(trimmed) ? 'person' : null);
}

const DETECTORS: readonly (readonly [Kind, (text: string) => boolean])[] = [
  ['secret', looksSecret],
  ['moment', (text) => MOMENT.test(text)],
  ['email', (text) => validator.isEmail(text) || /[^\s@]@[^\s@]+\.[^\s@]/.test(text)],
  ['web', (text) => /^(?:https?|ftp):\/\//i.test(text) || /^www\./i.test(text)],
  ['id', (text) => validator.isUUID(text, 'loose')],
  ['financial', (text) => isIban(text) || isCard(text)],
  ['device', (text) => validator.isIP(text) || validator.isMACAddress(text)],
  ['phone', (text) => isValidPhoneNumber(text)],
  ['national', isNationalId],
  ['coordinate', (text) => /\d\.\d/.test(text) && validator.isLatLong(text)],
];

const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
function isIban(text: string): boolean {
  return validator.isIBAN(text.replaceAll(/[\s-]/g, ''));
}

function isCard(text: string): boolean {
  return /^[\d -]{13,23}$/.test(text) && validator.isLuhnNumber(text.replaceAll(/[ -]/g, ''));
}

/** A US number by its format; other numbers only if letters or a country's check digit identify them. */
function isNationalId(text: string): boolean {
  if (/^(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}$/.test(text)) return true;
  return /^(?=.*\d{5})[A-Z\d.-]{8,20}$/i.test(text) && validator.isIdentityCard(text, 'any');
}
