/** Every command by its id. Each is loaded on use: loading all of them doubles the start time. */
export const VERBS = {
  init: () => import('../init.js'),
  new: () => import('../new.js'),
  run: () => import('../run.js'),
  ingest: () => import('../ingest.js'),
  transform: () => import('../transform.js'),
  backfill: () => import('../backfill.js'),
  schedule: () => import('../schedule.js'),
  models: () => import('../models.js'),
  test: () => import('../test.js'),
  check: () => import('../check.js'),
  report: () => import('../report.js'),
  export: () => import('../export.js'),
  load: () => import('../load.js'),
  query: () => import('../query.js'),
  definitions: () => import('../definitions.js'),
  explain: () => import('../explain.js'),
  privacy: () => import('../privacy.js'),
  runs: () => import('../runs.js'),
  alert: () => import('../alert.js'),
  logs: () => import('../logs.js'),
  metrics: () => import('../metrics.js'),
  status: () => import('../status.js'),
  verify: () => import('../verify.js'),
  leakscan: () => import('../leakscan.js'),
  prune: () => import('../prune.js'),
  forget: () => import('../forget.js'),
  keys: () => import('../keys.js'),
  receipts: () => import('../receipts.js'),
  adopt: () => import('../adopt.js'),
  'init-db': () => import('../init-db.js'),
  doctor: () => import('../doctor.js'),
  publish: () => import('../publish.js'),
  dashboard: () => import('../dashboard.js'),
  'fake-api': () => import('../fake-api.js'),
};

/** Names of commands of an older tool. */
const ALIASES: Readonly<Record<string, Verb>> = { 'fetch-data': 'ingest' };

/** The command that a word stands for. */
export function resolveVerb(word: string): string {
  return Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? word) : word;
}

export type Verb = keyof typeof VERBS;

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}
