/** Every verb by its id. Each is loaded when it is called, since a start that loads them all takes twice as long. */
export const VERBS = {
  run: () => import('./run.js'),
  ingest: () => import('./ingest.js'),
  transform: () => import('./transform.js'),
  report: () => import('./report.js'),
  doctor: () => import('./doctor.js'),
};

export type Verb = keyof typeof VERBS;

export function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}
