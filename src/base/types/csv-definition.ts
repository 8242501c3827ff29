/** How a body of CSV is written. */
export interface CsvDefinition {
  /** One character; of `quote` also '' where cells are not quoted. */
  readonly delimiter: string;
  readonly quote: string;
  /** Lines above the header line. */
  readonly skipLines: number;
  /** Cells that stand for null, beside the empty one. */
  readonly nullValues: readonly string[];
  /** Numbers are written as `1,5`. */
  readonly decimalComma: boolean;
}

/** As in RFC 4180. */
export const PLAIN_CSV: CsvDefinition = {
  delimiter: ',',
  quote: '"',
  skipLines: 0,
  nullValues: [],
  decimalComma: false,
};
