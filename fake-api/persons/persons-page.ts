import { randomUUID } from 'node:crypto';
import type { EmbeddedSettings } from '../options.js';
import { driftRecord } from '../server/drift.js';
import { createRandom } from '../server/random.js';
import { type ApiRecord, shapePerson } from './generations.js';
import { makePerson } from './people.js';
import type { PersonsQuery } from './persons-query.js';
import type { Vocabulary } from './vocabulary.js';

/** The body of an answer: the Faker API's envelope with its people, byte for byte the same for the same seed. */
export function renderPersonsPage(
  query: PersonsQuery,
  words: Vocabulary,
  settings: Pick<EmbeddedSettings, 'generation' | 'drift'>,
): string {
  const data = makeRecords(query, words, settings);
  return JSON.stringify({
    status: 'OK',
    code: 200,
    locale: query.locale,
    seed: query.seed,
    total: data.length,
    data,
  });
}

function makeRecords(
  query: PersonsQuery,
  words: Vocabulary,
  settings: Pick<EmbeddedSettings, 'generation' | 'drift'>,
): readonly ApiRecord[] {
  const seed = query.seed ?? randomUUID();
  const people = createRandom(`people:${seed}`);
  // Of their own, so that the people of a seed are the same in every shape.
  const shapes = createRandom(`shapes:${seed}`);
  const drifts = createRandom(`drifts:${seed}`);
  return Array.from({ length: query.quantity }, (_, index) => {
    const person = makePerson(index + 1, query, words, people);
    const record = shapePerson(person, settings.generation, query, shapes);
    driftRecord(record, settings.drift, drifts);
    return record;
  });
}
