import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { quoteName, readRows } from '../base/duckdb.js';

/** What is measured of a relation. */
export interface MeasureRequest {
  /** For `from`. */
  readonly relation: string;
  /** Columns that someone may know of a person; at least one. */
  readonly quasi: readonly string[];
  readonly sensitive: readonly string[];
  /** The column that names a person; null if each row is a person. */
  readonly person: string | null;
  /** `own`: null is a value like others; `wildcard`: it may be any value. */
  readonly nulls: NullRule;
}

export const NULL_RULES = ['own', 'wildcard'] as const;
export type NullRule = (typeof NULL_RULES)[number];

/**
 * How identifying a relation is. A class is the set of people with the same quasi-identifiers (with `wildcard`: with
 * quasi-identifiers that may be the same); null where a measure is not defined, as of no rows.
 */
export interface Measures {
  readonly rows: number;
  /** Distinct people; the rows where no column names them. */
  readonly people: number;
  readonly classes: number;
  /** People of the smallest class (Sweeney 2002, k-anonymity). */
  readonly k: number | null;
  /** The same without suppressed rows. */
  readonly k_without_suppressed: number | null;
  /** Rows of classes with one person. */
  readonly unique_rows: number;
  /** Mean over the members of 1 / size of the class: classes / rows, where each row is a person. */
  readonly average_risk: number | null;
  /** 1 / k. */
  readonly highest_risk: number | null;
  readonly average_class_size: number | null;
  /** Sum over classes of size² (Bayardo and Agrawal 2005). */
  readonly discernibility: number;
  /** Rows of which every quasi-identifier is null or `*`. */
  readonly suppressed_rows: number;
  readonly sensitive: Readonly<Record<string, SensitiveMeasures>>;
}

/** The worst over all classes, of one sensitive attribute; null is one of its values. q is a share in a class, p the share in all. */
export interface SensitiveMeasures {
  /** Largest share of one value (Wong et al. 2006, (α,k)-anonymity). */
  readonly alpha: number | null;
  /** Fewest distinct values (Machanavajjhala et al. 2007, l-diversity). */
  readonly l: number | null;
  /** floor(exp(H) + 1e-9), H the smallest entropy in nats (the same). */
  readonly entropy_l: number | null;
  /**
   * c of recursive (c,l)-diversity for `recursive_l`, null where l is 1: floor(r₁ / (r_l + … + r_m) + 1), counts of values
   * in rising order. That is pycanon's reading; with the counts in falling order, as in the paper, c would be larger.
   */
  readonly recursive_c: number | null;
  readonly recursive_l: number | null;
  /** max (q − p) / p (Cao and Karras 2012, β-likeness). */
  readonly basic_beta: number | null;
  /** max over values of min(basic β, −ln p) (the same). */
  readonly enhanced_beta: number | null;
  /** max |ln(q / p)| over values that are present (Brickell and Shmatikov 2008, δ-disclosure). */
  readonly delta: number | null;
  /**
   * Text: Σ|q − p| / 2. Numbers: Σ|cumulated q − p| / (m − 1) over the m values in order (Li et al. 2007, t-closeness).
   */
  readonly t: number | null;
}

/**
 * Measures a relation in DuckDB: rows are grouped by all columns, then cells by class, so that nothing but the cells has to be
 * held, and what does not fit is spilled. Makes temporary tables whose names begin with `_measure`.
 */
export async function measure(connection: DuckDBConnection, request: MeasureRequest): Promise<Measures> {
  const { quasi, sensitive, person, nulls } = request;
  const keys = quasi.map((_, index) => `q${index}`);
  const values = sensitive.map((_, index) => `s${index}`);
  const columns = [
    ...quasi.map((name, index) => `${quoteName(name)} as q${index}`),
    ...sensitive.map((name, index) => `${quoteName(name)} as s${index}`),
    ...(person === null ? [] : [`${quoteName(person)} as person`]),
  ];
  const size = person === null ? 'sum(n)::bigint' : 'count(distinct person)';
  await connection.run(
    `create or replace temp table _measure_cells as
     select ${columns.join(', ')}, count(*) as n from ${request.relation} group by all`,
  );
  const isSuppressed = keys.map((key) => `coalesce(${key}::varchar = '*', true)`).join(' and ');
  const hasNull = keys.map((key) => `${key} is null`).join(' or ');
  await connection.run(
    `create or replace temp table _measure_classes as
     select row_number() over () as cls, *, (${isSuppressed}) as is_suppressed, (${hasNull}) as has_null
     from (select ${keys.join(', ')}, sum(n)::bigint as rows_in, ${size} as own_size from _measure_cells group by all)`,
  );
  await makeMembers(connection, { keys, values, person, nulls });
  const sizes = await readSizes(connection, size, person);
  const measures: [string, SensitiveMeasures][] = [];
  for (const [index, name] of sensitive.entries())
    measures.push([name, await measureSensitive(connection, `s${index}`, person)]);
  for (const table of ['cells', 'classes', 'members', 'sizes'])
    await connection.run(`drop table if exists _measure_${table}`);
  return { ...sizes, sensitive: Object.fromEntries(measures) };
}

