import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedRow, planBlanks } from '../../src/warehouse/published/plan-blanks.js';

const MIN = 5;

/** Rows of `label people`, such as `de 100`; labels are separated by a slash. */
function rowsOf(...texts: readonly string[]): CountedRow[] {
  return texts.map((text) => {
    const [labels = '', people = ''] = text.split(' ');
    const count = people === 'null' ? null : Number(people);
    return { people: count, counts: [count], totals: [], labels: labels.split('/') };
  });
}

function hide(...texts: readonly string[]): string[] {
  return [...planBlanks(rowsOf(...texts), MIN)].sort((a, b) => a - b).map((at) => texts[at] ?? '');
}

describe('hidden are', () => {
  it.each([
    ['no rows where all have enough people', ['a 5', 'b 9'], []],
    ['a row with fewer, and the smallest other', ['a 100', 'b 50', 'c 3', 'd 60'], ['b 50', 'c 3']],
    ['a row with nobody', ['a 100', 'b 50', 'c 0'], ['b 50', 'c 0']],
    ['a row whose people are null', ['a 100', 'b 50', 'c null'], ['b 50', 'c null']],
    ['no more than two that sum to the minimum', ['a 100', 'b 50', 'c 3', 'd 2'], ['c 3', 'd 2']],
    ['more, until they sum to it', ['a 100', 'b 50', 'c 1', 'd 2'], ['b 50', 'c 1', 'd 2']],
    ['all of several as small', ['b 7', 'a 7', 'c 4', 'd 9'], ['b 7', 'a 7', 'c 4']],
    ['a third, if two are one below the minimum', ['a 9', 'b 4', 'c 4', 'd 8'], ['b 4', 'c 4', 'd 8']],
    ['all, where no others are left', ['a 1', 'b 2'], ['a 1', 'b 2']],
    ['the only row, if it is small', ['a 4'], ['a 4']],
    [
      'two in each line of a table: the date, and the country',
      ['1/de 50', '1/fr 40', '1/at 3', '2/de 60', '2/fr 30', '2/at 20'],
      ['1/fr 40', '1/at 3', '2/fr 30', '2/at 20'],
    ],
    ['two of each set of a date', ['1/de 50', '1/fr 3', '1/at 9', '2/es 6', '2/it 7'], ['1/fr 3', '1/at 9']],
  ])('%s', (_, rows, expected) => {
    expect(hide(...rows)).toEqual(expected);
  });

  it.each([
    ['is below the minimum', 4, 4],
    ['leaves fewer than the minimum', 40, 43],
    ['leaves nobody', 40, 40],
    ['is null', 40, null],
  ])('a row whose total %s', (_, people, total) => {
    expect(planBlanks([{ people, counts: [people], totals: [total], labels: [] }], MIN).size).toBe(1);
  });

  it('not a row whose share leaves enough on both sides', () => {
    expect(planBlanks([{ people: 40, counts: [40, 45], totals: [45, 100], labels: [] }], MIN).size).toBe(0);
  });

  it('more rows, until each part of the people sums to the minimum too', () => {
    const row = (label: string, people: number, part: number): CountedRow => {
      return { people, counts: [people, part], totals: [], labels: [label] };
    };
    const rows = [row('a', 50, 1), row('b', 10, 0), row('c', 100, 60), row('d', 80, 30)];
    expect([...planBlanks(rows, MIN)].sort()).toEqual([0, 1, 3]);
  });

  it('a row of which a part has too few people', () => {
    expect(planBlanks([{ people: 40, counts: [40, 2], totals: [], labels: [] }], MIN).size).toBe(1);
  });
});

/** Rows of a table with lines, of which several can be small. */
const table = fc
  .record({
    width: fc.integer({ min: 1, max: 4 }),
    height: fc.integer({ min: 1, max: 4 }),
    people: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 16, maxLength: 16 }),
    isFlat: fc.boolean(),
  })
  .map(({ width, height, people, isFlat }) =>
    Array.from({ length: width * height }, (_, at): CountedRow => {
      const labels = isFlat ? [`r${at}`] : [`x${at % width}`, `y${Math.floor(at / width)}`];
      return { people: people[at] ?? 0, counts: [people[at] ?? 0], totals: [], labels };
    }),
  );

/**
 * By hidden row, the numbers of people that fit what a reader sees: this report, the same people by each label alone in
 * reports of their own, and the number of all.
 */
