import type { InitDocument } from '../operations/init-project.js';

/** What was made, and what to type next; `shown` is the folder as it was typed. */
export function formatInitialised({ files, pipeline }: InitDocument, shown: string): string {
  return [
    `${shown} is a project now: ${String(files.length)} files, README.md among them.`,
    '',
    `  pipeline run ${pipeline} --project ${shown}`,
    `  pipeline new NAME --from URL --project ${shown}`,
  ].join('\n');
}
