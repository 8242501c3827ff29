import type { DuckDBConnection } from '@duckdb/node-api';
import { addCustody, custodyQuery, readCustody } from '../base/custody.js';
import { quoteName, readRows } from '../base/duckdb.js';
import type { MaskedSegment } from '../base/types/record.js';
import type { Losers } from './duplicates.js';
import { type LandingPlan, relationOf } from './landing-plan.js';

/** A landed column of tokens that may be those of erased people. */
export interface ForgottenColumn {
  readonly name: string;
  readonly isForgotten: (token: string) => boolean;
}

/** The rows of erased people: by tokens, and by places that were found before they were masked. */
export interface Erased {
  readonly columns: readonly ForgottenColumn[];
  readonly places: readonly { readonly page: number; readonly position: number }[];
}

export const NO_ONE: Erased = { columns: [], places: [] };

/** Rows that do not land: duplicates, and those of erased people. */
export interface Dropped extends Losers {
  /** Rows of erased people that are no duplicates. */
  readonly forgotten: number;
}

const TABLE = 'dropped';

/** Adds the rows of erased people to the duplicates. Without tombstones it does nothing. */
export async function dropForgotten(
  connection: DuckDBConnection,
  { columns }: LandingPlan,
  segments: readonly MaskedSegment[],
  duplicates: Losers,
  erased: Erased,
): Promise<Dropped> {
  const tokens = await findTokens(connection, segments, erased.columns);
  if (tokens.length === 0 && erased.places.length === 0) return { ...duplicates, forgotten: 0 };
  const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  await connection.run(
    'create or replace temp table forgotten_tokens as select unnest($tokens) as token',
    { tokens: listValue(tokens) },
    { tokens: LIST(VARCHAR) },
  );
  await connection.run(
    `create or replace temp table forgotten_places as select place.* from (select unnest(from_json($places,
      '[{"page":"INTEGER","position":"INTEGER"}]')) as place)`,
    { places: JSON.stringify(erased.places) },
  );
  const rows = relationOf(segments.map(({ path }) => path));
  const byToken = erased.columns.map(
    ({ name }) => `coalesce(${quoteName(name)} in (from forgotten_tokens), false)`,
  );
  const byPlace = `exists (select 1 from forgotten_places as place
    where place."page" = masked."page" and place."position" = masked."position")`;
  const is = [...byToken, byPlace].join(' or ');
  const others =
    duplicates.table === null
      ? ''
      : `and not exists (select 1 from ${duplicates.table} as duplicate
          where duplicate."page" = masked."page" and duplicate."position" = masked."position")`;
  await connection.run(
    `create or replace temp table ${TABLE} as select "page", "position" from ${rows} as masked where (${is}) ${others}`,
  );
  const names = columns.map(({ name }) => name);
  const gone = `(select rows.* from ${rows} as rows join ${TABLE} using ("page", "position"))`;
  const [row] = await readRows(connection, custodyQuery(names, gone));
  const custody = readCustody(names, row);
  if (duplicates.table !== null) await connection.run(`insert into ${TABLE} from ${duplicates.table}`);
  return {
    pageDrift: duplicates.pageDrift,
    table: TABLE,
    count: duplicates.count,
    custody: addCustody(names, [duplicates.custody, custody]),
    forgotten: custody.rows,
  };
}

/** The tokens of erased people that are in the segments. */
async function findTokens(
  connection: DuckDBConnection,
  segments: readonly MaskedSegment[],
  erased: readonly ForgottenColumn[],
): Promise<string[]> {
  const found = new Set<string>();
  for (const { path } of segments) {
    for (const { name, isForgotten } of erased) {
      const column = quoteName(name);
      const sql = `select ${column} from ${relationOf([path])} where ${column} is not null`;
      const reader = await connection.runAndReadAll(sql);
      for (const token of reader.getColumns()[0] ?? [])
        if (typeof token === 'string' && isForgotten(token)) found.add(token);
    }
  }
  return [...found].sort();
}
