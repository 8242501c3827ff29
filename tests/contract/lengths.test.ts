import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractOf, objectOf } from './contract-of.js';
import { checkPages } from './run-check.js';

test('lengths count characters, not UTF-16 units, and a miss names its keyword', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ü', '中', '😀'), maxLength: 8 });
  const limits = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), limits, (texts, [one, other]) => {
      const [minLength, maxLength] = [Math.min(one, other), Math.max(one, other)];
      const schema = objectOf({ text: { type: 'string', minLength, maxLength } }, ['text']);
      const { pages } = checkPages(contractOf(schema), [texts.map((each) => ({ text: each }))]);
      const expected = texts.flatMap((each, position) => {
        const characters = Array.from(each).length;
        const keyword = characters > maxLength ? 'maxLength' : characters < minLength ? 'minLength' : null;
        return keyword === null ? [] : [{ page: 0, position, code: 'length', path: 'text', keyword }];
      });
      expect(pages[0]?.rejects).toEqual(expected);
    }),
    { numRuns: 60, seed: 3 },
  );
});

test.each(['constructor', 'toString', 'valueOf'])(
  'a property named %s is not taken from its prototype',
  (name) => {
    const nested = objectOf({ [name]: { type: 'string', maxLength: 9 } }, [name]);
    const { pages } = checkPages(contractOf(objectOf({ below: nested }, ['below'])), [
      [{ below: {} }, { below: { [name]: 'own' } }],
    ]);
    expect(pages[0]?.rejects).toMatchObject([{ position: 0, code: 'missing', path: `below.${name}` }]);
  },
);
