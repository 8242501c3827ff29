import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteText, quoteTextList, readRows, toNumber } from '../../base/duckdb.js';
import { parseJson } from '../../base/json-values.js';
import { type ReleaseResult, releaseSchema } from '../../base/types/release-result.js';
import { type Frame, type Levels, NO_DATE, selectSuppressed } from './classes.js';
import type { Candidate } from './choose-levels.js';

/** Combinations in a statement: more make its plan too large. */
const AT_ONCE = 50;

/**
 * What the warehouse keeps of releases in `ops`, so that a new date does not cost a year: what each combination of levels
 * makes of each date, and what was published.
 */
export class ReleaseStore {
  readonly #connection: DuckDBConnection;
  readonly #name: string;

  constructor(connection: DuckDBConnection, release: string) {
    this.#connection = connection;
    this.#name = release;
  }

  /** Creates the tables where they are missing, and keeps what they hold of releases with some names. */
  static async prepare(connection: DuckDBConnection, names: readonly string[]): Promise<void> {
    await connection.run(`create table if not exists ops.release_levels
      (release varchar, date date, levels integer[], people bigint, suppressed bigint, t double)`);
    await connection.run(
      `create table if not exists ops.release_builds (release varchar, digest varchar, levels integer[], result varchar)`,
    );
    for (const table of ['release_levels', 'release_builds'])
      await connection.run(
        `delete from ops.${table} where not list_contains(${quoteTextList(names)}::varchar[], release)`,
      );
  }

  /** What is published; null for nothing. `catalog` is that of another file. */
  async readBuilt(
    catalog: string | null = null,
  ): Promise<{ readonly digest: string; readonly levels: Levels; readonly result: ReleaseResult } | null> {
    const table = `${catalog === null ? '' : `${catalog}.`}ops.release_builds`;
    const [row] = await readRows(
      this.#connection,
      `select digest, levels::json::varchar as levels, result from ${table} where release = ${quoteText(this.#name)}`,
    );
    const { data: result } = releaseSchema.safeParse(parseJson(String(row?.['result'])));
    if (row === undefined || result === undefined) return null;
    return { digest: String(row['digest']), levels: toLevels(row['levels']), result };
  }

  /** Forgets what combinations make of some dates; of all where no dates are given. */
  async forget(dates: readonly string[] | null): Promise<void> {
    const some = dates === null ? '' : ` and list_contains(${quoteTextList(dates)}::date[], date)`;
    await this.#connection.run(
      `delete from ops.release_levels where release = ${quoteText(this.#name)}${some}`,
    );
  }

  /** Measures what some combinations make of the dates of a frame. */
  async measure(frame: Frame, combinations: readonly Levels[]): Promise<void> {
    for (let from = 0; from < combinations.length; from += AT_ONCE) {
      const parts = combinations
        .slice(from, from + AT_ONCE)
        .map(
          (levels) => `select *, ${writeLevels(levels)} as levels from (${selectSuppressed(frame, levels)})`,
        );
      await this.#connection.run(
        `insert into ops.release_levels
         select ${quoteText(this.#name)}, nullif(d, date '${NO_DATE}'), levels, people, suppressed, null
         from (${parts.join(' union all ')})`,
      );
    }
  }

  async recordT(levels: Levels, date: string | null, t: number): Promise<void> {
    await this.#connection.run(
      `update ops.release_levels set t = ${t} where release = ${quoteText(this.#name)}
       and levels = ${writeLevels(levels)} and date is not distinct from ${writeDate(date)}`,
    );
  }

  /** What each combination makes of all dates. */
  async sum(): Promise<ReadonlyMap<string, Omit<Candidate, 'loss' | 'levels'>>> {
    const rows = await readRows(
      this.#connection,
      `select levels::json::varchar as levels, sum(people) as people, sum(suppressed) as suppressed
       from ops.release_levels where release = ${quoteText(this.#name)} group by levels`,
    );
    return new Map(
      rows.map(({ levels, people, suppressed }) => [
        JSON.stringify(toLevels(levels)),
        { people: toNumber(people), suppressed: toNumber(suppressed) },
      ]),
    );
  }

  /** The largest t of a combination by date, where it is known. */
  async readT(levels: Levels): Promise<ReadonlyMap<string | null, number | null>> {
    const rows = await readRows(
      this.#connection,
      `select date::varchar as date, t from ops.release_levels
       where release = ${quoteText(this.#name)} and levels = ${writeLevels(levels)}`,
    );
    return new Map(
      rows.map(({ date, t }) => [date === null ? null : String(date), t === null ? null : Number(t)]),
    );
  }

  async recordBuilt(digest: string, levels: Levels, result: ReleaseResult): Promise<void> {
    await this.#connection.run(`delete from ops.release_builds where release = ${quoteText(this.#name)}`);
    await this.#connection.run(
      `insert into ops.release_builds values ($name, $digest, ${writeLevels(levels)}, $result)`,
      { name: this.#name, digest, result: JSON.stringify(result) },
    );
  }
}

function toLevels(value: unknown): number[] {
  const parsed = parseJson(String(value));
  return Array.isArray(parsed) ? parsed.map(Number) : [];
}

function writeLevels(levels: Levels): string {
  return `[${levels.join(', ')}]::integer[]`;
}

function writeDate(date: string | null): string {
  return date === null ? 'null' : `date '${date}'`;
}
