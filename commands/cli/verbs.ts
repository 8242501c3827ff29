/** Every command by its id. Each is loaded on use: loading all of them doubles the start time. */
export const VERBS = {
  init: () => import('../init.js'),
  new: () => import('../new.js'),
  run: () => import('../run.js'),
  ingest: () => import('../ingest.js'),
  transform: () => import('../transform.js'),
  backfill: () => import('../backfill.js'),
  models: () => import('../models.js'),
  test: () => import('../test.js'),
  check: () => import('../check.js'),
  report: () => import('../report.js'),
  export: () => import('../export.js'),
  load: () => import('../load.js'),
  query: () => import('../query.js'),
  explain: () => import('../explain.js'),
  runs: () => import('../runs.js'),
  status: () => import('../status.js'),
  verify: () => import('../verify.js'),
  prune: () => import('../prune.js'),
  adopt: () => import('../adopt.js'),
  'init-db': () => import('../init-db.js'),
  doctor: () => import('../doctor.js'),
  publish: () => import('../publish.js'),
  dashboard: () => import('../dashboard.js'),
  'fake-api': () => import('../fake-api.js'),
};

export type Verb = keyof typeof VERBS;

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}
