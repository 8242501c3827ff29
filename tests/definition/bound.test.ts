import { describe, expect, it } from 'vitest';
import { findBound } from '../../src/definition/complete/bound.js';
import { scanPattern } from '../../src/definition/complete/pattern.js';

describe('a pattern bounds a leaf', () => {
  it.each([
    '^[A-Z]{2}$',
    '^(?:north|south)$',
    '^[\\p{L}\\p{M} ,-]{1,80}$',
    '^\\d{5}(?:-\\d{4})?$',
    '^[*+]{1,3}$',
    '^a\\|b$',
    '^[(|$]{2}$',
  ])('if it is anchored, finite and no probe passes: %s', (pattern) => {
    expect(findBound({ type: 'string', pattern }, 'string')).toEqual({
      kind: 'pattern',
      pattern,
      maxLength: null,
    });
  });

  it('if a length of its own makes it finite', () => {
    const pattern = '^(?:[A-Z]| -)+$';
    expect(findBound({ type: 'string', pattern }, 'string')).toBeNull();
    expect(findBound({ type: 'string', pattern, maxLength: 9 }, 'string')).toEqual({
      kind: 'pattern',
      pattern,
      maxLength: 9,
    });
  });

  it.each([
    ['without a start', '[A-Z]{2}$'],
    ['without an end', '^[A-Z]{2}'],
    ['with an end that is a character', '^[A-Z]{2}\\$'],
    ['with an end inside a class', '^[A-Z$]'],
    ['with a choice that breaks the anchors', '^north|south$'],
    ['with a star', '^[A-Z]*$'],
    ['with a plus in a group', '^(?:[A-Z]+ ?){1,3}$'],
    ['with an open repeat', '^[A-Z]{2,}$'],
    ['with look-ahead', '^(?=A)[A-Z]{2}$'],
    ['with a back-reference', '^(A)\\1$'],
    ['that takes an address', '^[a-z@.]{1,40}$'],
    ['that takes an address at a host of its own', '^[^@]{1,40}@[^@]{1,40}\\.com$'],
    ['that does not compile', '^[z-a]$'],
    ['that takes a URL', '^[a-z:/.]{1,40}$'],
    ['that takes a host', '^[a-z.]{1,40}$'],
    ['that takes a phone number', '^\\+?\\d{1,15}$'],
    ['that takes a phone number in brackets', '^[\\d() -]{1,15}$'],
    ['that takes a card', '^\\d{16}$'],
    ['that takes a card in groups', '^\\d{4}(?: \\d{4}){3}$'],
    ['that takes an IBAN', '^[A-Z]{2}\\d{20}$'],
    ['that takes an IPv4 address', '^(?:\\d{1,3}\\.){3}\\d{1,3}$'],
    ['that takes 32 hex', '^[0-9a-f]{32}$'],
  ])('but not %s', (_, pattern) => {
    expect(findBound({ type: 'string', pattern }, 'string')).toBeNull();
  });

  it('and tells what RE2 does not have', () => {
    expect(scanPattern('^a{1,1000}$').isPortable).toBe(true);
    expect(scanPattern('^a{1,1001}$').isPortable).toBe(false);
    expect(scanPattern('^(?<!a)b$').isPortable).toBe(false);
    expect(scanPattern('^(?<name>a)b$').isPortable).toBe(true);
  });
});

describe('other bounds', () => {
  it.each([
    [{ enum: ['a', null] }, 'string', { kind: 'enum', values: ['a'] }],
    [{ const: 3 }, 'integer', { kind: 'enum', values: [3] }],
    [{}, 'boolean', { kind: 'enum', values: [true, false] }],
    [{ format: 'uuid' }, 'string', { kind: 'format', format: 'uuid' }],
    [{ format: 'email' }, 'string', null],
    [{ maxLength: 3 }, 'string', null],
    [{ minimum: 0, maximum: 9 }, 'integer', { kind: 'range', minimum: 0, maximum: 9 }],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 9 }, 'integer', { kind: 'range', minimum: 1, maximum: 8 }],
    [{ minimum: 0 }, 'integer', null],
    [{ minimum: 0, maximum: 9 }, 'number', null],
  ] as const)('%j of %s', (node, type, bound) => {
    expect(findBound(node, type)).toEqual(bound);
  });
});
