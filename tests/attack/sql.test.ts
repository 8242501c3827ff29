import { expect, it } from 'vitest';
import { attackSql, SQL_ATTACKS } from '../../attack/attack-sql.js';

it('no statement of the corpus carries a birth date, a token or the order of the source out', async () => {
  const { tried, failures } = await attackSql();
  expect(failures).toEqual([]);
  expect(tried).toBe(SQL_ATTACKS.length);
});
