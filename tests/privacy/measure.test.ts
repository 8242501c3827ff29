import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteName, quoteText, withInstance } from '../../src/base/duckdb.js';
import {
  measure,
  type MeasureRequest,
  type Measures,
  type SensitiveMeasures,
} from '../../src/privacy/measure.js';

type Value = string | number | null;
type Row = Readonly<Record<string, Value>>;

const NAMES = ['zip, code', '"age"', 'select'] as const;
const ROOM = { memoryLimitMb: 512, threads: 2 };

/** Measures rows of which all have the same columns. */
function measureRows(
  rows: readonly Row[],
  request: Omit<MeasureRequest, 'relation'>,
  types: Readonly<Record<string, string>>,
): Promise<Measures> {
  const columns = Object.keys(types);
  return withInstance(ROOM, async (connection) => {
    const defined = columns.map((name) => `${quoteName(name)} ${types[name] ?? ''}`);
    await connection.run(`create table things (${defined.join(', ')})`);
    const literal = (value: Value): string => (typeof value === 'string' ? quoteText(value) : String(value));
    const tuples = rows.map((row) => `(${columns.map((name) => literal(row[name] ?? null)).join(', ')})`);
    if (rows.length > 0) await connection.run(`insert into things values ${tuples.join(', ')}`);
    return measure(connection, { ...request, relation: 'things' });
  });
}

/** The same by the definitions, row by row. */
function measureByHand(
  rows: readonly Row[],
  { quasi, sensitive, person, nulls }: Omit<MeasureRequest, 'relation'>,
): {
  k: number;
  averageRisk: number;
  uniqueRows: number;
  sensitive: Record<string, Partial<SensitiveMeasures>>;
} {
  const fits = (a: Row, b: Row): boolean =>
    quasi.every((name) => {
      const [left, right] = [a[name] ?? null, b[name] ?? null];
      return left === right || (nulls === 'wildcard' && (left === null || right === null));
    });
  const peopleOf = (members: readonly Row[]): number =>
    person === null ? members.length : new Set(members.map((row) => row[person])).size;
  const keyOf = (row: Row): string => JSON.stringify(quasi.map((name) => row[name]));
  const classes = [...new Map(rows.map((row) => [keyOf(row), row])).values()].map((head) => ({
    own: rows.filter((row) => keyOf(row) === keyOf(head)),
    members: rows.filter((row) => fits(head, row)),
  }));
  const own = classes.map((one) => peopleOf(one.own));
  const sizes = classes.map(({ members }) => peopleOf(members));
  const total = own.reduce((sum, size) => sum + size, 0);
  return {
    k: Math.min(...sizes),
    averageRisk: own.reduce((sum, size, index) => sum + size / (sizes[index] ?? 0), 0) / total,
    uniqueRows: classes
      .filter((_, index) => sizes[index] === 1)
      .reduce((sum, one) => sum + one.own.length, 0),
    sensitive: Object.fromEntries(sensitive.map((name) => [name, measureValues(classes, name, peopleOf)])),
  };
}

function measureValues(
  classes: readonly { readonly own: readonly Row[]; readonly members: readonly Row[] }[],
  name: string,
  peopleOf: (members: readonly Row[]) => number,
): Partial<SensitiveMeasures> {
  const count = (members: readonly Row[]): Map<Value, number> => {
    const values = [...new Set(members.map((row) => row[name] ?? null))];
    return new Map(
      values.map((value) => [value, peopleOf(members.filter((row) => (row[name] ?? null) === value))]),
    );
  };
  const all = new Map<Value, number>();
  for (const { own } of classes)
    for (const [value, n] of count(own)) all.set(value, (all.get(value) ?? 0) + n);
  const total = [...all.values()].reduce((sum, n) => sum + n, 0);
  const order = [...all.keys()].sort((a, b) =>
    a === null ? -1 : b === null ? 1 : typeof a === 'number' ? a - Number(b) : a < String(b) ? -1 : 1,
  );
  const p = order.map((value) => (all.get(value) ?? 0) / total);
  const worst = { alpha: 0, l: Infinity, entropy: Infinity, beta: -Infinity, delta: 0, text: 0, numbers: 0 };
  const counts: number[][] = [];
  for (const { members } of classes) {
    const found = count(members);
    const size = [...found.values()].reduce((sum, n) => sum + n, 0);
    const q = order.map((value) => (found.get(value) ?? 0) / size);
    counts.push([...found.values()].sort((a, b) => a - b));
    worst.alpha = Math.max(worst.alpha, ...q);
    worst.l = Math.min(worst.l, found.size);
    worst.entropy = Math.min(worst.entropy, -q.reduce((sum, x) => sum + (x === 0 ? 0 : x * Math.log(x)), 0));
    worst.beta = Math.max(worst.beta, ...q.map((x, index) => x / (p[index] ?? 1) - 1));
    const logs = q.flatMap((x, index) => (x === 0 ? [] : [Math.abs(Math.log(x / (p[index] ?? 1)))]));
    worst.delta = Math.max(worst.delta, ...logs);
    let [cumulated, ordered, equal] = [0, 0, 0];
    for (const [index, x] of q.entries()) {
      cumulated += x - (p[index] ?? 0);
      ordered += Math.abs(cumulated);
      equal += Math.abs(x - (p[index] ?? 0)) / 2;
    }
    worst.text = Math.max(worst.text, equal);
    worst.numbers = Math.max(worst.numbers, ordered / (order.length - 1));
  }
  const c = counts.map((r) =>
    Math.floor((r[0] ?? 0) / r.slice(worst.l - 1).reduce((sum, n) => sum + n, 0) + 1),
  );
  return {
    alpha: worst.alpha,
    l: worst.l,
    entropy_l: Math.floor(Math.exp(worst.entropy) + 1e-9),
    recursive_c: worst.l < 2 ? null : Math.max(...c),
    recursive_l: worst.l,
    basic_beta: worst.beta,
    enhanced_beta: Math.min(worst.beta, Math.max(...p.map((x) => -Math.log(x)))),
    delta: worst.delta,
    t: order.some((value) => typeof value === 'number') ? worst.numbers : worst.text,
  };
}

