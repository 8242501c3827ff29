// Starts worker.ts where nothing is built. A worker does not inherit the loader of TypeScript, and `--import tsx`
// acts in main threads only, so the worker registers it itself.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
