import { describe, expect, it } from 'vitest';
import {
  belongsTo,
  manifestPath,
  parseManifestPath,
  partitionPath,
  quarantinePath,
} from '../../src/lake/paths.js';

const key = (dataset: string, slot: string | null = null, date = '2026-11-20') => ({ dataset, date, slot });

describe('paths of a partition', () => {
  it.each([
    [null, null, 'raw/2026/11/20/persons.parquet'],
    [null, 1, 'raw/2026/11/20/persons.0001.parquet'],
    ['13', null, 'raw/2026/11/20/persons.T13.parquet'],
    ['00', 2, 'raw/2026/11/20/persons.T00.0002.parquet'],
  ])('name slot %s and part %s', (slot, part, path) => {
    expect(partitionPath(key('persons', slot), part)).toBe(path);
  });

  it('put the manifest beside the data and the quarantine elsewhere', () => {
    expect(manifestPath(key('persons', '13'))).toBe('raw/2026/11/20/persons.T13.manifest.json');
    expect(quarantinePath(key('persons'))).toBe('quarantine/2026/11/20/persons.parquet');
  });

  it.each(['../persons', 'a/b', 'Persons', '', '1st', 'a.b', 'a b', 'a\0', `a${'b'.repeat(63)}`, '.'])(
    'refuse the dataset name %j',
    (dataset) => {
      for (const path of [() => partitionPath(key(dataset), null), () => manifestPath(key(dataset))]) {
        expect(path).toThrow(expect.objectContaining({ code: 'E_NAME', exit: 2 }));
      }
    },
  );

  it.each(['24', '1', '../', '130'])('refuse the slot %j', (slot) => {
    expect(() => partitionPath(key('persons', slot), null)).toThrow(
      expect.objectContaining({ code: 'E_DATE', exit: 2 }),
    );
  });

  it.each(['2026-11', '../../2026', '2026/11/20', '2026-11-20T13', ''])('refuse the date %j', (date) => {
    expect(() => partitionPath(key('persons', null, date), null)).toThrow(
      expect.objectContaining({ code: 'E_DATE' }),
    );
  });
});

describe('a file of a partition', () => {
  it.each([
    ['persons.parquet', true],
    ['persons.0001.parquet', true],
    ['persons.manifest.json', true],
    ['persons.T13.parquet', false],
    ['persons_old.parquet', false],
    ['persons.1.parquet', false],
    ['persons.parquet.tmp', false],
    ['tmp_persons.parquet', false],
    ['bookings.parquet', false],
  ])('%s: %s', (name, expected) => {
    expect(belongsTo(key('persons'), name)).toBe(expected);
  });

  it('is of its own slot only', () => {
    expect(belongsTo(key('persons', '13'), 'persons.T13.0001.parquet')).toBe(true);
    expect(belongsTo(key('persons', '13'), 'persons.T14.parquet')).toBe(false);
    expect(belongsTo(key('persons', '13'), 'persons.parquet')).toBe(false);
  });
});

describe('the path of a manifest', () => {
  it.each([key('persons'), key('persons', '13'), key('store_users', null, '0999-01-02')])(
    'gives back the key %j',
    (given) => {
      expect(parseManifestPath(manifestPath(given))).toEqual(given);
    },
  );

  it.each([
    'raw/2026/11/20/persons.parquet',
    'raw/2026/11/20/Persons.manifest.json',
    'raw/2026/11/20/../persons.manifest.json',
    'quarantine/2026/11/20/persons.manifest.json',
    'raw/2026/11/20/persons.T1.manifest.json',
    'raw/2026/11/20/persons.manifest.json.tmp',
    'raw/2026/11/persons.manifest.json',
  ])('is not %s', (path) => {
    expect(parseManifestPath(path)).toBeNull();
  });
});
