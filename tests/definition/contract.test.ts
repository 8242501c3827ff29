import { describe, it } from 'vitest';
import { expectRefusal, type Refusal } from './refusal.js';

const CONTRACT: readonly Refusal[] = [
  {
    name: 'a leaf without a class',
    from: 'note: { type: string, x-pii: sensitive }',
    to: '¦note: { type: string }',
    says: /the leaf has no PII class/,
    fix: /x-pii: direct \| sensitive/,
  },
  {
    name: 'a leaf without a type',
    from: 'note: { type: string, ',
    to: '¦note: { ',
    says: /must have exactly one type/,
  },
  {
    name: 'a leaf of two types',
    from: 'note: { type: string,',
    to: '¦note: { type: [string, integer],',
    says: /must have exactly one type/,
  },
  {
    name: 'an enum of two types',
    from: 'sex: { enum: [f, m]',
    to: '¦sex: { enum: [f, 1]',
    says: /must have exactly one type/,
  },
  {
    name: 'an enum that its type does not admit',
    from: '{ enum: [f, m]',
    to: '{ type: integer, ¦enum: [f, m]',
    says: /a value does not have type integer/,
  },
  { name: 'an enum value met twice', from: 'enum: [f, m]', to: '¦enum: [f, f]', says: /duplicate value/ },
  {
    name: 'an enum and a type that differ on null',
    from: '{ enum: [f, m]',
    to: "{ type: [string, 'null'], ¦enum: [f, m]",
    says: /about null/,
  },
  {
    name: 'a keyword of another type',
    from: 'note: { type: string,',
    to: 'note: { type: string, ¦minimum: 1,',
    says: /keyword `minimum` is not supported for type string/,
  },
  {
    name: 'a pattern that does not compile',
    from: "pattern: '^[A-Z]{2}$'",
    to: "¦pattern: '^['",
    says: /does not compile/,
  },
  {
    name: 'a pattern that RE2 refuses',
    from: "pattern: '^[A-Z]{2}$'",
    to: "¦pattern: '^(?=A)[A-Z]{2}$'",
    says: /home\.country is not a valid RE2 expression/,
    code: 'E_PATTERN',
  },
  {
    name: 'limits that cross',
    from: 'id: { type: integer, minimum: 1,',
    to: '¦id: { type: integer, minimum: 1000000,',
    says: /lower limit is above/,
  },
  {
    name: 'a limit without its digits',
    from: 'id: { type: integer, minimum: 1, maximum: 999999,',
    to: '¦id: { type: integer, minimum: 1, maximum: 9007199254740993,',
    says: /exceeds 2\^53/,
  },
  {
    name: 'a required name that is no property',
    from: '[id, email, born]',
    to: '[id, email, ¦borm]',
    says: /unknown property/,
    fix: /did you mean `born`/,
  },
  {
    name: 'a required name met twice',
    from: '[id, email, born]',
    to: '[id, email, born, ¦id]',
    says: /duplicate name/,
  },
  {
    name: 'a record that is no object',
    from: 'schema:\n        type: object\n        required',
    to: "¦schema:\n        type: [object, 'null']\n        required",
    says: /a record must be an object/,
  },
  {
    name: 'an object without properties',
    from: 'note: { type: string, x-pii: sensitive }',
    to: '¦note: { type: object }',
    says: /the object has no properties/,
  },
  {
    name: 'a class on an object',
    from: 'home:\n            type: object',
    to: 'home:\n            ¦x-pii: quasi\n            type: object',
    says: /only allowed on leaves/,
  },
  {
    name: 'a control character in a name',
    from: '          note: {',
    to: '          ¦"a\\u0007b": {',
    says: /invalid property name/,
    and: [/unknown leaf/],
  },
  {
    name: 'set_null on a required leaf',
    from: "'^[A-Z]{2}$', x-pii: quasi }",
    to: "'^[A-Z]{2}$', x-pii: quasi, ¦x-on-invalid: set_null }",
    says: /required leaf cannot be set to null/,
  },
];

describe('a contract', () => {
  it.each(CONTRACT)('is refused: $name', expectRefusal);
});
