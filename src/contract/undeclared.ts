import { isJsonType, type JsonType } from '../base/json-values.js';
import { looksPersonal } from '../base/text/personal-text.js';
import type { DriftState } from '../base/types/resume.js';

/** Replaces the name of an undeclared field that could itself be personal data. */
export const WITHHELD = '<name withheld>';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
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

/** Counts undeclared fields over a run. Keeps at most 1,000 names, so that data used as keys cannot fill the memory. */
export class UndeclaredFields {
  readonly #fields = new Map<string, UndeclaredField>();
  #withheld = 0;

  /** The field to count, or null if the name is always withheld. */
  find(parent: string, name: string): UndeclaredField | null {
    if (!mayShow(name)) return null;
    const path = parent === '' ? name : `${parent}.${name}`;
    const known = this.#fields.get(path);
    if (known !== undefined) return known;
    if (this.#fields.size >= MAX_NAMES) return null;
    const field = { path, count: 0, types: new Set<JsonType>() };
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
    const undeclared = fields.map(({ path, count, types }) => ({ path, count, types: [...types] }));
    return { undeclared, withheld: this.#withheld };
  }

  restore({ undeclared, withheld }: Pick<DriftState, 'undeclared' | 'withheld'>): void {
    for (const { path, count, types } of undeclared) {
      this.#fields.set(path, { path, count, types: new Set(types.filter(isJsonType)) });
    }
    this.#withheld += withheld;
  }

  /** Fields that can be named, and the count of all others. */
  list(): { readonly shown: readonly UndeclaredField[]; readonly withheld: number } {
    const fields = [...this.#fields.values()];
    const rare = fields.filter((field) => field.count < RECORDS_TO_SHOW);
    return {
      shown: fields.filter((field) => field.count >= RECORDS_TO_SHOW),
      withheld: rare.reduce((sum, field) => sum + field.count, this.#withheld),
    };
  }
}

function mayShow(name: string): boolean {
  return NAME.test(name) && !DIGITS.test(name) && !looksPersonal(name);
}
