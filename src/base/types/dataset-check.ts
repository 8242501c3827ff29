/** What a definition says must hold of the rows that a dataset lands, date by date. Types only, for every stage. */

/** `error` stops the publication of the tables; `warn` prints a warning. */
export const SEVERITIES = ['error', 'warn'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface DatasetCheck {
  /** `<dataset>.<kind>`, with the columns behind it where there are any. */
  readonly name: string;
  readonly severity: Severity;
  readonly rule: CheckRule;
}

/** A rule on a column passes over nulls, but for `missing`, which is about them. */
export type CheckRule =
  | { readonly kind: 'row_count'; readonly min: number | null; readonly max: number | null }
  /** At most this share of the rows, 0 to 1, is null. */
  | { readonly kind: 'missing'; readonly column: string; readonly maxShare: number }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | {
      readonly kind: 'accepted_values';
      readonly column: string;
      readonly values: readonly (string | number | boolean)[];
    }
  /** Both ends are inside; texts are dates, `YYYY-MM-DD`. */
  | {
      readonly kind: 'range';
      readonly column: string;
      readonly min: number | string | null;
      readonly max: number | string | null;
    }
  /** RE2; found anywhere in the text unless anchored. */
  | { readonly kind: 'pattern'; readonly column: string; readonly pattern: string }
  /**
   * The newest value of a column is at most this much older than the date of its rows; without a column, the newest
   * landed date than today.
   */
  | {
      readonly kind: 'freshness';
      readonly column: string | null;
      readonly maxAgeDays: number;
      /** The time of day, `06:00`, before which the newest date is not due; null for the start of the day. */
      readonly expectedBy: string | null;
    }
  /** Each value stands in a column of another dataset, as landed on the same date, else on the last before it. */
  | {
      readonly kind: 'references';
      readonly column: string;
      readonly dataset: string;
      readonly target: string;
    }
  /** The rows of a date are within these shares of the mean of the last landed dates before it; null for no limit. */
  | {
      readonly kind: 'volume';
      readonly dates: number;
      readonly below: number | null;
      readonly above: number | null;
    };
