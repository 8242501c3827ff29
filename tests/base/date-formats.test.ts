import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { isDate, isDateTime, isTime } from '../../src/base/dates/date-formats.js';

const GOOD: Readonly<Record<string, readonly string[]>> = {
  DATE: ['1996-05-30', '2024-02-29', '0001-01-01', '9999-12-31', '2000-02-29'],
  TIME: ['10:00:00Z', '23:59:59.123456789Z', '00:00:00Z'],
  TIMESTAMPTZ: [
    '2024-02-29T10:00:00Z',
    '2024-01-01T10:00:00.1234567Z',
    '2024-01-01T10:00:00+15:59',
    '2024-01-01T10:00:00-11:30',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ],
};

const BAD: Readonly<Record<string, readonly string[]>> = {
  DATE: [
    '1996-5-30',
    '2024-02-30',
    '1900-02-29',
    '0000-01-01',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '٢٠٢٤-01-01',
    '2024-01-01 ',
    '2024_01-01',
    '2024-01_01',
    '2024-01-0a',
    '+024-01-01',
    '12024-01-01',
    '',
  ],
  TIME: ['10:00:00', '10:00:00+02:00', '24:00:00Z', '23:59:60Z', '1:00:00Z', '10:00Z', '10:00:00z'],
  TIMESTAMPTZ: [
    '2024-02-30T10:00:00Z',
    '2024-01-01 10:00:00Z',
    '2024-01-01t10:00:00z',
    '2024-01-01T10:00:00',
    '2016-12-31T23:59:60Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:00:00+0100',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+10:00',
    '9999-12-31T23:59:59-10:00',
  ],
};

const CHECKS = { DATE: isDate, TIME: isTime, TIMESTAMPTZ: isDateTime };

describe.each(Object.entries(CHECKS))('texts for %s', (type, check) => {
  test.each(GOOD[type] ?? [])('takes %s', (text) => {
    expect(check(text)).toBe(true);
  });

  test.each(BAD[type] ?? [])('refuses %s', (text) => {
    expect(check(text)).toBe(false);
  });

  test('takes nothing that the database reads as null', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const texts = GOOD[type] ?? [];
    const values = texts.map((text) => `('${text}')`).join();
    const sql = `select count(try_cast(v as ${type}))::integer from (values ${values}) t(v)`;
    const reader = await connection.runAndReadAll(sql);
    expect(reader.getRows()).toEqual([[texts.length]]);
    connection.closeSync();
    instance.closeSync();
  });
});
