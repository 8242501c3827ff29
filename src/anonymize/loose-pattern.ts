import type { Leaf } from '../base/types/definition.js';

/** A pattern for RE2 that takes at least what the same pattern takes in JavaScript (flag u). */
interface LoosePattern {
  readonly text: string;
  /** Length of the shortest and the longest text that the pattern itself takes, in code points. */
  readonly least: number;
  readonly most: number;
}

/** White space and line ends as JavaScript has them (ECMA-262, 22.2.2.9), inside of a class; RE2's `\s` is ASCII. */
export const SPACES = '\\t-\\r\\p{Z}\\x{feff}';

/** Characters younger than RE2's tables of Unicode, which JavaScript may know for letters. */
const YOUNGER = '[^\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Z}\\p{C}]';

/** RE2 spends a copy of a class on each count: `[\p{L}]{1,80}` takes 60 µs a value, `[\p{L}]+` one. */
const LONGEST_COUNT = 8;

/**
 * Rewrites a pattern that JavaScript compiles and the loader has let pass (no look-around, no references): a class by
 * properties of Unicode takes younger characters too, `\s` is JavaScript's, and long counts of such classes become `+`
 * or `*`. What that loosens, `least` and `most` hold.
 */
export function loosenPattern(pattern: string): LoosePattern {
  return new Reader(pattern).readChoice();
}

const EMPTY: LoosePattern = { text: '', least: 0, most: 0 };

class Reader {
  #rest: string;

  constructor(pattern: string) {
    this.#rest = pattern;
  }

  readChoice(): LoosePattern {
    let choice = this.#readSequence();
    while (this.#take(/^\|/) !== null) {
      const next = this.#readSequence();
      choice = {
        text: `${choice.text}|${next.text}`,
        least: Math.min(choice.least, next.least),
        most: Math.max(choice.most, next.most),
      };
    }
    return choice;
  }

  #readSequence(): LoosePattern {
    let sequence = EMPTY;
    while (this.#rest !== '' && !/^[|)]/.test(this.#rest)) {
      const item = this.#repeat(this.#readAtom());
      sequence = {
        text: sequence.text + item.text,
        least: sequence.least + item.least,
        most: sequence.most + item.most,
      };
    }
    return sequence;
  }

  #readAtom(): LoosePattern {
    const edge = this.#take(/^(?:[\^$]|\\[bB])/);
    if (edge !== null) return { ...EMPTY, text: edge };
    const open = this.#take(/^\((?:\?:)?/);
    if (open !== null) {
      const inner = this.readChoice();
      this.#take(/^\)/);
      return { ...inner, text: `(?:${inner.text})` };
    }
    const one = this.#take(/^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\x..|\\.|.)/su) ?? '';
    return { text: loosenOne(one), least: 1, most: 1 };
  }

  #repeat(atom: LoosePattern): LoosePattern {
    const sign = this.#take(/^(?:[*+?]|\{\d+(?:,\d*)?\})\??/);
    if (sign === null) return atom;
    const [least, most] = readCounts(sign);
    const isLong = Number.isFinite(most) && most > LONGEST_COUNT && atom.text.includes('\\p');
    const text = `${atom.text}${isLong ? (least === 0 ? '*' : '+') : sign}`;
    return { text, least: times(least, atom.least), most: times(most, atom.most) };
  }

  #take(pattern: RegExp): string | null {
    const taken = pattern.exec(this.#rest)?.[0] ?? null;
    this.#rest = this.#rest.slice(taken?.length ?? 0);
    return taken;
  }
}

/** One character, escape or class. */
function loosenOne(one: string): string {
  const isClass = one.startsWith('[');
  const spaced = one.replace(/\\(.)/gsu, (escape, letter) =>
    letter === 's' ? (isClass ? SPACES : `[${SPACES}]`) : escape,
  );
  const isByProperty = /\\[pP]/.test(one) && !one.startsWith('[^');
  return isByProperty ? `(?:${spaced}|${YOUNGER})` : spaced;
}

function readCounts(sign: string): [number, number] {
  if (sign.startsWith('*')) return [0, Infinity];
  if (sign.startsWith('+')) return [1, Infinity];
  if (sign.startsWith('?')) return [0, 1];
  const [, least, comma, most] = /^\{(\d+)(,?)(\d*)/.exec(sign) ?? [];
  if (comma !== ',') return [Number(least), Number(least)];
  return [Number(least), most === '' ? Infinity : Number(most)];
}

function times(count: number, length: number): number {
  return count === 0 || length === 0 ? 0 : count * length;
}

/** Texts up to this length, and ranges with no more numbers than they have, are few values. */
const SHORT_TEXT = 5;
const FEW_NUMBERS = 100_000;

/**
 * An enum, a boolean, a date, a narrow range or a very short text: few values, of known frequency. A pseudonym of one
 * alone is named by how often it is met, without any key.
 */
export function isGuessable({ bound, type, schema }: Leaf): boolean {
  if (bound?.kind === 'enum' || type === 'BOOLEAN' || type === 'DATE' || type === 'TIME') return true;
  if (bound?.kind === 'range') return bound.maximum - bound.minimum < FEW_NUMBERS;
  if (bound?.kind === 'pattern' && loosenPattern(bound.pattern).most <= SHORT_TEXT) return true;
  return type === 'VARCHAR' && Number(schema['maxLength']) <= SHORT_TEXT;
}
