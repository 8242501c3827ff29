import { describe, expect, it } from 'vitest';
import { formatQuery } from '../../src/actions/query/query-result.js';

const STEERS = '\u001b[31mred\u0007\u009b\u202Egnp\u2028\n';
const terminal = { interactive: false, width: 80, color: false };
const result = {
  columns: [
    { name: `a${STEERS}`, kind: 'text' },
    { name: 'n', kind: 'number' },
  ],
  rows: [
    [`Łódź, ${STEERS}`, -5],
    ['=1+1', null],
  ],
} as const;

describe('the answer of a query', () => {
  it.each(['table', 'csv', 'json'] as const)('steers no terminal as %s', (format) => {
    const lines = formatQuery(result, format, terminal).split(/\r?\n|\r$/);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  });

  it('is CSV in all else', () => {
    expect(formatQuery(result, 'csv', terminal)).toBe(
      'a\uFFFD[31mred\uFFFD\uFFFD\uFFFDgnp\uFFFD\uFFFD,n\r\n' +
        '"Łódź, \uFFFD[31mred\uFFFD\uFFFD\uFFFDgnp\uFFFD\uFFFD",-5\r\n' +
        "'=1+1,\r",
    );
  });
});
