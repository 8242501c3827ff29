import { makeCommands } from './commands.js';
import { makeEnvironment } from './environment.js';
import { makeErrors } from './errors.js';
import { makeFunctions } from './functions.js';
import type { MadePage } from './markdown.js';
import { makeModels } from './models.js';
import { makePagination } from './pagination.js';
import { makeTables } from './tables.js';
import { makeTreatments } from './treatments.js';

const MAKERS = [
  makeCommands,
  makeEnvironment,
  makeErrors,
  makeFunctions,
  makeModels,
  makePagination,
  makeTables,
  makeTreatments,
];

/** Every page that is made from the code, in whole or in part. */
export async function makeReference(): Promise<readonly MadePage[]> {
  return await Promise.all(MAKERS.map((make) => make()));
}
