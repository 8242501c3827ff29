import type { FoundLeaf } from './collect-leaves.js';
import type { Form } from './leaf-form.js';
import type { Kind } from './name-kinds.js';
import { kindOfText } from './value-kinds.js';

/** Lengths and ranges use a few sizes, well above the sample, so that they reveal nothing about it. */
const LENGTHS = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const MOST = 999_999;
/** Maximum length of an email address (RFC 5321). */
const EMAIL_LENGTH = 254;
const MOST_MEMBERS = 20;
const LEAST_MET = 5;
const LONGEST_MEMBER = 40;

/**
 * The sorted members of a closed list of words; null if it may not be one. Each member occurs in at least five records,
 * there are at most twenty, each looks like a list word, and the leaf's name is that of a plain or coarse fact.
 */
export function findMembers({ values }: FoundLeaf, form: Form, kind: Kind | null): readonly string[] | null {
  if (form !== 'text' || (kind !== 'fact' && kind !== 'coarse')) return null;
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const isClosed = counts.size <= MOST_MEMBERS && [...counts.values()].every((count) => count >= LEAST_MET);
  const isListed = [...counts.keys()].every(
    (text) => isWord(text) && !(kind === 'fact' && isNamed(text)) && isPlainMember(text),
  );
  return isClosed && isListed ? [...counts.keys()].sort() : null;
}

/** Several capitalized words, or words next to a title, may name a person. */
function isNamed(text: string): boolean {
  const words = text.split(/[^\p{L}\p{M}'’.]+/u).filter((word) => word !== '');
  if (words.length < 2) return false;
  return words.some((word) => TITLE.test(word)) || words.every((word) => /^\p{Lu}/u.test(word));
}

const TITLE = /^(?:mrs?|ms|miss|dr|prof|herr|frau|mme|mlle|sra?|sig)\.?$/i;

function isWord(text: string): boolean {
  const isPlain = text.length <= LONGEST_MEMBER && /^[\p{L}\p{N}][\p{L}\p{N}\p{M} .,&()'’/+_-]*$/u.test(text);
  return isPlain && !/\d{4}/.test(text) && kindOfText(text) === null;
}

/** The leaf's own keywords of JSON Schema, without its class. */
export function describeForm(
  { values }: FoundLeaf,
  form: Form,
  kind: Kind | null,
): Readonly<Record<string, string | number>> {
  switch (form) {
    case 'text':
    case 'uuid':
      return {
        type: 'string',
        maxLength: chooseLength(
          values.map((value) => String(value).length),
          kind,
        ),
      };
    case 'date':
    case 'date-time':
    case 'time':
      return { type: 'string', format: form };
    case 'integer':
      return kind === 'count' ? { type: 'integer', ...chooseRange(values.map(Number)) } : { type: 'integer' };
    case 'bigint':
      return { type: 'integer', format: 'bigint' };
    case 'number':
    case 'boolean':
      return { type: form };
    case 'nothing':
      return { type: 'string', maxLength: LENGTHS[1] ?? 0 };
    default:
      return form satisfies never;
  }
}

function chooseLength(lengths: readonly number[], kind: Kind | null): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (kind === 'email' && longest <= EMAIL_LENGTH) return EMAIL_LENGTH;
  return LENGTHS.find((length) => length >= 2 * longest) ?? LENGTHS.at(-1) ?? 0;
}

/** `classifyLeaf` does not treat longer numbers as counts. */
function chooseRange(numbers: readonly number[]): Readonly<Record<string, number>> {
  return { minimum: numbers.some((number) => number < 0) ? -MOST : 0, maximum: MOST };
}

/** Capitalized words that occur in closed lists and are not common names. */
const PLAIN = new Set(
  `active inactive open opened closed pending new draft published archived deleted removed cancelled canceled completed
  complete done failed failure succeeded success error warning paid unpaid overdue refunded shipped delivered returned
  processing processed running stopped waiting scheduled approved rejected accepted declined confirmed expired suspended
  blocked enabled disabled online offline public private internal external visible hidden available unavailable sold
  web website app mobile desktop store shop retail wholesale email phone sms chat letter referral organic social direct
  paid search display affiliate newsletter event partner other unknown none yes no true false high medium low critical
  urgent normal minor severe standard basic premium pro plus free trial enterprise business personal gold silver bronze
  platinum hourly daily weekly monthly quarterly yearly annual once large red blue yellow purple orange card cash transfer
  invoice credit debit bank income expense purchase sale order product service ticket bug feature task story incident
  question request customer supplier vendor employee user guest admin member male female diverse single married divorced
  widowed bachelor master primary secondary north south east west`.split(/\s+/),
);

/**
 * Whether a text is a list word and not a name: lowercase, an uppercase code (`EUR`), or known words. `Schmidt` is not.
 */
function isPlainMember(text: string): boolean {
  if (text === text.toLowerCase() || /^[\p{Lu}\p{N}]+(?:[_-][\p{Lu}\p{N}]+)*$/u.test(text)) return true;
  const words = text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
  return words.every((word) => word === word.toLowerCase() || PLAIN.has(word.toLowerCase()));
}