const TYPES = { [NAMES[0]]: 'varchar', [NAMES[1]]: 'integer', [NAMES[2]]: 'varchar' };

describe('the measures', () => {
  it('are those of their definitions, for any rows, names, people and nulls', async () => {
    const row = fc.record({
      [NAMES[0]]: fc.constantFrom('a', 'b', 'c', null),
      [NAMES[1]]: fc.constantFrom(1, 2, null),
      [NAMES[2]]: fc.constantFrom('f', 'm'),
      score: fc.constantFrom(1, 2, 5, 8, 13),
      illness: fc.constantFrom('flu', 'cold', 'none', null),
      who: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 8, maxLength: 40 }),
        fc.constantFrom('own', 'wildcard'),
        fc.boolean(),
        async (rows, nulls, hasPerson) => {
          fc.pre(new Set(rows.map(({ score }) => score)).size > 1);
          const request = {
            ...{ quasi: NAMES, sensitive: ['score', 'illness'], nulls },
            person: hasPerson ? 'who' : null,
          };
          const types = { ...TYPES, score: 'double', illness: 'varchar', who: 'integer' };
          const [found, expected] = [await measureRows(rows, request, types), measureByHand(rows, request)];
          expect(found.k).toBe(expected.k);
          expect(found.unique_rows).toBe(expected.uniqueRows);
          expect(found.average_risk).toBeCloseTo(expected.averageRisk, 9);
          for (const [name, values] of Object.entries(expected.sensitive)) {
            for (const [measured, value] of Object.entries(values)) {
              const got = found.sensitive[name]?.[measured as keyof SensitiveMeasures];
              if (typeof value === 'number') expect(got, `${name} ${measured}`).toBeCloseTo(value, 9);
              else expect(got, `${name} ${measured}`).toBeNull();
            }
          }
        },
      ),
      { numRuns: 25, seed: 20261126 },
    );
  });

  it('are null where they are not defined', async () => {
    const request = { quasi: [NAMES[0]], sensitive: ['same'], person: null, nulls: 'own' } as const;
    const types = { [NAMES[0]]: 'varchar', same: 'integer' };
    expect(await measureRows([], request, types)).toMatchObject({
      ...{ rows: 0, people: 0, classes: 0, k: null, average_risk: null, highest_risk: null, unique_rows: 0 },
      sensitive: { same: { l: null, t: null, alpha: null } },
    });
    const one = await measureRows([{ [NAMES[0]]: 'a', same: 1 }], request, types);
    expect(one.sensitive['same']).toMatchObject({ l: 1, recursive_c: null, t: null });
  });

  it('count a suppressed row apart, and a person once for each class', async () => {
    const rows = [
      { a: '*', b: null, who: 1 },
      { a: 'x', b: 'y', who: 2 },
      { a: 'x', b: 'y', who: 2 },
      { a: 'x', b: 'y', who: 3 },
    ];
    const request = { quasi: ['a', 'b'], sensitive: [], person: 'who', nulls: 'own' } as const;
    expect(await measureRows(rows, request, { a: 'varchar', b: 'varchar', who: 'integer' })).toMatchObject({
      ...{
        rows: 4,
        people: 3,
        classes: 2,
        k: 1,
        k_without_suppressed: 2,
        suppressed_rows: 1,
        unique_rows: 1,
      },
    });
  });
});

const PUBLISHED = join(import.meta.dirname, '../../../shared/privacy');
const QUASI = ['Teacher', 'Gender', 'Ethnic', 'Freeredu', 'wesson'];

describe.skipIf(!existsSync(PUBLISHED))('published values', () => {
  it.each([
    {
      file: 'StudentsMath_Score.csv',
      expected: { rows: 216, k: 1 },
      score: [1, 1, 1, null, 71, 5.375278407684164, 4.276666119016055, 0.4165919952210274],
    },
    {
      file: 'StudentsMath_Score_k5.csv',
      expected: { rows: 154, classes: 25, k: 5 },
      score: [0.5, 4, 3, 1, 29.8, 5.036952602413629, 3.4275146899795286, 0.31023287057769827],
    },
  ])('are met: $file', async ({ file, expected, score }) => {
    const path = join(PUBLISHED, file);
    const found = await withInstance({ ...ROOM, allowedPaths: [path] }, (connection) =>
      measure(connection, {
        ...{ relation: `read_csv(${quoteText(path)})`, quasi: QUASI, sensitive: ['Score'] },
        ...{ person: null, nulls: 'own' },
      }),
    );
    expect(found).toMatchObject(expected);
    const got = found.sensitive['Score'];
    const values = [
      ...[got?.alpha, got?.l, got?.entropy_l, got?.recursive_c, got?.basic_beta],
      ...[got?.enhanced_beta, got?.delta, got?.t],
    ];
    for (const [index, value] of score.entries()) {
      if (value === null) expect(values[index]).toBeNull();
      else expect(values[index]).toBeCloseTo(value, 9);
    }
  });
});
