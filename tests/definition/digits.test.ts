import { describe, expect, it } from 'vitest';
import { change, load } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const FROM = "score: { type: [number, 'null'], x-pii: none }";
const LANDED = ['      score: { from: score, treat: round, decimals: 1 }\n', ''] as const;

function leafOf(text: string) {
  const page = change(FROM, `score: ${text}`).replace(
    'treat: round, decimals: 1',
    'treat: keep, reviewed: public',
  );
  const leaf = load(page).datasets.get('people')?.contract.leaves.get('score');
  return { type: leaf?.type, bound: leaf?.bound, schema: leaf?.schema };
}

describe('a leaf of exact digits', () => {
  it.each([
    {
      text: '{ type: integer, format: bigint, x-pii: none }',
      type: 'DECIMAL(38,0)',
      bound: null,
      schema: { type: 'string', 'x-pii': 'none', 'x-digits': { precision: 38, scale: 0 } },
    },
    {
      text: "{ type: [number, 'null'], format: decimal, x-scale: 2, minimum: 0, exclusiveMaximum: 99.5, x-pii: none }",
      type: 'DECIMAL(18,2)',
      bound: { kind: 'range', minimum: 0, maximum: 99.5 },
      schema: {
        type: ['string', 'null'],
        'x-pii': 'none',
        'x-digits': { precision: 18, scale: 2 },
        'x-range': { minimum: '0', exclusiveMaximum: '99.5' },
      },
    },
    {
      text: '{ type: string, format: decimal, x-scale: 0, x-pii: none }',
      type: 'DECIMAL(18,0)',
      bound: null,
      schema: { type: 'string', 'x-pii': 'none', 'x-digits': { precision: 18, scale: 0 } },
    },
  ])('is judged as text: $text', ({ text, ...is }) => {
    expect(leafOf(text)).toEqual(is);
  });

  const REFUSED: readonly Refusal[] = [
    {
      name: 'a decimal without a scale',
      from: FROM,
      to: '¦score: { type: number, format: decimal, x-pii: none }',
      says: /no scale/,
    },
    {
      name: 'a scale beyond 18',
      from: FROM,
      to: 'score: { type: number, format: decimal, ¦x-scale: 19, x-pii: none }',
      says: /from 0 to 18/,
    },
    {
      name: 'a scale of something else',
      from: FROM,
      to: 'score: { type: number, ¦x-scale: 2, x-pii: none }',
      says: /`x-scale` is not supported for type number/,
    },
    {
      name: 'a bigint that is a number',
      from: FROM,
      to: '¦score: { type: number, format: bigint, x-pii: none }',
      says: /the type does not match format bigint/,
    },
    {
      name: 'an enum of decimals',
      from: FROM,
      to: 'score: { type: number, format: decimal, x-scale: 1, ¦enum: [1.5], x-pii: none }',
      says: /`enum` is not supported for this format/,
    },
    {
      name: 'a pattern of a bigint',
      from: FROM,
      to: "score: { type: string, format: bigint, ¦pattern: '^1$', x-pii: none }",
      says: /`pattern` is not supported for this format/,
    },
    {
      name: 'a limit finer than the scale',
      from: FROM,
      to: 'score: { type: number, format: decimal, x-scale: 1, ¦minimum: 0.05, x-pii: none }',
      says: /the limit has more decimal places/,
    },
    {
      name: 'kept without a bound',
      from: FROM,
      to: 'score: { type: integer, format: bigint, x-pii: none }',
      also: ['score: { from: score, treat: round, decimals: 1 }', 'score: { from: score, ¦treat: keep }'],
      says: /score would be kept, but it has no bound/,
    },
  ];

  it.each(REFUSED)('is refused: $name', expectRefusal);

  it('may be dropped', () => {
    const page = change(FROM, 'score: { type: integer, format: bigint, x-pii: none }');
    expect(() => load(page.replace(...LANDED).replace('drop: [note]', 'drop: [note, score]'))).not.toThrow();
  });
});
