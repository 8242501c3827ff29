import { type Answer, answerJson, type RouteRequest } from '../server/route.js';
import { renderPersonsPage } from './persons-page.js';
import { readPersonsQuery } from './persons-query.js';
import { loadVocabulary } from './vocabulary.js';

/** The Faker API: people from a seed. */
export async function answerPersons({ params, settings }: RouteRequest): Promise<Answer> {
  const query = readPersonsQuery(params);
  return answerJson(200, renderPersonsPage(query, await loadVocabulary(query.locale), settings));
}
