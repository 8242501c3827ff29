import type { Project } from '../project.js';

/** What every verb works on when nothing is said. */
export const DEFAULT_PIPELINE = 'persons';

/** `[PIPELINE] [NAME…]`: the first word is a pipeline if one bears that name, else a name like the others. */
export function splitTargets(
  { definitions }: Project,
  words: readonly string[],
): { readonly pipeline: string; readonly names: readonly string[] } {
  const [first, ...rest] = words;
  if (first !== undefined && definitions.has(first)) return { pipeline: first, names: rest };
  return { pipeline: DEFAULT_PIPELINE, names: words };
}
