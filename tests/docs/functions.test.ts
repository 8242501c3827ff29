import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRows, withInstance } from '../../src/base/duckdb.js';
import { FUNCTIONS, listNames } from '../../src/warehouse/sql/functions.js';

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'functions.md');

it('docs/functions.md lists the functions that SQL may call', async () => {
  const [head = ''] = readFileSync(FILE, 'utf8').split('\n## ');
  const groups = Object.entries(FUNCTIONS).map(
    ([name, group]) => `## ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}\n\n${listCode(group)}\n`,
  );
  await expect(`${head.trimEnd()}\n\n${groups.join('\n')}`).toMatchFileSnapshot(FILE);
});

/** The parser makes operators of these. */
const SYNTAX = [
  '->',
  'coalesce',
  'current_time',
  'current_timestamp',
  'ifnull',
  'localtime',
  'localtimestamp',
  'unnest',
];

it('each of them is a function of DuckDB', async () => {
  const known = await withInstance({}, async (connection) => {
    const rows = await readRows(
      connection,
      'select distinct lower(function_name) as name from duckdb_functions()',
    );
    return new Set(rows.map(({ name }) => String(name)));
  });
  const unknown = Object.values(FUNCTIONS)
    .flatMap(listNames)
    .filter((name) => !known.has(name) && !SYNTAX.includes(name));
  expect(unknown).toEqual([]);
});

function listCode(group: string): string {
  return `\`\`\`text\n${wrap(listNames(group))}\n\`\`\``;
}

function wrap(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + name.length > 100) lines.push(name);
    else lines[lines.length - 1] = line === '' ? name : `${line} ${name}`;
  }
  return lines.join('\n');
}
