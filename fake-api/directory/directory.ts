import { DEFAULT_LOCALE, loadVocabulary } from '../persons/vocabulary.js';
import { readDay, today } from '../server/day.js';
import { readCount } from '../server/page-params.js';
import { type Answer, answerJson, type RouteRequest } from '../server/route.js';
import { listMembers, makeDirectoryUser } from './directory-users.js';

const DEFAULT_LIMIT = 10;
const MOST = 1_000;

/**
 * JSONPlaceholder's users, as json-server gives them by pages: `_page` counts from 1, `_limit` is 10 if not said, and
 * a page beyond the last one is empty. `date` says as of which day; without it, today.
 */
export async function answerDirectory({ params, settings }: RouteRequest): Promise<Answer> {
  const date = params.get('date');
  const day = date === null ? today() : readDay(date);
  const page = readCount(params.get('_page'), 1);
  const limit = readCount(params.get('_limit'), DEFAULT_LIMIT);
  if (day === null || page === null || limit === null || limit > MOST) return refuse();
  const words = await loadVocabulary(DEFAULT_LOCALE);
  const members = listMembers(settings.seed, day).slice((page - 1) * limit, page * limit);
  const users = members.map((id) => makeDirectoryUser(settings.seed, id, day, words));
  return answerJson(200, JSON.stringify(users));
}

function refuse(): Answer {
  return answerJson(400, '{"error":"date is YYYY-MM-DD, _page and _limit count from 1, _limit to 1000"}');
}
