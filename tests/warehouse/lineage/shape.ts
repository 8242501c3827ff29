/** A statement, what its columns are made of, and what decides its rows. */
export interface Shape {
  readonly sql: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: string;
}
