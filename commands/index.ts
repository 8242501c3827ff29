import { VERBS } from './cli/verbs.js';

const entries = Object.entries(VERBS).map(async ([id, load]) => [id, (await load()).default] as const);

/** Every verb's class by its id, loaded; oclif reads this map to print help. */
export const COMMANDS = Object.fromEntries(await Promise.all(entries));
