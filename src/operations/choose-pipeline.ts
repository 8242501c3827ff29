import type { Config } from '../config.js';
import type { Effects } from '../effects.js';
import { failure } from '../errors.js';
import type { Project } from '../project.js';
import { openProject } from './open-project.js';
import type { Overrides } from './open-project.js';

/** What verbs work on when nothing is said, where there is one of that name. */
const DEFAULT_PIPELINE = 'persons';

/** A project, and the pipeline of it that a verb works on. */
export interface ChosenPipeline {
  readonly project: Project;
  readonly pipeline: string;
}

/**
 * Opens the project for the pipeline that was named; where none was, for the one that `choosePipeline` gives.
 * @throws what `openProject` throws; E_UNKNOWN, E_USAGE
 */
export async function openChosen(
  context: { readonly config: Config; readonly effects: Effects },
  named: string | undefined,
  overrides: Overrides = {},
): Promise<ChosenPipeline> {
  if (named !== undefined) {
    return { pipeline: named, project: await openProject(context, named, overrides) };
  }
  const project = await openProject(context);
  const pipeline = choosePipeline(project);
  const isSet = Object.values(overrides).some((value) => value !== null);
  return { pipeline, project: isSet ? await openProject(context, pipeline, overrides) : project };
}

/**
 * The pipeline that is meant when none is named: `persons`, else the only one of the project.
 * @throws E_UNKNOWN if there is none; E_USAGE if there are several
 */
export function choosePipeline(project: Project): string {
  const chosen = findDefault(project);
  if (chosen !== null) return chosen;
  const known = [...project.definitions.keys()].sort().join(', ');
  throw failure('E_USAGE', {
    what: 'no pipeline is named, and the project has several',
    hint: `name one of ${known}`,
  });
}

/** The same; null where several are there and none is meant, for verbs that can work on all of them. */
export function findDefault({ definitions }: Project): string | null {
  if (definitions.has(DEFAULT_PIPELINE)) return DEFAULT_PIPELINE;
  const [first, ...others] = definitions.keys();
  if (first === undefined) {
    throw failure('E_UNKNOWN', { kind: 'pipeline', known: 'no page in pipelines/' });
  }
  return others.length === 0 ? first : null;
}
