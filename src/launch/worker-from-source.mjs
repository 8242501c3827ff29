// Starts run-worker.ts where nothing is built.
import { register } from 'tsx/esm/api';

register();
await import('./run-worker.ts');
