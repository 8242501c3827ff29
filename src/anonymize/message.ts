import type { ColumnType, Leaf } from '../base/types/definition.js';
import type { Dialect } from './dialect.js';
import { SPACES } from './loose-pattern.js';
import type { Input } from './treatment.js';

/** How a leaf is written before it is hashed, so that equal things get equal tokens. */
export const NORMAL_FORMS = ['text', 'name', 'email', 'phone', 'number'] as const;
export type NormalForm = (typeof NORMAL_FORMS)[number];

/**
 * The octets that a token is made of: for each leaf in order `-` for null, else `<octets>:<text>`. Lengths make it
 * unambiguous: `('a|b', 'c')` and `('a', 'b|c')` differ, and a null shifts nothing.
 */
export function tokenMessage(dialect: Dialect, inputs: readonly Input[], normal: NormalForm): string {
  return inputs
    .map(({ sql, leaf }) => {
      const isText = leaf.type !== 'BIGINT' && leaf.type !== 'DOUBLE' && leaf.type !== 'BOOLEAN';
      const text = normalize(dialect, isText ? sql : dialect.cast(sql, 'varchar'), normal);
      return `coalesce(${dialect.octets(text)} || ':' || ${text}, '-')`;
    })
    .join(' || ');
}

function normalize(dialect: Dialect, text: string, normal: NormalForm): string {
  switch (normal) {
    case 'text':
      return dialect.nfc(text);
    case 'name':
      return dialect.trim(dialect.replaceAll(dialect.lower(dialect.nfc(text)), `[${SPACES}]+`, ' '));
    case 'email':
      return dialect.lower(dialect.trim(dialect.nfc(text)));
    case 'phone': {
      const plus = `(case when ${dialect.matches(text, '^\\s*\\+')} then '+' else '' end)`;
      return `(${plus} || ${dialect.replaceAll(text, '[^0-9]', '')})`;
    }
    case 'number': {
      const whole = dialect.replaceAll(dialect.trim(text), '^([-+]?[0-9]+)\\.0+$', '\\1'); // a DOUBLE's text
      const digits = dialect.replaceAll(whole, '^(?:\\+|(-))?0*([0-9])', '\\1\\2');
      return `(case when ${digits} = '-0' then '0' else ${digits} end)`;
    }
  }
}

/** Texts that each normal form reads alike in JavaScript and in SQL: case and white space are those of ASCII. */
const PLAIN = /^[ -~]*$/;
/**
 * Texts that are in NFC in every version of Unicode, whatever their neighbours are (Latin, Cyrillic, kana, ideographs,
 * Hangul): none of their characters decomposes to another one, or composes with one before it.
 */
const STABLE =
  /^[ -~\u00a0-\u02ff\u0400-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*$/;

const NORMALIZE: Readonly<Record<NormalForm, (plain: string) => string>> = {
  text: (plain) => plain,
  name: (plain) => trim(plain.toLowerCase().replaceAll(/ +/g, ' ')),
  email: (plain) => trim(plain).toLowerCase(),
  phone: (plain) => (/^ *\+/.test(plain) ? '+' : '') + plain.replaceAll(/[^0-9]/g, ''),
  number: (plain) => {
    const whole = trim(plain).replace(/^([-+]?[0-9]+)\.0+$/, '$1');
    const digits = whole.replace(/^(?:\+|(-))?0*([0-9])/, '$1$2');
    return digits === '-0' ? '0' : digits;
  },
};

function trim(plain: string): string {
  return plain.startsWith(' ') || plain.endsWith(' ') ? plain.replaceAll(/^ +| +$/g, '') : plain;
}

/**
 * The message of a row, as `tokenMessage` has it; null where all leaves are, and where a value has to be normalized by
 * SQL. Null for leaves whose text JavaScript does not write as SQL does.
 */
export function planMessage(
  leaves: readonly Leaf[],
  normal: NormalForm,
): ((columns: readonly (readonly unknown[])[], row: number) => string | null) | null {
  if (leaves.some(({ type, many }) => type === 'DOUBLE' || many !== null)) return null;
  const readers = leaves.map(({ type }) => readerOf(type));
  const normalize = NORMALIZE[normal];
  const isStable = normal === 'text';
  const write = (
    columns: readonly (readonly unknown[])[],
    row: number,
    count: CountOctets,
  ): string | null => {
    let message = '';
    let isPresent = false;
    for (let at = 0; at < readers.length; at++) {
      const value = columns[at]?.[row] ?? null;
      if (value === null) {
        message += '-';
        continue;
      }
      const given = readers[at]?.(value) ?? null;
      if (given === null || !(isStable || PLAIN.test(given))) return null;
      const text = normalize(given);
      message += `${count(text)}:${text}`;
      isPresent = true;
    }
    return isPresent ? message : null;
  };
  return (columns, row) => {
    const message = write(columns, row, countCharacters);
    if (message === null || PLAIN.test(message)) return message;
    return STABLE.test(message) ? write(columns, row, countOctets) : null;
  };
}

type CountOctets = (text: string) => number;

/** Octets of a plain text. */
const countCharacters: CountOctets = (text) => text.length;
const countOctets: CountOctets = (text) => Buffer.byteLength(text);

/** The text of a value that is not null; null where it is not of the leaf's type. */
function readerOf(type: ColumnType): (value: unknown) => string | null {
  if (type === 'BIGINT') return (value) => (Number.isSafeInteger(value) ? String(value) : null);
  if (type === 'BOOLEAN') return (value) => (typeof value === 'boolean' ? String(value) : null);
  return (value) => (typeof value === 'string' ? value : null);
}
