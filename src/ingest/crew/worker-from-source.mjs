// Starts ingest-worker.ts where nothing is built.
import { register } from 'tsx/esm/api';

register();
await import('./ingest-worker.ts');
