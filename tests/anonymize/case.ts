import type { Json } from '@duckdb/node-api';
import fc from 'fast-check';
import type { ColumnType } from '../../src/base/types/definition.js';
import { leafOf, type Subject } from './bench.js';

/** A treatment on leaves of some kind, with the rows that a contract would let pass. */
export interface Case extends Subject {
  readonly kind: string;
  /** The values of the leaves, in their order. */
  readonly rows: fc.Arbitrary<readonly Json[]>;
  /** Whether the value may land as it came: it is general already, or the treatment is there to keep it. */
  readonly mayStay: (value: Json) => boolean;
  /** What null becomes; null unless every row has a value. */
  readonly ofNull?: Json;
}

export const never = (): boolean => false;

export const typed = (type: ColumnType) => leafOf('value', { type });
export const text = leafOf('value');

export const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
export const recentDate = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2026-11-20'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
export const moment = fc
  .date({ min: new Date('1900-01-02'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((day) => day.toISOString().replace('Z', '+05:30'));

export const one = (values: fc.Arbitrary<Json>): fc.Arbitrary<readonly Json[]> =>
  values.map((value) => [value]);
export const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
export const coordinates = fc.double({ noNaN: true, min: -180, max: 180 });
export const wholes = fc.integer({ min: -1_000_000, max: 1_000_000 });
