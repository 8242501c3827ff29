import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startCheck } from '../../src/contract/check.js';
import { compileContract } from '../../src/contract/contract.js';
import { contractOf, objectOf } from './contract-of.js';

const CONTRACT = contractOf(
  objectOf(
    {
      name: { type: ['string', 'null'], maxLength: 9, 'x-pii': 'direct' },
      choice: { enum: ['a', 'b'], 'x-on-invalid': 'set_null' },
      below: objectOf({ whole: { type: 'integer' }, rare: { type: ['string', 'null'], maxLength: 9 } }),
    },
    ['name'],
  ),
);
const needed = [...CONTRACT.leaves.values()];
const start = () =>
  startCheck(compileContract(CONTRACT, 'people'), needed, { hideName: (path) => `hidden ${path}` });

const record = fc.record(
  {
    name: fc.constantFrom('Maja', 'extra', null, 7, 'much too long a name'),
    choice: fc.constantFrom('a', 'b', 'c', 1),
    below: fc.oneof(
      fc.record({ whole: fc.constantFrom(1, 'x'), rare: fc.constantFrom('r', null) }, { requiredKeys: [] }),
      fc.constant(4),
    ),
    extra: fc.constantFrom(1, 'text', null),
    other: fc.constant(true),
    'a 12345': fc.constant(1),
  },
  { requiredKeys: [] },
);

test('what several checks find in their pages adds up to what one finds in all', () => {
  const pages = fc.array(fc.array(record, { maxLength: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pages, fc.integer({ min: 1, max: 4 }), (all, count) => {
      const one = start();
      const checks = Array.from({ length: count }, start);
      for (const [index, records] of all.entries()) {
        one.page({ index, records });
        checks[index % count]?.page({ index, records });
      }
      const joined = start();
      for (const check of checks) joined.absorb(structuredClone(check.share()));
      expect(joined.finish()).toEqual(one.finish());
    }),
    { numRuns: 40, seed: 4 },
  );
});
