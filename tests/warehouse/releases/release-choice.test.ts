import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBench, type People, person } from './release-bench.js';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** The definition of the choice, in JavaScript. */
function expectChoice(dates: readonly People[], k: number, maxSuppressed: number) {
  const show = [
    [(city: string) => city, (city: string) => (city.length > 1 ? `${city.slice(0, 1)}*` : city), () => '*'],
    [(age: number) => `${Math.floor(age / 10)}`, (age: number) => `${Math.floor(age / 20)}`, () => '*'],
  ] as const;
  const all = [0, 1, 2].flatMap((city) => [0, 1, 2].map((age) => [city, age] as const));
  const tried = all.map(([city, age]) => {
    let [lost, total] = [0, 0];
    for (const rows of dates) {
      const classes = new Map<string, Set<unknown>>();
      const keyOf = (row: People[number]) =>
        `${show[0][city]?.(String(row['city'])) ?? ''}|${show[1][age]?.(Number(row['age'])) ?? ''}`;
      for (const row of rows)
        classes.set(keyOf(row), (classes.get(keyOf(row)) ?? new Set()).add(row['person_token']));
      const small = rows.filter((row) => (classes.get(keyOf(row))?.size ?? 0) < k);
      lost += new Set(small.map((row) => row['person_token'])).size;
      total += new Set(rows.map((row) => row['person_token'])).size;
    }
    return { levels: [city, age], lost, total, loss: (city / 2 + age / 2) / 2 + lost / total };
  });
  return tried
    .filter(({ lost, total }) => lost / total <= maxSuppressed || total < k)
    .sort((a, b) => (Math.abs(a.loss - b.loss) < 1e-9 ? sum(a.levels) - sum(b.levels) : a.loss - b.loss))[0];
}

describe('the choice', () => {
  const row = fc.record({
    id: fc.integer({ min: 1, max: 12 }),
    city: fc.constantFrom('Aachen', 'Aalen', 'Bonn', 'Berlin'),
    age: fc.integer({ min: 0, max: 79 }),
  });
  const day = fc.array(row, { minLength: 1, maxLength: 25 });

  it('follows its definition, with people who have several rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(day, { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 2, max: 4 }),
        async (days, k) => {
          const dates = days.map((rows) => rows.map(({ id, city, age }) => person(id, city, age)));
          const bench = await openBench();
          try {
            const expected = expectChoice(dates, k, 0.3);
            const run = bench.run(
              Object.fromEntries(dates.map((rows, index) => [`2026-11-2${index}`, rows])),
              {
                require: { k, l: null, t: null },
                maxSuppressed: 0.3,
              },
            );
            if (expected === undefined) {
              await expect(run).rejects.toMatchObject({ code: 'E_RELEASE' });
              return;
            }
            const result = await run;
            expect(result.levels.map(({ level }) => level)).toEqual(expected.levels);
            expect(result.suppressed).toBe(expected.lost);
            const found = await bench.rows('select city, age, ingest_date::varchar from gold.people_release');
            expect(found.length).toBeLessThanOrEqual(dates.flat().length);
          } finally {
            await bench.project.remove();
          }
        },
      ),
      { numRuns: 15, seed: 7 },
    );
  });
});
