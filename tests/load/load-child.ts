import { loadTables } from '../../src/actions/load/load-tables.js';
import { loadConfig } from '../../src/base/config/config.js';
import { openProject } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';

/** A process that a test kills while it loads. */
export interface LoadChild {
  readonly dir: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly target?: string;
}

const { dir, variables, target = 't' } = JSON.parse(process.argv[2] ?? '') as LoadChild;
const config = loadConfig({ project: dir, environment: variables });
const project = await openProject({ config, effects: makeEffects({}) });
console.log('open');
await loadTables(project, { target, pipeline: null, tables: [], date: null, force: false });
process.exit();
