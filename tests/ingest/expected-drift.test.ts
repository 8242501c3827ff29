import { describe, expect, it } from 'vitest';
import type { LandingColumn, Leaf } from '../../src/base/types/definition.js';
import type { Drift } from '../../src/base/types/run-record.js';
import { dropExpected } from '../../src/ingest/describe-landing.js';

const leaf = (path: string): Leaf => ({
  path,
  segments: path.split('.'),
  class: 'quasi',
  type: 'VARCHAR',
  required: false,
  bound: null,
  onInvalid: 'reject',
  many: null,
  schema: {},
});
const landing: LandingColumn[] = [
  {
    name: 'country_code',
    from: [leaf('country_code'), leaf('county_code')],
    part: null,
    each: false,
    treatment: 'first_present',
    params: {},
    class: 'quasi',
    type: 'VARCHAR',
    rawOnly: false,
    reviewed: null,
  },
];
const missing = (path: string): Drift => ({ kind: 'missing_field', path, count: 10 });

describe('of the names that a field had', () => {
  it('a former one that is gone is no drift while the one of today is there', () => {
    expect(dropExpected([missing('county_code'), missing('city')], landing)).toEqual([missing('city')]);
  });

  it('the one of today that is gone is drift', () => {
    expect(dropExpected([missing('country_code')], landing)).toEqual([missing('country_code')]);
  });

  it('all that are gone are drift', () => {
    const all = [missing('country_code'), missing('county_code')];
    expect(dropExpected(all, landing)).toEqual(all);
  });

  it('a former one whose type changed is drift', () => {
    const changed: Drift = { kind: 'changed_type', path: 'county_code', count: 10 };
    expect(dropExpected([changed], landing)).toEqual([changed]);
  });
});
