import { expect, it } from 'vitest';
import { formatJson } from '../../src/base/text/json.js';

it('prints one line that no character can steer a terminal with, and that reads back as it was', () => {
  const document = { text: '\u001b[2J\n\u0085\u009b\u2028\u202e ä 👩‍👩‍👧', list: [1, null, true] };
  const json = formatJson(document);
  expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  expect(json).toContain('ä 👩‍👩‍👧');
  expect(JSON.parse(json)).toEqual(document);
});

it('keeps the digits of large integers', () => {
  expect(formatJson({ n: 9007199254740993n })).toBe('{"n":"9007199254740993"}');
});
