import { describe, expect, it } from 'vitest';
import { killAfterStep, NEW, useScenario } from './kill-scenario.js';
import { FOLDER } from './lake-fixture.js';

const scenario = useScenario();

describe('a commit', () => {
  it('has a step for every file, manifest, month, stale file, receipt and intent', () => {
    const { steps, old, wanted } = scenario;
    const stale = Object.keys(old).filter((path) => !(path in wanted));
    expect(stale).toEqual([
      ...['bookings.0001', 'bookings.0002', 'persons'].map((name) => `raw/${FOLDER}/${name}.parquet`),
      `quarantine/${FOLDER}/persons.parquet`,
    ]);
    expect(Object.keys(wanted).filter((path) => old[path] === wanted[path])).toEqual([]);
    const files = Object.keys(wanted).filter((path) => path.endsWith('.parquet'));
    expect(steps).toHaveLength(5 + files.length + NEW.length + stale.length);
  });

  it('killed before its intent is absent; killed on its way it is whole once the next one has come', async () => {
    const { steps } = scenario;
    const committed = steps.indexOf('wrote the intent');
    const chosen = [committed - 1, committed, committed + 4, steps.length - 1];
    await Promise.all(chosen.map((step) => killAfterStep(scenario, step)));
  });
});
