import { expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { columnOf, datasetOf, leafOf } from './bench.js';

const [email, born, secret] = [leafOf('home.email'), leafOf('born', { type: 'DATE' }), leafOf('secret')];

test('the statement names the leaves that land and no other', () => {
  const dataset = datasetOf([columnOf('mail', [email], 'redact')], { drop: ['secret'] });
  const contract = { ...dataset.contract, leaves: new Map([email, secret].map((leaf) => [leaf.path, leaf])) };
  const { select, leaves } = compilePolicy({ ...dataset, contract }, 'k1');
  expect(leaves).toEqual([email]);
  expect(select).toContain('"home.email"');
  expect(select).not.toContain('secret');
});

test('two lists of providers are two parameters, one list is one', () => {
  const columns = [
    columnOf('a', [email], 'mask_email'),
    columnOf('b', [email], 'email_domain'),
    columnOf('c', [email], 'mask_email', { providers: ['corp.example'] }),
  ];
  const { parameters, select } = compilePolicy(datasetOf(columns), 'k1');
  expect([...parameters.keys()]).toEqual(['providers', 'providers_2']);
  expect(select).toContain('$providers_2');
});

test('a name with a quote cannot leave its place', () => {
  const leaf = leafOf(`it's`);
  const { select } = compilePolicy(datasetOf([columnOf('x"y', [leaf], 'redact')]), 'k1');
  expect(select).toContain('as "x""y"');
  expect(select).toContain(`"it''s":["VARCHAR"]`);
});

test('the digest is that of the decisions, not of the key', () => {
  const digest = (params: Readonly<Record<string, unknown>>, facts = {}, keyId = 'k1') =>
    compilePolicy(datasetOf([columnOf('born', [born], 'truncate_date', params)], facts), keyId).sha256;
  const first = digest({ unit: 'year' });
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(digest({ unit: 'year' }, {}, 'k2')).toBe(first);
  expect(digest({ unit: 'year' }, { drop: ['secret'] })).not.toBe(first);
  expect(digest({ unit: 'year' }, { primaryKey: ['born'] })).not.toBe(first);
  expect(digest({ unit: 'month' })).not.toBe(first);
});
