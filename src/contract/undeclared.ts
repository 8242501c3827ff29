import { isJsonType, isObject, type JsonObject, type JsonType } from '../base/json-values.js';
import { looksPersonal } from '../base/text/personal-text.js';
import type { DriftState } from '../base/types/resume.js';

/** Replaces the name of an undeclared field that could itself be personal data. */
export const WITHHELD = '<name withheld>';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const MAX_LENGTH = 40;
const DIGITS = /\d{4}/;
/** From this number of records on, a name counts as a field name of the source and not as data of one person. */
const RECORDS_TO_SHOW = 20;
const MAX_NAMES = 1_000;

/** An undeclared field, whose name is shown once it is frequent enough. */
export interface UndeclaredField {
  readonly path: string;
  count: number;
  readonly types: Set<JsonType>;
}

/** What stands for the path of an undeclared field outside of the terminal: a keyed hash, so that no name can be guessed. */
export type HideName = (path: string) => string;

/** Paths of undeclared fields by the entry that hides them. It is nowhere else, so that no file or document has it. */
const NAMES = new WeakMap<object, string>();

/** The path that an entry of drift hides, for the terminal of the person who runs it; null if it must not be shown. */
export function nameOfHidden(entry: object): string | null {
  return NAMES.get(entry) ?? null;
}

/** A field by the path that may be stored. */
export interface ListedField {
  readonly path: string;
  readonly count: number;
  readonly types: readonly JsonType[];
  /** For the terminal; null if the path is stored as it is, or if the name may be a value. */
  readonly name: string | null;
}

/** Makes the entry of a field, which remembers its name. */
export function makeEntry({ path, count, name }: ListedField) {
  const entry = { kind: 'new_field', path, count } as const;
  if (name !== null) NAMES.set(entry, name);
  return entry;
}

/** What a process has counted in its pages. */
export interface SharedFields {
  readonly fields: readonly {
    readonly path: string;
    readonly count: number;
    readonly types: readonly JsonType[];
  }[];
  readonly withheld: number;
}

/** Counts undeclared fields over a run. Keeps at most 1,000 names, so that data used as keys cannot fill the memory. */
export class UndeclaredFields {
  readonly #fields = new Map<string, UndeclaredField>();
  /** Of the part of the run that failed, by hidden path. */
  readonly #earlier = new Map<string, Pick<UndeclaredField, 'count' | 'types'>>();
  readonly #expected: ReadonlySet<string>;
  readonly #hideName: HideName;
  #withheld = 0;

  /** @param expected paths that the definition lists, and that may be stored */
  constructor(expected: ReadonlySet<string>, hideName: HideName) {
    this.#expected = expected;
    this.#hideName = hideName;
  }

  /** The field to count, or null if the name is always withheld. */
  find(parent: string, name: string): UndeclaredField | null {
    const path = parent === '' ? name : `${parent}.${name}`;
    return !this.#expected.has(path) && !mayShow(name) ? null : this.#known(path);
  }

  /** Null if there are too many already. */
  #known(path: string): UndeclaredField | null {
    const known = this.#fields.get(path);
    if (known !== undefined) return known;
    const stored = this.#pathOf(path);
    const { count, types } = this.#earlier.get(stored) ?? { count: 0, types: [] };
    this.#earlier.delete(stored);
    if (this.#fields.size + this.#earlier.size >= MAX_NAMES) return null;
    const field = { path, count, types: new Set(types) };
    this.#fields.set(path, field);
    return field;
  }

  withhold(fields: number): void {
    this.#withheld += fields;
  }

