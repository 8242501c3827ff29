import { OPS_TABLES } from '../../src/warehouse/file/ops-tables.js';

/** What the columns of several tables of `ops` hold. */
const SHARED: Readonly<Record<string, string>> = {
  pipeline: 'name of the pipeline',
  dataset: 'name of the dataset',
  date: 'the landed date',
  slot: 'the hour, of datasets that land by the hour',
  run_id: 'the run',
  fetched: 'records that the source sent',
  landed: 'records that landed',
  rejected: 'records that the contract rejected',
  duplicates: 'records with the key of another one',
  forgotten: 'records left out because their person was erased; always 0 in this version',
  path: 'place in the contract, or a keyed hash of a field that it does not list',
  count: 'how many records',
  tool_version: 'version of Lakeveil',
};

/** What a row of each table stands for, and its own columns. */
const TABLES: Readonly<
  Record<string, { readonly row: string; readonly columns: Readonly<Record<string, string>> }>
> = {
  partitions: {
    row: 'A landed file, or a partition without rows. Its counts are in the row of its first file.',
    columns: {
      run_id: 'the run that landed it',
      file: 'path of the file in the lake; null for a partition without rows',
      rows: 'rows of the file',
      rows_before: 'rows of the files before it in the partition',
      bytes: 'size of the file',
      sha256: 'hash of the file',
      policy_sha256: 'hash of the landing list and drop list',
      key_id: 'id of the key of its tokens',
      adopted: 'whether `adopt` imported it',
      source: 'kind of the source, or origin and path of an API',
      landed_at: 'time of the commit',
    },
  },
  runs: {
    row: 'A run in the ledger, with the sums of its datasets.',
    columns: {
      command: 'the command that ran',
      date: 'the date that it was run for; null for all dates',
      status: '`running`, `succeeded`, `unchanged`, `failed` or `interrupted`',
      started_at: 'time of its start',
      finished_at: 'time of its end; null while it runs',
      error_code: 'code of the error that ended it',
      cpu_ms: 'CPU time of the process; null if it shared its process',
      peak_memory_bytes: 'greatest memory of the process; null if it shared its process',
    },
  },
  rejects: {
    row: 'A reason why a run rejected records.',
    columns: { code: 'the reason' },
  },
  checks: {
    row: 'What a check found in a run.',
    columns: {
      check: 'name of the check',
      dataset: 'the dataset; null for an SQL file',
      date: 'the checked date; null for whole tables',
      severity: '`error` or `warn`',
      passed: 'whether it passed',
      found: 'rows that are wrong; rows of `row_count` and `volume`; days of `freshness`',
      tokens: 'tokens of a few of those rows',
    },
  },
  drift: {
    row: 'A way in which the records of a run differ from the contract.',
    columns: { kind: '`new_field`, `missing_field`, `changed_type` or `new_enum_value`' },
  },
  privacy: {
    row: 'A dataset that a run masked, or a date of a release that it built.',
    columns: {
      rows: 'landed rows',
      singled_out: 'share of rows, 0 to 1, that are unique on the kept columns',
      custody_passed: 'whether the control totals agreed; null if they were not reached',
      shapes_passed: 'whether every cell had its shape; null if that was not reached',
      nulled: 'cells that `x-on-invalid: set_null` set to null',
      nulled_paths: 'the leaves of these cells',
      release: 'the release; null in the row of a dataset, as all columns below',
      people: 'people of the date, or rows where no column names people',
      suppressed: 'people of whom a row is left out',
      k_before: 'people in the smallest class of the table that it is made of',
      k: 'people in the smallest class of the release',
      l: 'different values in the poorest class, of the worst sensitive column; null without one',
      t: 'largest distance of a class from all rows, of the worst sensitive column; null without one',
      levels: 'what each quasi-identifier is generalized to',
      changed_classes:
        'classes that differ from the version before by fewer than k people; null if not compared',
    },
  },
  lineage: {
    row: 'A column of a table, or without a column the rows of a table: what readers may see of it.',
    columns: {
      relation: 'schema and table',
      pipeline: 'name of the pipeline; null for a table of `ops`',
      column: 'name of the column; null for the rows of the table',
      is_personal: 'whether the table reads a dataset with tokens',
      is_token: 'whether it is made of a token',
      is_quasi: 'whether it derives from a field of class `quasi`',
      raw_only: 'names from the column back to the raw-only column that it derives from',
      untraced: 'an operation of its plan that is not known, so that it counts as reading everything',
      has_reason: 'whether a model of silver gives the reason, so that others need none',
      is_exposed: 'whether its own model gives the reason',
    },
  },
};

/** The tables of `ops` with a note on each column. @throws RangeError if a table or a column has none */
export function describeOps(): {
  table: string;
  row: string;
  columns: [name: string, type: string, is: string][];
}[] {
  return Object.entries(OPS_TABLES).map(([table, types]) => {
    const notes = TABLES[table];
    if (notes === undefined) throw new RangeError(`ops.${table} has no note in scripts/docs/ops-notes.ts`);
    const columns = Object.entries(types).map(([name, type]): [string, string, string] => {
      const is = notes.columns[name] ?? SHARED[name];
      if (is === undefined)
        throw new RangeError(`ops.${table}.${name} has no note in scripts/docs/ops-notes.ts`);
      return [name, type, is];
    });
    return { table, row: notes.row, columns };
  });
}
