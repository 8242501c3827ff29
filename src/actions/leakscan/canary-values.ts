import { resolve } from 'node:path';
import { failure, systemCode } from '../../base/errors.js';
import { readSmallFile, textOf } from '../../base/files/small-file.js';
import { LEAST_BYTES, type Needle, type NeedleHit, NeedleIndex } from './find-needles.js';

/** Values that should be nowhere, as they came from the file; in memory only. */
export interface CanaryValues {
  readonly values: readonly { readonly text: string; readonly line: number }[];
  /** Lines that are too short to look for. */
  readonly tooShort: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
const LEAST_DIGITS = 7;
/** So many digits in a row are no accident. */
const SURE_DIGITS = 9;
const SEPARATORS = /(?<=\d)[ ()./+-]{1,3}(?=\d)/g;

/** Reads one value from each line. @throws E_DISK_READ, E_USAGE if there is none */
export async function readCanaryFile(given: string): Promise<CanaryValues> {
  const options = { maxBytes: MAX_BYTES, followLinks: true };
  const found = await readSmallFile(resolve(given), options).catch((error: unknown) => {
    throw failure('E_DISK_READ', { path: given, kind: systemCode(error) });
  });
  const values = parseCanaries(textOf(found, given));
  if (values.values.length > 0) return values;
  throw failure('E_USAGE', {
    what: `${given} has no value of ${LEAST_BYTES} or more characters`,
    hint: 'write one value per line',
  });
}

export function parseCanaries(text: string): CanaryValues {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line.trim(), line: index + 1 }))
    .filter((value) => value.text !== '');
  const values = lines.filter((value) => value.text.length >= LEAST_BYTES);
  return { values, tooShort: lines.length - values.length };
}

/**
 * Looks for values in text: as they are, in another case, URL-encoded, in base64 at each of the three offsets, as hex, as
 * JSON and HTML escape them, in UTF-16, and as digits without what separates them.
 */
export class CanaryMatcher {
  readonly #folded: NeedleIndex;
  readonly #exact: NeedleIndex;
  readonly #digits: NeedleIndex;
  readonly #values: ReadonlySet<number>;

  constructor({ values }: CanaryValues) {
    const folded: Needle[] = [];
    const exact: Needle[] = [];
    const digits: Needle[] = [];
    for (const { text, line } of values) {
      const forms = writeForms(text, line);
      folded.push(...forms.folded);
      exact.push(...forms.exact);
      const only = text.replaceAll(/\D/g, '');
      if (only.length >= LEAST_DIGITS && only.length * 2 >= text.length)
        digits.push({ bytes: Buffer.from(only), form: 'digits', line });
    }
    this.#folded = new NeedleIndex(folded);
    this.#exact = new NeedleIndex(exact);
    this.#digits = new NeedleIndex(digits);
    this.#values = new Set(values.map(({ line }) => line));
  }

  /** How many values are looked for. */
  get size(): number {
    return this.#values.size;
  }

  /** Bytes that two pieces of a text must have in common so that nothing is missed. */
  get longest(): number {
    return Math.max(this.#folded.longest, this.#exact.longest, 4 * this.#digits.longest);
  }

  /** Hits in bytes, with the place of each. */
  find(bytes: Buffer): NeedleHit[] {
    const folded = fold(bytes);
    return [
      ...this.#folded.find(folded).filter(({ at, needle }) => isSure(folded, at, needle)),
      ...this.#exact.find(bytes),
    ];
  }

  /** Values of digits in one text, such as a cell or a line, whatever separates their digits. */
  findDigits(text: string): Needle | null {
    if (this.#digits.longest === 0 || !/\d/.test(text)) return null;
    const bytes = Buffer.from(text.replaceAll(SEPARATORS, ''));
    return this.#digits.find(bytes).find(({ at, needle }) => isSure(bytes, at, needle))?.needle ?? null;
  }
}

/** A value as programs write it: forms to look for in bytes that are folded, and in bytes as they are. */
export function writeForms(value: string, line: number): { folded: Needle[]; exact: Needle[] } {
  const folded: Needle[] = [];
  const exact: Needle[] = [];
  for (const spelling of spell(value)) {
    for (const [latin1, form] of writeFolded(spelling))
      folded.push({ bytes: fold(Buffer.from(latin1, 'latin1')), form, line });
    for (const bytes of encodeBase64(spelling)) exact.push({ bytes, form: 'base64', line });
  }
  return { folded, exact };
}

/** Digits occur by chance in tokens and digests, and short numbers in longer ones. Anything else is no accident. */
function isSure(bytes: Buffer, at: number, { bytes: needle }: Needle): boolean {
  if (!needle.every((byte) => byte >= 48 && byte <= 57)) return true;
  const from = Math.max(0, at - 64);
  const before = /[0-9A-Za-z]*$/.exec(bytes.toString('latin1', from, at))?.[0] ?? '';
  const end = at + needle.length;
  const after = /^[0-9A-Za-z]*/.exec(bytes.toString('latin1', end, end + 64))?.[0] ?? '';
  const word = `${before}${needle.toString('latin1')}${after}`;
  if (word.length >= 24 && /^[0-9a-f]*$/i.test(word) && /[a-f]/i.test(word)) return false;
  return needle.length >= SURE_DIGITS || (before === '' && after === '');
}

/** Bytes with the letters A to Z in lower case. */
export function fold(bytes: Buffer): Buffer {
  const folded = Buffer.from(bytes);
  for (let at = 0; at < folded.length; at += 1) {
    const byte = folded[at] ?? 0;
    if (byte >= 65 && byte <= 90) folded[at] = byte + 32;
  }
  return folded;
}

function spell(value: string): ReadonlySet<string> {
  const cases = [value, value.toUpperCase(), value.toLowerCase()];
  return new Set(cases.flatMap((text) => [text.normalize('NFC'), text.normalize('NFD'), text]));
}

/** How a program writes a value into a file. What it leaves as it is comes once. */
function writeFolded(value: string): Iterable<[latin1: string, form: string]> {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const url = encodeURIComponent(value);
  const strict = url.replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  const texts: [text: string, form: string][] = [
    [bytes.toString('latin1'), 'plain'],
    [url, 'url'],
    [strict, 'url'], // RFC 3986
    [strict.replaceAll('%20', '+'), 'url'], // forms of HTML
    [hex.replaceAll(/../g, '%$&'), 'url'],
    [Buffer.from(JSON.stringify(value).slice(1, -1)).toString('latin1'), 'json'],
    [
      JSON.stringify(value)
        .slice(1, -1)
        .replaceAll(/[^ -~]/g, escapeUnit),
      'json',
    ],
    [Buffer.from(escapeHtml(value)).toString('latin1'), 'html'],
    [hex, 'hex'],
    [Buffer.from(value, 'utf16le').toString('latin1'), 'utf-16'],
    [Buffer.from(value, 'latin1').toString('latin1'), 'latin1'],
  ];
  const forms = new Map<string, string>();
  for (const [text, form] of texts) if (!forms.has(text)) forms.set(text, form);
  return forms;
}

function escapeUnit(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escapeHtml(value: string): string {
  const named: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return value.replaceAll(/[&<>"']/g, (char) => named[char] ?? char);
}

/** At each of the three places in a group of three bytes, less the characters that the neighbours share (RFC 4648). */
function encodeBase64(value: string): Buffer[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    const own = bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), whole);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')].map((text) => Buffer.from(text));
  });
}
