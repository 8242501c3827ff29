/** A date of the benchmark, for the SELECTs that make its rows. */
export interface SoldDay {
  readonly date: string;
  /** Days since 1970. */
  readonly number: number;
  readonly orders: number;
  /** SQL source of another dataset's rows on the model's date. */
  readonly sourceOf: (dataset: string) => string;
}

/** The SELECT of a dataset's rows of a day, derived from the rows of the model's date. */
export type SelectRows = (dataset: string, source: string, day: SoldDay) => string;

export const ITEMS_PER_ORDER = 3;

/** An expression for a token of a number, of the form that lands. */
export function tokenOf(number: string): string {
  return `'bench_' || md5((${number})::varchar)`;
}
