import { describe, expect, test } from 'vitest';
import type { JsonSchema, Leaf } from '../../src/base/types/definition.js';
import { startCheck } from '../../src/contract/check.js';
import { compileContract } from '../../src/contract/contract.js';
import { contractOf, objectOf } from './contract-of.js';

const TEXT: JsonSchema = { type: 'string' };

function compile(schema: JsonSchema): unknown {
  return compileContract(contractOf(schema), 'people');
}

describe('a schema that cannot be judged without gaps does not compile', () => {
  const cases: readonly (readonly [string, JsonSchema, string])[] = [
    ['a keyword outside the subset', objectOf({ a: { type: 'string', allOf: [] } }), 'a'],
    ['$ref', objectOf({ a: { $ref: '#' } }), 'a'],
    ['an array', objectOf({ a: { type: 'array' } }), 'a'],
    ['a leaf without a type', objectOf({ a: {} }), 'a'],
    ['an object without properties', objectOf({ a: { type: 'object' } }), 'a'],
    ['additionalProperties', { ...objectOf({ a: TEXT }), additionalProperties: false }, ''],
    ['a pattern that is none', objectOf({ b: objectOf({ a: { type: 'string', pattern: '(' } }) }), 'b.a'],
    ['an unknown format', objectOf({ a: { type: 'string', format: 'shoe_size' } }), 'a'],
    ['a bound of another type', objectOf({ a: { type: 'string', minimum: 1 } }), 'a'],
    ['a mixed type', objectOf({ a: { type: ['string', 'number'] } }), 'a'],
    [
      'a field __proto__',
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'),
      '__proto__',
    ],
    ['a record that is a scalar', TEXT, ''],
  ];
  test.each(cases)('%s', (_, schema, field) => {
    expect(() => compile(schema)).toThrow(
      expect.objectContaining({ code: 'E_DEFINITION', where: { dataset: 'people', field } }),
    );
  });

  test('annotations and our own vocabulary are taken', () => {
    expect(
      compile(objectOf({ a: { ...TEXT, title: 'A', description: 'b', 'x-pii': 'none' } })),
    ).toBeDefined();
  });
});

describe('leaves of the columns', () => {
  test('have names that differ in more than case, and from those of our own', () => {
    const names = ['page', 'Position', 'email', 'Email', 'Email 2', 'a.b'];
    const definition = contractOf(objectOf(Object.fromEntries(names.map((name) => [name, TEXT]))));
    const check = startCheck(compileContract(definition, 'people'), [...definition.leaves.values()]);
    const record = Object.fromEntries(names.map((name) => [name, name]));
    expect(JSON.parse(check.page({ index: 0, records: [record] }).columns)).toEqual({
      page: [0],
      position: [0],
      'page 2': ['page'],
      'Position 2': ['Position'],
      email: ['email'],
      'Email 2': ['Email'],
      '"Email 2"': ['Email 2'],
      '"a.b"': ['a.b'],
    });
  });

  test('a leaf that the schema does not judge', () => {
    const [stray] = contractOf(objectOf({ b: TEXT })).leaves.values();
    const contract = compileContract(contractOf(objectOf({ a: TEXT })), 'people');
    expect(() => startCheck(contract, [stray as Leaf])).toThrow(/no leaf b/);
  });
});
