import { describe, expect, it } from 'vitest';
import { scrub } from '../../src/base/text/scrub.js';

describe('scrub', () => {
  it.each([
    ['an escape sequence', '\u001b[31mred', '\uFFFD[31mred'],
    ['a line break', 'a\nb\r', 'a\uFFFDb\uFFFD'],
    ['DEL and C1', '\u007f\u0085\u009b', '\uFFFD\uFFFD\uFFFD'],
    ['line and paragraph separators', '\u2028\u2029', '\uFFFD\uFFFD'],
    ['bidi controls', '\u202Eabc\u2066\u200F\u061C', '\uFFFDabc\uFFFD\uFFFD\uFFFD'],
    ['nothing else', 'Łódź, 東京, 👩‍👩‍👧, العربية', 'Łódź, 東京, 👩‍👩‍👧, العربية'],
  ])('replaces %s', (_, text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
  });
});
