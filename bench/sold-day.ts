/** A date of the bench, as the SELECTs that make its rows need it. */
export interface SoldDay {
  readonly date: string;
  /** Days since 1970. */
  readonly number: number;
  readonly orders: number;
  /** Where the rows of another dataset are that landed on the model's date, as SQL. */
  readonly sourceOf: (dataset: string) => string;
}

/** The SELECT of a dataset's rows of a day, made of what landed on the model's date. */
export type SelectRows = (dataset: string, source: string, day: SoldDay) => string;

export const ITEMS_PER_ORDER = 3;
