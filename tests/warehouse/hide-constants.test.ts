import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteName, quoteText } from '../../src/base/duckdb.js';
import { hideConstants } from '../../src/warehouse/sql/hide-constants.js';

describe('constants of SQL', () => {
  it.each([
    ["select 'a''b' as x, 1.5e-3 as y", 'select ? as x, ? as y'],
    ["select E'it\\'s' || x'00ff' || b'01' || U&'\\0041'", 'select ? || ? || ? || ?'],
    ['select $$a$$ || $t$b $$ c$t$ from t', 'select ? || ? from t'],
    ['select "it\'s 5", t1.c2, $date, $1 from t1', 'select "it\'s 5", t1.c2, $date, $1 from t1'],
    ['select 0xff + 1_000 + .5 + 5. + a1 + 1e10', 'select ? + ? + ? + ? + a1 + ?'],
    ["select 1 -- it's 'quoted'\nfrom t", 'select ?\nfrom t'],
    ["select /* a /* nested 'x */ 7 */ b from t where c = 'd'", 'select  b from t where c = ?'],
    ['select 1 /* without an end', 'select ?'],
    [
      "where x like 'a%' and y in (1, -2) and z between date '2026-01-01' and now()",
      'where x like ? and y in (?, -?) and z between date ? and now()',
    ],
    [
      "interval '1' day, decimal(18, 2), [1, 2][1], {'k': 3}",
      'interval ? day, decimal(?, ?), [?, ?][?], {?: ?}',
    ],
    ["select 'über' as über, n'x'", 'select ? as über, ?'],
  ])('are hidden: %j', (sql, shown) => {
    expect(hideConstants(sql)).toBe(shown);
  });

  it('are hidden whatever a text holds, and names are shown whatever they hold', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, name) => {
      const column = quoteName(name.replaceAll(/\s/g, ''));
      expect(hideConstants(`select ${column}, ${quoteText(text)} from t`)).toBe(`select ${column}, ? from t`);
    });
    fc.assert(property);
  });

  it('are hidden also where a text has no end', () => {
    expect(hideConstants("select 'canary")).not.toContain('canary');
    expect(hideConstants("select E'canary\\'")).not.toContain('canary');
    expect(hideConstants('select $x$canary')).not.toContain('canary');
  });
});
