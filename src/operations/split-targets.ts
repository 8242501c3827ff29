import type { Project } from '../project.js';
import { choosePipeline } from './choose-pipeline.js';

/** `[PIPELINE] [NAME…]`: the first word is a pipeline if one bears that name, else a name like the others. @throws E_UNKNOWN, E_USAGE */
export function splitTargets(
  project: Project,
  words: readonly string[],
): { readonly pipeline: string; readonly names: readonly string[] } {
  const [first, ...rest] = words;
  if (first !== undefined && project.definitions.has(first)) return { pipeline: first, names: rest };
  return { pipeline: choosePipeline(project), names: words };
}
