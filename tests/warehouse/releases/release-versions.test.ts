import { describe, expect, it } from 'vitest';
import { ALL, people, person, useBenches } from './release-bench.js';

const make = useBenches();

const D1 = '2026-11-20';
const D2 = '2026-11-21';

const openSnapshot = () => make({ time: 'snapshot' });

describe('versions', () => {
  const big = (count: number) => ({ [D1]: [...people(1, count, 'Bonn', 31), ...people(50, 6, 'Ulm', 31)] });
  const wide = { require: { k: 3, l: null, t: null } };

  it('are not compared where there is one', async () => {
    const bench = await make();
    expect((await bench.run(big(8), wide)).dates[0]?.changed_classes).toBeNull();
  });

  it('of a date are compared: a class with one person fewer singles that person out', async () => {
    const bench = await make();
    await bench.run(big(8), wide);
    expect((await bench.run(big(7), wide)).dates[0]).toMatchObject({ changed_classes: 1 });
    expect((await bench.run(big(4), wide)).dates[0]).toMatchObject({ changed_classes: 0 });
    expect((await bench.run({ [D2]: people(1, 5, 'Bonn', 31) }, wide)).dates[0]?.changed_classes).toBeNull();
  });

  it('see that one person took the place of another', async () => {
    const bench = await make();
    await bench.run(big(8), wide);
    const swapped = { [D1]: [...people(2, 8, 'Bonn', 31), ...people(50, 6, 'Ulm', 31)] };
    expect((await bench.run(swapped, wide)).dates[0]).toMatchObject({ changed_classes: 1 });
  });

  it('are compared where the release has another description', async () => {
    const bench = await make();
    await bench.run(big(8), wide);
    const other = { ...wide, description: 'Another text.' };
    expect((await bench.run(big(7), other)).dates[0]).toMatchObject({ changed_classes: 1 });
  });

  it('that differ by few people are not published where a breach fails', async () => {
    const bench = await make();
    const fixed = { ...wide, onBreach: 'fail', ladders: new Map() } as const;
    await bench.run(big(8), fixed);
    const before = await bench.digest();
    await expect(bench.run(big(7), fixed)).rejects.toMatchObject({ code: 'E_RELEASE' });
    expect(bench.last()).toMatchObject({ outcome: 'failed' });
    expect(await bench.digest()).toBe(before);
  });

  it('at other levels are compared where both can be told apart', async () => {
    const bench = await make();
    await bench.run(
      { [D1]: [...people(1, 4, 'Bonn', 31), ...people(9, 4, 'Ulm', 31), person(30, 'Berg', 31)] },
      { ...wide, maxSuppressed: 0.2 },
    );
    const again = await bench.run(
      { [D2]: [...people(1, 2, 'Bonn', 31), ...people(3, 2, 'Berg', 31), ...people(9, 4, 'Ulm', 31)] },
      { ...wide, maxSuppressed: 0.2 },
    );
    // Who lived in Berg was left out, and is now one of those in B…: five less four.
    expect(again.levels[0]?.level).toBeGreaterThan(0);
    expect(again.dates.find(({ date }) => date === D1)).toMatchObject({ changed_classes: 1 });
  });

  it('of consecutive dates are compared of a snapshot alone', async () => {
    const states = { [D1]: people(1, 8, 'Bonn', 31), [D2]: people(1, 7, 'Bonn', 31) };
    const snapshot = await make({ time: 'snapshot' });
    expect((await snapshot.run(states, wide)).dates.map((one) => one.changed_classes)).toEqual([null, 1]);
    const daily = await make();
    expect((await daily.run(states, wide)).dates.map((one) => one.changed_classes)).toEqual([null, null]);
  });

  it('of a snapshot are compared with the date before, whenever that landed', async () => {
    const bench = await openSnapshot();
    await bench.run({ [D1]: people(1, 8, 'Bonn', 31) }, wide);
    const later = await bench.run({ [D2]: people(1, 7, 'Bonn', 31) }, wide);
    expect(later.dates).toMatchObject([{ date: D2, changed_classes: 1 }]);
    const fixed = { ...wide, onBreach: 'fail', ladders: new Map() } as const;
    const strict = await openSnapshot();
    await strict.run({ [D1]: people(1, 8, 'Bonn', 31) }, fixed);
    await expect(strict.run({ [D2]: people(1, 7, 'Bonn', 31) }, fixed)).rejects.toMatchObject({
      code: 'E_RELEASE',
    });
  });

  it('of all rows are compared when a date lands again, not when one is added', async () => {
    const bench = await make({ sql: ALL });
    const all = { ...wide, columns: ['city', 'age'] };
    await bench.run(big(8), all);
    const added = await bench.run({ [D2]: people(90, 1, 'Bonn', 31) }, all);
    expect(added.dates).toMatchObject([{ date: null, changed_classes: null }]);
    const again = await bench.run(big(7), all);
    expect(again.dates).toMatchObject([{ date: null, changed_classes: 1 }]);
  });
});

describe('an erasure', () => {
  const fixed = { onBreach: 'fail', ladders: new Map() } as const;

  it('is published whatever a release requires: who is left alone is left out', async () => {
    const bench = await make();
    await bench.run({ [D1]: [...people(1, 2, 'Bonn', 31), ...people(5, 3, 'Ulm', 47)] }, fixed);
    const left = { [D1]: [...people(1, 1, 'Bonn', 31), ...people(5, 3, 'Ulm', 47)] };
    await expect(bench.run(left, fixed)).rejects.toMatchObject({ code: 'E_RELEASE' });
    const result = await bench.run(left, fixed, { isErasure: true });
    expect(result).toMatchObject({ outcome: 'suppressed', suppressed: 1, rows: 3 });
    expect(await bench.rows('select distinct city from gold.people_release')).toEqual([['Ulm']]);
  });

  it('releases no one where each class is too far from the whole table', async () => {
    const bench = await make();
    const columns = ['city', 'age', 'ingest_date', 'illness'];
    const wanted = { ...fixed, columns, sensitive: ['illness'], require: { k: 2, l: null, t: 0.3 } };
    const ill = people(9, 2, 'Ulm', 31, { illness: 'cold' });
    await bench.run({ [D1]: people(1, 4, 'Bonn', 31) }, wanted);
    const apart = { [D1]: [...people(1, 2, 'Bonn', 31), ...ill] };
    const result = await bench.run(apart, wanted, { isErasure: true });
    expect(result).toMatchObject({ outcome: 'suppressed', suppressed: 4, rows: 0 });
    expect(result.dates).toMatchObject([{ after: { k: null, classes: 0 } }]);
  });
});
