import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/base/terminal/table.js';
import { formatCount } from '../../src/base/text/numbers.js';

const plain = { width: 80, color: false };

describe('formatTable', () => {
  it('puts numbers to the right, text to the left, and null as a dash', () => {
    const text = formatTable(
      ['country', 'gmail_users'],
      [
        ['Germany', 63],
        ['Côte d’Ivoire', 1204],
        [null, 7],
      ],
      plain,
    );
    expect(text).toBe(
      [
        'country        gmail_users',
        '─────────────  ───────────',
        'Germany                 63',
        'Côte d’Ivoire         1204',
        '–                        7',
      ].join('\n'),
    );
  });

  it('is no wider than the terminal: the widest column gives way, and says so', () => {
    const text = formatTable(['id', 'text'], [[1, 'x'.repeat(100)]], { width: 30, color: false });
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(30);
    expect(lines[2]).toMatch(/^ 1 {2}x+…$/);
  });

  it('sets thousands apart where it is asked to, in numbers only', () => {
    const rows = [
      ['a', 1234567.8912],
      ['2024', -1000],
      ['1234', 1e21],
    ];
    const text = formatTable(['name', 'count'], rows, { ...plain, grouped: true });
    expect(text.split('\n').slice(2)).toEqual([
      'a     1,234,567.8912',
      '2024          -1,000',
      '1234           1e+21',
    ]);
  });

  it('leaves years and ids as they are', () => {
    const heads = ['birth_year', 'year', 'order id', 'ID', 'people', 'paid'];
    const text = formatTable(heads, [[1980, 2024, 12345, 1234, 1234, 1234]], { ...plain, grouped: true });
    expect(text.split('\n')[2]?.trim().split(/ +/)).toEqual([
      '1980',
      '2024',
      '12345',
      '1234',
      '1,234',
      '1,234',
    ]);
  });

  it('scrubs cells and headings', () => {
    const text = formatTable(['a\u001b[1m'], [['b\u202e\n']], plain);
    expect(text).toContain('b\uFFFD\uFFFD');
    expect(text).not.toContain('\u001b');
  });

  it('prints headings without rows', () => {
    expect(formatTable(['a', 'b'], [], plain).split('\n')[0]).toBe('a  b');
  });

  it('has colour only if asked', () => {
    expect(formatTable(['a'], [[1]], { width: 80, color: true })).toContain('\u001b[1m');
  });
});

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1234567, '1,234,567'],
])('formatCount sets thousands apart: %i', (count, text) => {
  expect(formatCount(count)).toBe(text);
});
