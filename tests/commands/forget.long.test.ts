import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt, Tombstone } from '../../src/base/types/erasure.js';
import type { ReceiptsReport } from '../../src/actions/receipts/receipts.js';
import {
  DATES,
  EMAIL,
  FLIGHT,
  type ForgetScene,
  HOURS,
  makeForgetScene,
  PASSENGER,
  TOWN,
  TRIPS,
} from './forget-scene.js';

let scene: ForgetScene;
beforeAll(async () => {
  scene = await makeForgetScene();
  for (const date of DATES) await scene.land('persons', date);
  for (const hour of HOURS) await scene.land('bookings', hour);
  await scene.run('load', '--to', 'reporting', '--quiet');
});
afterAll(() => scene.close());

const ok = async (...words: string[]): Promise<void> => {
  const ended = await scene.run(...words, '--quiet');
  expect(ended.exit, ended.stderr).toBe(0);
};

async function copyEverywhere(pipeline: string, table: string): Promise<void> {
  await ok('export', pipeline, table, '--with-tokens');
  await ok('export', pipeline, table, '--with-tokens', '--out', join(scene.dir, '..', 'lakeveil-out'));
  await ok('publish');
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(scene.dir, 'data_lake', path), 'utf8'));

// Each goes on from the state that the one before leaves.
describe('forget', { shuffle: false }, () => {
  describe('of a person by a mail address', () => {
    it('shows who would be erased, and changes nothing without a yes', async () => {
      const before = scene.manifest('2026/03/01/persons.manifest.json');
      writeFileSync(join(scene.dir, 'values.txt'), EMAIL);
      const words = ['forget', '--dataset', 'persons', '--by', 'email_token', '--values'];
      const dry = await scene.ask(...words, join(scene.dir, 'values.txt'), '--dry-run');
      expect(dry).toMatchObject({ exit: 0, document: { status: 'planned', people: 1, rows: 3, values: 1 } });
      const unasked = await scene.run(...words, join(scene.dir, 'values.txt'));
      expect(unasked).toMatchObject({ exit: 2 });
      expect(unasked.stderr).toContain('add `--yes`');
      expect(scene.manifest('2026/03/01/persons.manifest.json')).toEqual(before);
    });

    it('leaves nothing of them in cells, bytes, exports, sites and targets, and no one else is missing', async () => {
      await copyEverywhere('persons', 'silver.persons_anonymized');
      const found = await scene.scan(TOWN);
      const places = [...new Set(found.findings.map(({ path }) => path.split('/')[0]))].sort();
      expect(places).toEqual(['data_lake', 'db', 'exports', 'reporting.sqlite']);
      const others = await scene.query(`from silver.persons_anonymized where city <> '${TOWN}' order by all`);

      const report = await scene.forget(0, 'persons', 'email_token', [EMAIL.toUpperCase()]);

      expect(report).toMatchObject({ status: 'forgotten', people: 1, rows: 3, unsearchable: [] });
      expect(await scene.scan(TOWN)).toMatchObject({ status: 'clean', findings: [] });
      expect(existsSync(join(scene.dir, '..', 'lakeveil-out', 'silver.persons_anonymized.csv'))).toBe(false);
      expect(existsSync(join(scene.dir, 'site', 'index.html'))).toBe(false);
      expect(await scene.query('from silver.persons_anonymized order by all')).toEqual(others);
      for (const date of DATES) {
        const path = `${date.replaceAll('-', '/')}/persons.manifest.json`;
        const { counts, revision, files } = scene.manifest(path);
        expect({ counts, revision, rows: files[0]?.rows }).toEqual({
          counts: { fetched: 100, landed: 99, rejected: 0, duplicates: 0, forgotten: 1 },
          ...{ revision: 2, rows: 99 },
        });
      }
      expect(await scene.run('verify')).toMatchObject({ exit: 0 });
      expect(await scene.run('transform')).toMatchObject({ exit: 0 });
    });

    it('lands them no more, and lands all others as they were', async () => {
      const before = scene.manifest('2026/03/02/persons.manifest.json');
      await scene.land('persons', '2026-03-02');
      expect(scene.manifest('2026/03/02/persons.manifest.json')).toEqual(before);
      await scene.land('persons', '2026-03-04');
      expect(scene.manifest('2026/03/04/persons.manifest.json').counts).toEqual({
        ...{ fetched: 100, landed: 99, rejected: 0, duplicates: 0, forgotten: 1 },
      });
      expect(await scene.scan(TOWN)).toMatchObject({ status: 'clean' });
    });

    it('has nothing to do for the same person again', async () => {
      const report = await scene.forget(0, 'persons', 'email_token', [EMAIL]);
      expect(report).toMatchObject({ status: 'nothing', rows: 0, finished: [] });
      expect(readdirSync(join(scene.dir, 'data_lake/_forgotten/receipts'))).toEqual(['000001.json']);
    });
  });

  describe('of a passenger with many trips', () => {
    it('erases every trip, and counts each', async () => {
      await copyEverywhere('bookings', 'silver.latest_bookings');
      expect((await scene.scan(FLIGHT)).findings).not.toEqual([]);
      const others = await scene.query(
        `from silver.latest_bookings where flight_id <> '${FLIGHT}' order by all`,
      );
      const report = await scene.forget(0, 'bookings', 'passenger_token', [PASSENGER]);
      expect(report).toMatchObject({ status: 'forgotten', people: 1, rows: TRIPS * HOURS.length });
      expect(await scene.scan(FLIGHT)).toMatchObject({ status: 'clean', findings: [] });
      expect(await scene.query('from silver.latest_bookings order by all')).toEqual(others);
      await scene.land('bookings', '2026-03-01T08');
      const { counts } = scene.manifest('2026/03/01/bookings.T08.manifest.json');
      expect(counts).toEqual({ fetched: 1000, landed: 995, rejected: 0, duplicates: 0, forgotten: 5 });
      expect(await scene.scan(FLIGHT, PASSENGER, TOWN, EMAIL)).toMatchObject({ status: 'clean' });
    });
  });

  describe('receipts', () => {
    it('hold no token and no value, say what is not covered, and verify', async () => {
      const receipt = read('_forgotten/receipts/000001.json') as Receipt;
      expect(receipt).toMatchObject({ number: 1, previous_sha256: null, people: 1, rows: 3, values: 1 });
      expect(
        receipt.partitions.map(({ date, rows_before, rows_after }) => [date, rows_before, rows_after]),
      ).toEqual(DATES.map((date) => [date, 100, 99]));
      expect(receipt.targets).toEqual(['reporting']);
      expect(receipt.not_covered.join('\n')).toContain('backups');
      expect(JSON.stringify(receipt)).not.toMatch(/[a-z0-9]{1,16}_[0-9a-f]{32}|@/);
      const tombstone = read(`_forgotten/${receipt.erasure}.json`) as Tombstone;
      expect(tombstone.groups.map(({ column, marks }) => [column, marks.length])).toEqual([
        ['email_token', 1],
        ['person_token', 1],
      ]);
      const { exit, document } = await scene.ask('receipts', 'verify');
      expect(exit).toBe(0);
      expect((document as ReceiptsReport).receipts.map(({ number }) => number)).toEqual([1, 2]);
    });

    it('show a change, a gap and an erasure without one', async () => {
      const [first, second] = ['000001', '000002'].map((name) =>
        join(scene.dir, `data_lake/_forgotten/receipts/${name}.json`),
      );
      const text = readFileSync(first ?? '', 'utf8');
      writeFileSync(first ?? '', text.replace('"rows": 3', '"rows": 2'));
      const changed = await scene.run('receipts', 'verify');
      expect(changed).toMatchObject({ exit: 5 });
      expect(changed.stdout).toContain('its signature does not fit');
      expect(changed.stdout).toContain('it does not follow the receipt before it');
      writeFileSync(first ?? '', text);
      const last = readFileSync(second ?? '', 'utf8');
      writeFileSync(second ?? '', last.replace('"number": 2', '"number": 3'));
      expect((await scene.run('receipts', 'verify')).stdout).toContain('a receipt before it is missing');
      writeFileSync(second ?? '', last.replace('"number": 2', '"number":  2'));
      const spaced = await scene.run('receipts', 'verify');
      expect(spaced).toMatchObject({ exit: 5 });
      expect(spaced.stdout).toContain('its bytes are not those that were written');
      writeFileSync(second ?? '', last);
      expect(await scene.run('receipts', 'verify')).toMatchObject({ exit: 0 });
    });
  });
});

it('refuses columns that are no lookup, by name, and unknown ones', async () => {
  writeFileSync(join(scene.dir, 'values.txt'), EMAIL);
  const refuse = async (dataset: string, by: string): Promise<string> => {
    const words = ['--dataset', dataset, '--by', by, '--values', join(scene.dir, 'values.txt'), '--yes'];
    const ended = await scene.run('forget', ...words);
    expect(ended.exit).toBe(2);
    return ended.stderr;
  };
  expect(await refuse('persons', 'person_token')).toContain('is a token of several fields');
  expect(await refuse('persons', 'email')).toContain('is not a token');
  expect(await refuse('persons', 'nothing')).toContain('email_token');
  expect(await refuse('nobody', 'email_token')).toContain('bookings, persons');
});