function attack(rows: readonly CountedRow[], hidden: ReadonlySet<number>): Map<number, Set<number>> {
  const width = rows[0]?.labels.length ?? 0;
  const all = rows.map((_, at) => at);
  const margins = width < 2 ? [] : [0, 1].flatMap((label) => listShown(rows, groupBy(rows, all, label)));
  const lines = [...(sumOf(rows, all) < MIN ? [] : [all]), ...margins];
  const unknown = [...hidden];
  const seen = new Map(unknown.map((at) => [at, new Set<number>()]));
  const rest = lines.map((line) =>
    sumOf(
      rows,
      line.filter((at) => hidden.has(at)),
    ),
  );
  // Who knows the program leaves out numbers of which it would hide other rows.
  const isSame = (values: readonly number[]): boolean => {
    if (width > 1) return true;
    const guessed = rows.map((row, at) => {
      const people = hidden.has(at) ? (values[unknown.indexOf(at)] ?? 0) : row.people;
      return { ...row, people, counts: [people] };
    });
    const found = planBlanks(guessed, MIN);
    return found.size === hidden.size && unknown.every((at) => found.has(at));
  };
  let steps = 0;
  const guess = (place: number, values: number[], left: readonly number[]): void => {
    steps += 1;
    if (steps > 40_000 || left.some((sum) => sum < 0)) return;
    const at = unknown[place];
    if (at === undefined) {
      if (left.every((sum) => sum === 0) && isSame(values))
        for (const [index, one] of unknown.entries()) seen.get(one)?.add(values[index] ?? 0);
      return;
    }
    for (let value = 0; value <= 40; value += 1) {
      const next = left.map((sum, index) => (lines[index]?.includes(at) === true ? sum - value : sum));
      if (next.some((sum) => sum < 0)) break;
      const isDone = next.every(
        (sum, index) => sum === 0 || unknown.slice(place + 1).some((other) => lines[index]?.includes(other)),
      );
      if (isDone) guess(place + 1, [...values, value], next);
    }
  };
  guess(0, [], rest);
  return steps > 40_000 ? new Map<number, Set<number>>() : seen;
}

/** The groups that a report of the groups shows. */
function listShown(rows: readonly CountedRow[], groups: readonly number[][]): readonly number[][] {
  const sums = groups.map((group) => sumOf(rows, group));
  const hidden = planBlanks(
    sums.map((sum, at) => ({ people: sum, counts: [sum], totals: [], labels: [`g${at}`] })),
    MIN,
  );
  return groups.filter((_, at) => !hidden.has(at));
}

function groupBy(rows: readonly CountedRow[], places: readonly number[], label: number): number[][] {
  const names = new Set(places.map((at) => rows[at]?.labels[label]));
  return [...names].map((name) => places.filter((at) => rows[at]?.labels[label] === name));
}

function sumOf(rows: readonly CountedRow[], places: readonly number[]): number {
  return places.reduce((sum, at) => sum + (rows[at]?.people ?? 0), 0);
}

/** Rows of one label. */
const listRows = (counts: readonly number[]): CountedRow[] =>
  counts.map((people, at) => ({ people, counts: [people], totals: [], labels: [`r${at}`] }));
/** The same, with counts about the minimum. */
const flat = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 6 }).map(listRows);

it('nor by who knows the program, in a report with one label', () => {
  fc.assert(
    fc.property(flat, (rows) => {
      const guesses = attack(rows, planBlanks(rows, MIN));
      if (sumOf(rows, [...rows.keys()]) < MIN || rows.length < 2) return;
      for (const [at, values] of guesses)
        if ((rows[at]?.people ?? 0) < MIN) expect([at, values.size > 1]).toEqual([at, true]);
    }),
    {
      numRuns: 300,
      examples: [[listRows([4, 4, 5])], [listRows([4, 4, 4, 5, 5])], [listRows([3, 3, 8, 8])]],
    },
  );
});

it('no hidden row of fewer people can be computed from visible rows, totals and reports by one label', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const hidden = planBlanks(rows, MIN);
      for (const [at, { people }] of rows.entries())
        if ((people ?? 0) < MIN) expect(hidden.has(at)).toBe(true);
      const guesses = attack(rows, hidden);
      for (const [at, values] of guesses) {
        if ((rows[at]?.people ?? 0) < MIN) expect([at, values.size > 1]).toEqual([at, true]);
      }
    }),
    { numRuns: 400 },
  );
});

it('the order of the rows decides nothing', () => {
  fc.assert(
    fc.property(table, fc.integer(), (rows, seed) => {
      const mixed = rows
        .map((row, at) => ({ row, key: (at * 7919 + seed) % 101 }))
        .sort((a, b) => a.key - b.key)
        .map(({ row }) => row);
      const name = (of: readonly CountedRow[]) =>
        [...planBlanks(of, MIN)].map((at) => of[at]?.labels.join('/')).sort();
      expect(name(mixed)).toEqual(name(rows));
    }),
  );
});
