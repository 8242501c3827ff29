import { ingest, transform } from '../src/pipeline.js';
import type { Landing } from './day.js';
import { openWorld, requestOf, type WorldFacts } from './world.js';

/** A process that the soak kills: lands once, then builds the tables. */
export interface ChildInput {
  readonly facts: WorldFacts;
  readonly landing: Landing;
}

const { facts, landing } = JSON.parse(process.argv[2] ?? '') as ChildInput;
const world = await openWorld(facts);
console.log('open');
try {
  await ingest(world.project, requestOf(landing, facts.source));
  await transform(world.project, { pipeline: landing.pipeline, dates: [] });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  console.error(world.log());
}
process.exit();
