import { loadConfig } from '../src/base/config/config.js';
import { createEffects } from '../src/base/terminal/real-effects.js';
import { openTables } from '../src/project.js';

/** Prints the CPU milliseconds of loading all definitions of a project as `transform` does, once all modules are loaded. */
const [project = ''] = process.argv.slice(2);
const config = loadConfig({ project });
const { signal } = new AbortController();
const noFetch = () => Promise.reject(new Error('there is no network'));
const effects = await createEffects({ config, quiet: true, fetch: noFetch, signal });
const before = process.cpuUsage();
await openTables({ config, effects });
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