interface Members extends Pick<MeasureRequest, 'person' | 'nulls'> {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** The cells of each class; with `wildcard`, also those of classes that may be the same one. */
async function makeMembers(
  connection: DuckDBConnection,
  { keys, values, person, nulls }: Members,
): Promise<void> {
  const kept = [...values, ...(person === null ? [] : ['person']), 'n'].map((name) => `cells.${name}`);
  const isSame = keys.map((key) => `cells.${key} is not distinct from classes.${key}`).join(' and ');
  await connection.run(
    `create or replace temp view _measure_own as
     select classes.cls, classes.is_suppressed, ${kept.join(', ')}
     from _measure_cells as cells join _measure_classes as classes on ${isSame}`,
  );
  if (nulls === 'own') {
    await connection.run(`create or replace temp table _measure_members as from _measure_own`);
    return;
  }
  const fits = keys
    .map((key) => `(a.${key} is null or b.${key} is null or a.${key} = b.${key})`)
    .join(' and ');
  const members = kept.map((name) => name.replace('cells.', 'own.'));
  await connection.run(
    `create or replace temp table _measure_members as
     with pairs as (
       select a.cls, b.cls as other from _measure_classes as a join _measure_classes as b
       on (a.has_null or b.has_null) and ${fits}
       union all select cls, cls from _measure_classes where not has_null
     )
     select pairs.cls, own.is_suppressed, ${members.join(', ')}
     from pairs join _measure_own as own on own.cls = pairs.other`,
  );
}

async function readSizes(
  connection: DuckDBConnection,
  size: string,
  person: string | null,
): Promise<Omit<Measures, 'sensitive'>> {
  await connection.run(
    `create or replace temp table _measure_sizes as
     select cls, ${size} as size, ${size.replace(')', ') filter (not is_suppressed)')} as shown_size
     from _measure_members group by cls`,
  );
  const people = person === null ? 'sum(n)::bigint' : 'count(distinct person)';
  const [row = {}] = await readRows(
    connection,
    `select (select sum(n)::bigint from _measure_cells) as "rows",
       (select ${people} from _measure_cells) as people,
       count(*) as classes,
       min(size) as k,
       min(shown_size) filter (not is_suppressed) as k_without_suppressed,
       sum(rows_in) filter (size = 1) as unique_rows,
       sum(own_size / size) / sum(own_size) as average_risk,
       1 / min(size) as highest_risk,
       avg(size) as average_class_size,
       sum(own_size * size) as discernibility,
       sum(rows_in) filter (is_suppressed) as suppressed_rows
     from _measure_classes join _measure_sizes using (cls)`,
  );
  const number = (name: string): number | null => toNumber(row[name]);
  return {
    rows: number('rows') ?? 0,
    people: number('people') ?? 0,
    classes: number('classes') ?? 0,
    k: number('k'),
    k_without_suppressed: number('k_without_suppressed'),
    unique_rows: number('unique_rows') ?? 0,
    average_risk: number('average_risk'),
    highest_risk: number('highest_risk'),
    average_class_size: number('average_class_size'),
    discernibility: number('discernibility') ?? 0,
    suppressed_rows: number('suppressed_rows') ?? 0,
  };
}

/** A person weighs once for each class and value. */
async function measureSensitive(
  connection: DuckDBConnection,
  value: string,
  person: string | null,
): Promise<SensitiveMeasures> {
  const count = person === null ? 'sum(n)::double' : 'count(distinct person)::double';
  await connection.run(
    `create or replace temp table _measure_shares as
     select value, total / sum(total) over () as p, row_number() over (order by value nulls first) as i,
       sum(total) over (order by value nulls first) / sum(total) over () as cum
     from (select value, sum(n) as total
       from (select cls, ${value} as value, ${count} as n from _measure_own group by all) group by value)`,
  );
  await connection.run(
    `create or replace temp table _measure_hist as
     select hist.*, sum(n) over (partition by cls) as size, p, i
     from (select cls, ${value} as value, ${count} as n from _measure_members group by all) as hist
     join _measure_shares as shares on shares.value is not distinct from hist.value`,
  );
  const [row = {}] = await readRows(connection, WORST);
  const l = toNumber(row['l']);
  const t = (await isNumeric(connection)) ? await readOrderedDistance(connection) : toNumber(row['t']);
  for (const table of ['hist', 'shares']) await connection.run(`drop table _measure_${table}`);
  return {
    alpha: toNumber(row['alpha']),
    l,
    entropy_l: toNumber(row['entropy_l']),
    recursive_c: l === null || l < 2 ? null : toNumber(row['recursive_c']),
    recursive_l: l,
    basic_beta: toNumber(row['basic_beta']),
    enhanced_beta: toNumber(row['enhanced_beta']),
    delta: toNumber(row['delta']),
    t,
  };
}

/**
 * With counts r₁ ≤ … ≤ r_m, r₁ / (r_l + … + r_m) is 1 where m = l and all counts are the same, else below 1: so c is 2 or 1.
 */
const WORST = `
  with classes as (
    select count(*) as l, min(n) = max(n) as is_even, max(n / size) as alpha,
      ln(any_value(size)) - sum(n * ln(n)) / any_value(size) as entropy,
      max(n / size / p) - 1 as beta,
      greatest(ln(max(n / size / p)), -ln(min(n / size / p))) as delta,
      (1 + sum(abs(n / size - p) - p)) / 2 as t
    from _measure_hist group by cls
  ), worst as (select min(l) as l, max(beta) as beta from classes)
  select max(classes.l) as most, any_value(worst.l) as l, max(alpha) as alpha,
    floor(exp(min(entropy)) + 1e-9) as entropy_l,
    1 + max((is_even and classes.l = worst.l)::int) as recursive_c,
    any_value(worst.beta) as basic_beta,
    least(any_value(worst.beta), (select max(-ln(p)) from _measure_shares)) as enhanced_beta,
    max(delta) as delta, max(t) as t
  from classes, worst`;

async function isNumeric(connection: DuckDBConnection): Promise<boolean> {
  const [row] = await readRows(
    connection,
    `select data_type similar to '(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)' as is_numeric
     from duckdb_columns() where table_name = '_measure_hist' and column_name = 'value'`,
  );
  return row?.['is_numeric'] === true;
}

/**
 * The largest ordered distance of a class. Between two values of a class its cumulated share q is constant and that of all
 * rises: of the values in the gap, the first have a share of at most q and the others a larger one. An ASOF join finds where
 * that changes, and sums of the cumulated shares give both parts, so that absent values need no cells.
 */
async function readOrderedDistance(connection: DuckDBConnection): Promise<number | null> {
  const [row] = await readRows(
    connection,
    `with shares as (select i, cum, sum(cum) over (order by i) as total from _measure_shares),
      bounds as (select count(*) as m from shares),
      steps as (
        select cls, sum(n) over (partition by cls order by i) / size as q, i as first,
          coalesce(lead(i) over (partition by cls order by i), m + 1) as next
        from _measure_hist, bounds
      ),
      -- Before the first value of a class, q is 0.
      all_steps as (
        from steps union all
        select cls, 0 as q, 1 as first, min(i) as next from _measure_hist group by cls having min(i) > 1
      ),
      turns as (
        select all_steps.*, least(greatest(coalesce(shares.i, 0), first - 1), next - 1) as turn
        from all_steps asof left join shares on all_steps.q >= shares.cum
      ),
      distances as (
        select cls, sum(
          q * (turn - first + 1) - (coalesce(at_turn.total, 0) - coalesce(before.total, 0))
          + (at_end.total - coalesce(at_turn.total, 0)) - q * (next - 1 - turn)
        ) as distance
        from turns
        left join shares as before on before.i = first - 1
        left join shares as at_turn on at_turn.i = turn
        join shares as at_end on at_end.i = next - 1
        group by cls
      )
    select max(distance) / nullif(any_value(m) - 1, 0) as t from distances, bounds`,
  );
  return toNumber(row?.['t']);
}

function toNumber(value: DuckDBValue | undefined): number | null {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  // Sums of whole numbers are HUGEINT or DECIMAL.
  return value === null || value === undefined ? null : Number(String(value));
}
