import { TREATMENTS } from '../anonymize/treatments/registry.js';
import type { Config } from '../config.js';
import type { Definition } from '../definition/definition.js';
import { loadPipeline, loadProject } from '../definition/load-project.js';
import type { Effects } from '../effects.js';
import { failure } from '../errors.js';
import { LocalLake } from '../lake/store.js';
import { finishDead } from '../ledger/ledger.js';
import { isRunId } from '../ledger/run-id.js';
import { writeRun } from '../ledger/write-run.js';
import { readPackage } from '../package-dir.js';
import type { Project } from '../project.js';

/** Variables that flags set for one pipeline, by name: `--records` is RECORDS. */
export type Overrides = Readonly<Record<string, number | null>>;

/** How long a command waits for another one that has the lake. */
const PATIENCE_MS = 60_000;

/**
 * Reads all definitions of the project and finds its lake. A flag that the pipeline's page does not read is refused,
 * for it would do nothing.
 * @throws E_DEFINITION and its like, E_UNKNOWN, E_USAGE
 */
export async function openProject(
  { config, effects }: { readonly config: Config; readonly effects: Effects },
  pipeline: string | null = null,
  overrides: Overrides = {},
): Promise<Project> {
  const input = {
    projectDir: config.projectDir,
    treatments: TREATMENTS,
    variables: config.variables,
    places: config.places,
  };
  const definitions = new Map(await loadProject(input));
  const set = Object.entries(overrides).filter(([, value]) => value !== null);
  if (pipeline !== null && set.length > 0) {
    const variables = new Map([
      ...config.variables,
      ...set.map(([name, value]) => [name, String(value)] as const),
    ]);
    const definition = await loadPipeline({ ...input, variables }, pipeline);
    for (const [name] of set) refuseUnread(definition, name);
    definitions.set(pipeline, definition);
  }
  return {
    config,
    effects,
    definitions,
    lake: openLake(config, effects),
    toolVersion: readPackage().version,
  };
}

function openLake({ lakeDir }: Config, effects: Effects): LocalLake {
  return new LocalLake({
    root: lakeDir,
    waiting: {
      patienceMs: PATIENCE_MS,
      sleep: (ms) => effects.sleep(ms, effects.signal),
      onWait: (holder) => {
        effects.log.warn('waiting_for_the_lake', { holder });
      },
    },
    onReceipt: (receipt) => writeReceipt(lakeDir, receipt),
    onDead: (runId) => finishDead(lakeDir, runId),
  });
}

/**
 * What a commit carries is the entry of the run that wrote it. One that is no entry is passed over: the files are the
 * commit, and no later command could begin before it is finished.
 */
async function writeReceipt(lakeDir: string, receipt: unknown): Promise<void> {
  const { RUN_RECORD } = await import('../ledger/run-schema.js');
  const { data } = RUN_RECORD.safeParse(receipt);
  if (data !== undefined && isRunId(data.run_id)) await writeRun(lakeDir, data);
}

function refuseUnread({ env, file }: Definition, variable: string): void {
  if (env.includes(variable)) return;
  const what = `--${variable.toLowerCase()} sets ${variable}, which ${file} does not read`;
  throw failure('E_USAGE', {
    what,
    hint: `leave it out, or use \${${variable}} in the page and list it under env`,
  });
}
