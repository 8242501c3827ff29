/** A statement, what each of its columns is made of or decided by, and what decides its rows. */
export interface Shape {
  readonly sql: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: string;
}
