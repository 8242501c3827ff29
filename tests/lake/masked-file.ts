import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../../src/base/duckdb.js';

/** Columns of a Parquet file of people as another program might have masked them, as SQL over `i`, a row's number. */
export const MASKED_COLUMNS = {
  person_token: `'k1_' || lpad(i::varchar, 32, '0')`,
  email_token: `'k1_' || lpad(i::varchar, 32, 'e')`,
  firstname: `'***'`,
  lastname: `'***'`,
  email: `'***@gmail.com'`,
  phone: `'+49*****'`,
  birthday: `date '1990-05-17' + i::integer`,
  gender: `case when i % 2 = 0 then 'female' else 'male' end`,
  street: `'***'`,
  city: `'Köln'`,
  zipcode: `'10'`,
  country: `'Germany'`,
  country_code: `'DE'`,
  latitude: '52.0',
  longitude: 'null::double',
} as const;

export type Columns = Partial<Record<keyof typeof MASKED_COLUMNS, string | null>> &
  Readonly<Record<string, string | null>>;

/** Writes `rows` masked people to a Parquet file; `changes` replaces columns, adds some, or (null) leaves them out. */
export async function writeMaskedFile(path: string, rows: number, changes: Columns = {}): Promise<void> {
  const columns = Object.entries({ ...MASKED_COLUMNS, ...changes }).flatMap(([name, sql]) =>
    sql === null ? [] : [`${sql} as ${name}`],
  );
  await writeParquet(path, `select ${columns.join(', ')} from range(${rows}) as r(i)`);
}

export async function writeParquet(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run(`set TimeZone = 'UTC'`);
    await connection.run(`copy (${query}) to ${quoteText(path)} (format parquet)`);
  } finally {
    instance.closeSync();
  }
}
