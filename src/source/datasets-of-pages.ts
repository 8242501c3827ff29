import type { DatasetDefinition } from '../definition/definition.js';

/** Datasets that are made of the same pages, by one request; errors of the pull name the first. */
export type DatasetsOfPages = readonly [DatasetDefinition, ...DatasetDefinition[]];
