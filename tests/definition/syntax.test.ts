import { describe, expect, it } from 'vitest';
import { change, errorOf, load, PAGE_TEXT } from './page.js';

const BOMB = ['a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
for (let i = 1; i < 9; i++)
  BOMB.push(
    `a${i}: &a${i} [${Array(10)
      .fill(`*a${i - 1}`)
      .join(', ')}]`,
  );

describe('YAML that cannot be read', () => {
  it('is reported with all its flaws', () => {
    const twice = change('  timeout: 45s', '  timeout: 45s\n  timeout: 46s');
    const { problems } = errorOf(() => load(twice.replace('sex: { from', 'born: { from')));
    expect(problems.map(({ where }) => [where.line, where.column])).toEqual([
      [8, 3],
      [42, 7],
    ]);
  });

  it.each([
    [
      'a name met twice',
      change('  timeout: 45s', '  timeout: 45s\n  timeout: 46s'),
      /DUPLICATE_KEY/,
      /duplicate key/,
      [8, 3],
    ],
    [
      'a landing column met twice',
      change('      sex: { from', '      born: { from'),
      /DUPLICATE_KEY/,
      /duplicate key/,
      [41, 7],
    ],
    ['a bracket left open', 'pipeline: [canary', /BAD_INDENT|MISSING_CHAR/, /./, [1, 18]],
    ['a tab', 'source:\n\tbase_url: canary', /TAB_AS_INDENT/, /indent with spaces/, [2, 1]],
    [
      'two pages in one file',
      `${PAGE_TEXT}---\npipeline: x\n`,
      /MULTIPLE_DOCS/,
      /one document per file/,
      [47, 1],
    ],
    ['a tag', 'pipeline: !canary x', /TAG_RESOLVE_FAILED/, /remove the tag/, [1, 11]],
    ['an alias without an anchor', 'pipeline: *canary', /no anchor/, /./, [1, 11]],
    ['a key that is a list', '? [canary]\n: 1', /NON_STRING_KEY/, /plain text/, [1, 3]],
    ['a name for a prototype', 'source:\n  __proto__: { canary: 1 }', /__proto__/, /remove it/, [2, 3]],
    [
      'aliases that multiply',
      BOMB.join('\n'),
      /the aliases expand without limit/,
      /write out the repeated parts/,
      [2, 10],
    ],
    ['an alias of itself', 'a: &a [*a]', /the aliases expand without limit/, /./, [1, 8]],
    ['brackets without end', '['.repeat(20_000), /RESOURCE_EXHAUSTION/, /reduce the nesting/, null],
  ])('is refused with a code and a place, not with its text: %s', (_, text, says, fix, place) => {
    const error = errorOf(() => load(text));
    expect(error).toMatchObject({ code: 'E_DEFINITION', exit: 2 });
    expect(error.message).toMatch(says);
    expect(error.remedy).toMatch(fix);
    if (place !== null) expect([error.where.line, error.where.column]).toEqual(place);
    expect(JSON.stringify(error) + error.message + error.remedy + String(error.cause)).not.toContain(
      'canary',
    );
  });

  it.each([
    ['nothing', ''],
    ['a list', '- a'],
    ['text', 'canary'],
  ])('is refused when the page is %s', (_, text) => {
    const error = errorOf(() => load(text));
    expect(error).toMatchObject({ code: 'E_DEFINITION', message: 'the definition must be a mapping' });
  });
});
