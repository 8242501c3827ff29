import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { PROVIDERS } from '../../src/anonymize/email.js';
import { explainPolicy, type PolicyExplanation } from '../../src/anonymize/explain.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { readRows, withInstance } from '../../src/base/duckdb.js';
import { SQL_WORDS } from '../../src/base/text/sql-words.js';
import type { DatasetDefinition } from '../../src/base/types/definition.js';
import { loadPipeline } from '../../src/definition/load-project.js';
import { columnOf, datasetOf, leafOf } from './bench.js';

async function loadPersons(): Promise<DatasetDefinition> {
  const projectDir = fileURLToPath(new URL('../../', import.meta.url));
  const project = { projectDir, variables: new Map(), places: 'nowhere', treatments: TREATMENTS };
  const persons = (await loadPipeline(project, 'persons')).datasets.get('persons');
  if (persons === undefined) throw new Error('there is no dataset persons');
  return persons;
}

describe('the shipped persons, explained', () => {
  let dataset: DatasetDefinition;
  let explained: PolicyExplanation;
  beforeAll(async () => {
    dataset = await loadPersons();
    explained = explainPolicy(dataset, compilePolicy(dataset, 'k1'));
  });

  test('name every column with its decision, in the order of the landing list', () => {
    expect(explained.columns.map(({ column }) => column)).toEqual(dataset.landing.map(({ name }) => name));
    expect(explained.columns[0]).toEqual({
      column: 'person_token',
      from: ['firstname', 'lastname', 'email', 'phone', 'birthday'],
      each: false,
      part: null,
      class: 'direct',
      treatment: 'token',
      params: { scope: 'person', normal: 'text' },
      reveals: 'equality; whoever holds the key can test guesses',
      raw_only: false,
      reviewed: null,
    });
    expect(explained.columns.find(({ column }) => column === 'phone')).toMatchObject({
      treatment: 'mask',
      params: { keep_first: 0, keep_last: 0, keep_country: true },
      reveals: 'the calling code',
    });
  });

  test('leave no leaf of the contract out', () => {
    const named = [
      ...explained.columns.flatMap(({ from }) => from),
      ...explained.dropped.map(({ path }) => path),
    ];
    expect(new Set(named)).toEqual(new Set(dataset.contract.leaves.keys()));
    expect(explained.dropped).toContainEqual({ path: 'website', class: 'direct' });
  });

  test('show the statement that runs, its parameters by name, and no key', () => {
    const { select, parameters } = compilePolicy(dataset, 'k1');
    expect(explained.sql.endsWith(select)).toBe(true);
    const head = explained.sql.slice(0, -select.length).split('\n');
    expect(head).toContain(`-- $providers: a list of ${PROVIDERS.length} texts`);
    expect(head).toContain('-- $key_token_person_inner: inner pad of the token key of scope person (secret)');
    for (const name of ['pages', ...parameters.keys()]) {
      expect(head.filter((line) => line.startsWith(`-- $${name}: `))).toHaveLength(1);
      expect(select).toContain(`$${name}`);
    }
    expect(explained.sql).not.toContain('gmail.com');
  });

  test('say what masking does not do', () => {
    expect(explained.caveats).toEqual([
      'city, country, country_code: a pattern bounds the form, not the meaning',
      'the raw zone is restricted: what is kept in it singles people out when put together. Masked is not anonymous',
    ]);
  });
});

test('a dataset without kept patterns and with an open raw zone has no caveats', () => {
  const code = leafOf('code', { bound: { kind: 'pattern', pattern: '^[A-Z]{2}$', maxLength: null } });
  const dataset = datasetOf([columnOf('code', [code], 'redact')], { rawZone: 'open' });
  expect(explainPolicy(dataset, compilePolicy(dataset, 'k1')).caveats).toEqual([]);
});

test("a reviewer's reason and the date are shown", () => {
  const born = leafOf('born', { type: 'DATE' });
  const column = {
    ...columnOf('born', [born], 'truncate_date', { unit: 'year' }),
    reviewed: 'agreed with the clinic',
  };
  const dataset = datasetOf([column]);
  const explained = explainPolicy(dataset, compilePolicy(dataset, 'k1'));
  expect(explained.columns[0]).toMatchObject({ reviewed: 'agreed with the clinic', reveals: 'the year' });
  expect(explained.sql).toContain("-- $date: the partition's date");
});

test('a column with a name that SQL reads as a word is warned of', () => {
  const dataset = datasetOf(
    [columnOf('at', [leafOf('at')], 'redact'), columnOf('city', [leafOf('city')], 'redact')],
    { rawZone: 'open' },
  );
  expect(explainPolicy(dataset, compilePolicy(dataset, 'k1')).caveats).toEqual([
    'at is a word of SQL: in queries, write the column as "at" or t.at',
  ]);
});

test('words of SQL are those that DuckDB does not read as a column', async () => {
  const words = await withInstance({}, async (connection) => {
    const found: string[] = [];
    for (const { word } of await readRows(connection, 'select keyword_name as word from duckdb_keywords()')) {
      const sql = `select a + ${String(word)}, ${String(word)} from t where ${String(word)} > 1 order by ${String(word)}`;
      const [row] = await readRows(connection, 'select json_serialize_sql($sql::varchar)::varchar as tree', {
        sql,
      });
      if (!String(row?.['tree']).includes(`"column_names":["${String(word)}"]`)) found.push(String(word));
    }
    return found.sort();
  });
  expect(words).toEqual([...SQL_WORDS].sort());
});
