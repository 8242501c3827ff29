import { allLocales } from '@faker-js/faker';
import { describe, expect, it } from 'vitest';
import { collectFields } from '../../src/draft/collect-leaves.js';
import { isListWord } from '../../src/draft/list-words.js';
import { planFields } from '../../src/draft/plan-draft.js';

function times(count: number, fields: Readonly<Record<string, unknown>>) {
  return Array.from({ length: count }, () => ({ ...fields }));
}

/** The closed lists of a draft, which goes into version control. */
function membersOf(records: readonly unknown[]) {
  const { leaves } = planFields(collectFields(records), 'people', {
    records: records.length,
    isPartial: false,
    noPeople: false,
  });
  return leaves.flatMap(({ members }) => (members === null ? [] : [members]));
}

/** All texts in lists and objects of lists. */
function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

describe('a closed list', () => {
  it.each([
    ['status', 'active'],
    ['status', 'ACTIVE'],
    ['status', 'Active'],
    ['status', 'in_transit'],
    ['type', 'FULL-TIME'],
    ['priority', 'P1'],
    ['class', 'B'],
    ['currency', 'EUR'],
    ['country', 'DE'],
    ['language', 'de'],
  ])('of %s may hold %s', (name, word) => {
    expect(membersOf(times(5, { [name]: word }))).toEqual([[word]]);
  });

  it.each(
    ['label', 'type', 'note', 'status', 'kind', 'category', 'plan', 'channel', 'country', 'language'].flatMap(
      (name) =>
        [
          'anna',
          'ANNA',
          'Anna',
          'MARIA',
          'BOB',
          'jo',
          "o'neill x",
          "o'neill",
          'dr. müller praxis',
          'mueller',
          'anna_schmidt',
          'anna-lena',
          'a.schmidt',
          'xiaowei',
          'ÖZGÜR',
          'mary jane',
          'in transit',
          'active anna',
          'Active Anna',
          'aCtIvE',
        ].map((value) => [name, value] as const),
    ),
  )('of %s never holds %s', (name, value) => {
    const records = [...times(30, { [name]: value }), ...times(30, { [name]: 'active' })];
    expect(membersOf(records)).toEqual([]);
  });

  it('has no word that is a first or last name in any language', () => {
    const names = Object.values(allLocales).flatMap(({ person }) =>
      listTexts([person?.first_name, person?.last_name]),
    );
    expect(names.length).toBeGreaterThan(10_000);
    expect(names.filter((name) => isListWord(name.toLowerCase(), 'status'))).toEqual([]);
  });
});
