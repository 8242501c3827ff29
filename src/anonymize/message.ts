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
 * Writes the message of a row, as `tokenMessage` has it, into a block from a place on; `columns` has the values of each
 * leaf. Gives the end; -1 where all values are null, where SQL has to normalize one, and where the block is too short.
 */
export type WriteMessage = (
  columns: readonly (readonly unknown[])[],
  row: number,
  block: Buffer,
  start: number,
) => number;

/** Null for leaves whose text JavaScript does not write as SQL does. */
export function planMessage(leaves: readonly Leaf[], normal: NormalForm): WriteMessage | null {
  if (leaves.some(({ type, many }) => type === 'DOUBLE' || many !== null)) return null;
  const readers = leaves.map(({ type }) => readerOf(type));
  const write = normal === 'text' ? writeStable : writeNormal(NORMALIZE[normal]);
  return (columns, row, block, start) => {
    let end = start;
    let isPresent = false;
    for (let at = 0; at < readers.length; at++) {
      const value = columns[at]?.[row] ?? null;
      if (value === null) {
        block[end++] = NULL_MARK;
        continue;
      }
      const text = readers[at]?.(value) ?? null;
      if (text === null || end + 3 * text.length + MOST_FRAME > block.length) return -1;
      end = write(text, block, end);
      if (end === -1) return -1;
      isPresent = true;
    }
    return isPresent ? end : -1;
  };
}

const NULL_MARK = 0x2d;
const COLON = 0x3a;
const ZERO = 0x30;
/** Octets for the length of a text, its colon and the marks of nulls after it. */
const MOST_FRAME = 24;

/** Writes `<octets>:<text>` and gives its end, or -1. */
type WriteText = (text: string, block: Buffer, start: number) => number;

const writeStable: WriteText = (text, block, start) => {
  const end = writePlain(text, block, writeLength(text.length, block, start));
  if (end !== -1 || !STABLE.test(text)) return end;
  const at = writeLength(Buffer.byteLength(text), block, start);
  return at + block.write(text, at);
};

function writeNormal(normalize: (plain: string) => string): WriteText {
  return (text, block, start) => {
    if (!PLAIN.test(text)) return -1;
    const normal = normalize(text);
    return writePlain(normal, block, writeLength(normal.length, block, start));
  };
}

/** Faster than a check and a copy of a short text by the engine. */
function writePlain(text: string, block: Buffer, start: number): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return -1;
    block[start + at] = code;
  }
  return start + text.length;
}

function writeLength(length: number, block: Buffer, start: number): number {
  if (length > 99) return start + block.write(`${length}:`, start, 'latin1');
  let at = start;
  if (length > 9) block[at++] = ZERO + Math.trunc(length / 10);
  block[at++] = ZERO + (length % 10);
  block[at++] = COLON;
  return at;
}

/** The text of a value that is not null; null where it is not of the leaf's type. */
function readerOf(type: ColumnType): (value: unknown) => string | null {
  if (type === 'BIGINT') return (value) => (Number.isSafeInteger(value) ? String(value) : null);
  if (type === 'BOOLEAN') return (value) => (typeof value === 'boolean' ? String(value) : null);
  return (value) => (typeof value === 'string' ? value : null);
}