  /** Null if there are fields that are too rare to be shown: their names may be data. */
  save(): Pick<DriftState, 'undeclared' | 'withheld'> | null {
    const fields = [...this.#fields.values()];
    if (fields.some(({ count }) => count < RECORDS_TO_SHOW)) return null;
    const undeclared = this.list(() => true).shown.map(({ path, count, types }) => ({
      path,
      count,
      types: [...types],
    }));
    return { undeclared, withheld: this.#withheld };
  }

  restore({ undeclared, withheld }: Pick<DriftState, 'undeclared' | 'withheld'>): void {
    for (const { path, count, types } of undeclared) {
      this.#earlier.set(path, { count, types: new Set(types.filter(isJsonType)) });
    }
    this.#withheld += withheld;
  }

  /** All that was counted, with the names: for the memory of another process alone. */
  share(): SharedFields {
    const fields = [...this.#fields.values()].map(({ path, count, types }) => ({
      path,
      count,
      types: [...types],
    }));
    return { fields, withheld: this.#withheld };
  }

  /** Adds what another process has counted in other pages of the run. */
  absorb({ fields, withheld }: SharedFields): void {
    this.#withheld += withheld;
    for (const { path, count, types } of fields) {
      const field = this.#known(path);
      if (field === null) this.#withheld += count;
      else {
        field.count += count;
        for (const type of types) field.types.add(type);
      }
    }
  }

  /**
   * Fields that are frequent enough, and the count of all others.
   * @param isValue whether a name equals a value of the run that identifies a person
   */
  list(isValue: (name: string) => boolean): {
    readonly shown: readonly ListedField[];
    readonly withheld: number;
  } {
    const fields = [...this.#fields.values()].map(({ path, ...counted }) => {
      const stored = this.#pathOf(path);
      const isNamed = stored !== path && !isValue(path.slice(path.lastIndexOf('.') + 1));
      return { path: stored, ...counted, name: isNamed ? path : null };
    });
    const earlier = [...this.#earlier].map(([path, counted]) => ({ path, ...counted, name: null }));
    const all = [...fields, ...earlier].map((field) => ({ ...field, types: [...field.types] }));
    const isRare = ({ path, count }: ListedField) => count < RECORDS_TO_SHOW && !this.#expected.has(path);
    const rare = all.filter(isRare);
    return {
      shown: all.filter((field) => !isRare(field)),
      withheld: rare.reduce((sum, field) => sum + field.count, this.#withheld),
    };
  }

  #pathOf(path: string): string {
    return this.#expected.has(path) ? path : this.#hideName(path);
  }
}

function mayShow(name: string): boolean {
  return NAME.test(name) && !DIGITS.test(name) && !looksPersonal(name);
}

const BITS = 23;
const LETTER_CASE = 32;

/**
 * The texts of the leaves that identify people, as bits of a table: a text that is in it is always found, and few others
 * are. Only texts that could be a name of a field are entered. It stays in memory.
 */
export class DirectValues {
  readonly #bits = new Uint32Array(2 ** (BITS - 5));
  readonly #leaves: readonly (readonly string[])[];
  /** A resumed run has not seen the values before. */
  #isComplete = true;

  constructor(leaves: readonly (readonly string[])[]) {
    this.#leaves = leaves;
  }

  add(record: JsonObject): void {
    for (const segments of this.#leaves) {
      let value: unknown = record;
      for (let at = 0; at < segments.length; at++)
        value = isObject(value) ? value[segments[at] ?? ''] : undefined;
      if (typeof value === 'string') this.#enter(value);
      else if (Array.isArray(value)) for (const one of value) if (typeof one === 'string') this.#enter(one);
    }
  }

  /** The table, for the memory of another process alone. */
  share(): Uint32Array {
    return this.#bits;
  }

  absorb(bits: Uint32Array): void {
    for (const [at, word] of bits.entries()) if (word !== 0) this.#bits[at] = (this.#bits[at] ?? 0) | word;
  }

  giveUp(): void {
    this.#isComplete = false;
  }

  has(name: string): boolean {
    const bit = findBit(name);
    return !this.#isComplete || bit < 0 || ((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  #enter(text: string): void {
    const bit = findBit(text);
    if (bit >= 0) this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
}

/** The bit of a text, by FNV-1a without regard to case; -1 if it cannot be the name of a field. */
function findBit(text: string): number {
  if (text.length > MAX_LENGTH) return -1;
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isOfName(code)) return -1;
    hash = Math.imul(hash ^ (code | LETTER_CASE), 0x01000193);
  }
  return (hash ^ (hash >>> BITS)) & (2 ** BITS - 1);
}

/** Whether a name can have the character: a letter, a digit or `_`. Most texts end here, at a blank or a dot. */
function isOfName(code: number): boolean {
  const letter = code | LETTER_CASE;
  return (letter >= 97 && letter <= 122) || (code >= 48 && code <= 57) || code === 95;
}
