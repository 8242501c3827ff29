import type { JsonType } from '../base/json-values.js';
import { looksPersonal } from '../base/text/personal-text.js';

/** Written where the name of an undeclared field may be somebody's data. */
export const WITHHELD = '<name withheld>';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
const DIGITS = /\d{4}/;
/** A name is a fact of the source, and not of one person, once this many records had it. */
const RECORDS_TO_SHOW = 20;
const MAX_NAMES = 1_000;

/** An undeclared field whose name may be shown once it has been met often enough. */
export interface UndeclaredField {
  readonly path: string;
  count: number;
  readonly types: Set<JsonType>;
}

/** Counts undeclared fields over a run; holds at most 1,000 names, so that data used as keys cannot fill the memory. */
export class UndeclaredFields {
  readonly #fields = new Map<string, UndeclaredField>();
  #withheld = 0;

  /** The field to count under, or null where the name is withheld whatever comes. */
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

  /** Fields that may be named, and how many times others were met. */
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
