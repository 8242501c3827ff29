import { describe, expect, it } from 'vitest';
import { load, PAGE_TEXT } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const LINES = `  people_lines:
    of: people
    explode: home.visits
    contract:
      schema:
        type: object
        required: [id, home]
        properties:
          id: { type: integer, minimum: 1, maximum: 999999, x-pii: none }
          home:
            type: object
            required: [visits]
            properties:
              visits:
                type: array
                items:
                  type: object
                  required: [day]
                  properties:
                    day: { type: string, format: date, x-pii: none }
    landing:
      id: { from: id, treat: keep }
      day: { from: home.visits.day, treat: keep }
    primary_key: [day]
`;

/** The refusals' page ends with `primary_key: [person]`: what follows it is another dataset. */
const END = 'primary_key: [person]\n';
const refuse = (name: string, from: string, to: string, says: RegExp): Refusal => {
  if (LINES.split(from).length !== 2) throw new Error(`passage is not there once: ${from}`);
  return { name, from: END, to: END + LINES.replace(from, () => to), says };
};

describe('a dataset made of the pages of another one', () => {
  it('has its request, time and slot, and rows of an array as leaves of one element', () => {
    const { datasets } = load(PAGE_TEXT.replace('time: by_date', 'time: by_date\n    slot: hour') + LINES);
    const [people, lines] = [datasets.get('people'), datasets.get('people_lines')];
    expect(lines).toMatchObject({
      of: 'people',
      explode: {
        segments: ['home', 'visits'],
        required: [true, true],
        as: null,
        isMap: false,
        singleAsList: false,
      },
      time: 'by_date',
      slot: 'hour',
    });
    expect(lines?.request).toBe(people?.request);
    expect(people).toMatchObject({ of: null, explode: null });
    expect(
      [...(lines?.contract.leaves.values() ?? [])].map(({ path, required }) => [path, required]),
    ).toEqual([
      ['id', true],
      ['home.visits.day', true],
    ]);
    expect([...(people?.contract.elsewhere ?? [])]).toEqual(['id', 'home', 'home.visits', 'home.visits.day']);
    expect(lines?.contract.elsewhere).toContain('home.country');
    expect([...datasets.keys()]).toEqual(['people', 'people_lines']);
  });

  it('may stand before the one that it is made of', () => {
    const page = PAGE_TEXT.replace('datasets:\n', `datasets:\n${LINES}`);
    expect([...load(page).datasets.keys()]).toEqual(['people_lines', 'people']);
  });

  it.each([
    refuse(
      'of a dataset that is not there',
      'of: people',
      '¦of: peple',
      /must name a dataset with its own request/,
    ),
    refuse('of itself', 'of: people', '¦of: people_lines', /must name a dataset with its own request/),
    refuse('a time of its own', 'of: people', 'of: people\n    ¦time: snapshot', /`time` comes from people/),
    refuse('a slot of its own', 'of: people', 'of: people\n    ¦slot: hour', /`slot` comes from people/),
    refuse(
      'a request of its own',
      'of: people',
      'of: people\n    ¦request: { path: /x, records: "" }',
      /`request` comes from people/,
    ),
  ])('is refused: $name', expectRefusal);

  it.each([
    refuse('an array without items', 'items:', 'prefixItems:', /prefixItems/),
    refuse(
      'a leaf of two types',
      'id: { type: integer, minimum: 1, maximum: 999999, x-pii: none }',
      '¦id: { type: string, maxLength: 9, pattern: "^[0-9]$", x-pii: none }',
      /BIGINT in people/,
    ),
  ])('is refused: $name', (refusal) => {
    if (refusal.to.includes('¦')) expectRefusal(refusal);
    else expect(() => load(PAGE_TEXT.replace(refusal.from, refusal.to))).toThrow(refusal.says);
  });

  it.each([
    ['absent', 'required: [visits]\n            properties', 'properties'],
    ['in an object that may be absent', 'required: [id, home]', 'required: [id]'],
    ['null', 'type: array', "type: [array, 'null']"],
  ])('may have an array that is %s', (_, from, to) => {
    const lines = load(PAGE_TEXT + LINES.replace(from, to)).datasets.get('people_lines');
    expect(lines?.explode?.required.every(Boolean)).toBe(to.includes('null'));
    expect(lines?.contract.leaves.get('home.visits.day')?.required).toBe(true);
  });

  it('needs an array for its rows', () => {
    const changed = LINES.replace('explode: home.visits', 'explode: home.vists');
    expect(() => load(PAGE_TEXT + changed)).toThrow(/arrays are only supported with `explode`/);
    const scalar = LINES.replace('explode: home.visits', 'explode: id2');
    expect(() =>
      load(
        PAGE_TEXT +
          scalar
            .replace('type: array', 'type: object')
            .replace('items:\n                  type: object\n', ''),
      ),
    ).toThrow();
  });
});
