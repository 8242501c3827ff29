import { compilePolicy } from '../anonymize/compile-policy.js';
import type { PolicyExplanation } from '../anonymize/explain.js';
import { explainPolicy } from '../anonymize/explain.js';
import type { Project } from '../project.js';
import { findDefinition } from '../project.js';

/** What `explain --json` prints. */
export interface PipelineExplanation {
  readonly pipeline: string;
  readonly description: string;
  readonly file: string;
  readonly datasets: readonly PolicyExplanation[];
}

/** Stands for the id of a key that nobody has named. */
const UNNAMED_KEY = 'key';

/** What is decided of every field of a pipeline. Needs neither key nor database. @throws E_UNKNOWN */
export function explainPipeline(project: Project, name: string): PipelineExplanation {
  const { pipeline, description, file, datasets } = findDefinition(project, name);
  const { id } = project.config.key;
  const keyId = id !== null && /^[a-z0-9]{1,16}$/.test(id) ? id : UNNAMED_KEY;
  const explained = [...datasets.values()].map((dataset) =>
    explainPolicy(dataset, compilePolicy(dataset, keyId)),
  );
  return { pipeline, description, file, datasets: explained };
}
