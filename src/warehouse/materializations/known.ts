import { INCREMENTAL } from './incremental.js';
import type { Materialization } from './materialization.js';
import { TABLE } from './table.js';
import { VIEW } from './view.js';

export const MATERIALIZATIONS: readonly Materialization[] = [VIEW, TABLE, INCREMENTAL];
