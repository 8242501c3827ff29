import { HISTORY } from './history.js';
import { INCREMENTAL } from './incremental.js';
import type { Materialization } from './materialization.js';
import { LATEST } from './newest.js';
import { TABLE } from './table.js';
import { UPSERT } from './upsert.js';
import { VIEW } from './view.js';

export const MATERIALIZATIONS: readonly Materialization[] = [
  VIEW,
  TABLE,
  LATEST,
  INCREMENTAL,
  UPSERT,
  HISTORY,
];
