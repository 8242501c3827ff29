import { createContext, Script } from 'node:vm';

/** A script that does nothing but call back: what it buys is Node's watchdog, which stops even a backtracking pattern. */
const CALL = new Script('work()');
const room: { work: () => void } = { work: rest };
const context = createContext(room);

/**
 * Runs `work` to its end and returns true, or stops it after `timeoutMs` and returns false. Stopped work leaves what it
 * had written, and runs no `catch` or `finally` of its own. Costs about 0.1 ms.
 */
export function runWithTimeLimit(timeoutMs: number, work: () => void): boolean {
  room.work = work;
  try {
    CALL.runInContext(context, { timeout: timeoutMs });
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  } finally {
    // The closure holds a page of raw records.
    room.work = rest;
  }
}

function rest(): void {
  return;
}

/** Node makes this error in the script's own context, so that it is no instance of our `Error`. */
function isTimeout(error: unknown): boolean {
  const isThing = typeof error === 'object' && error !== null;
  return isThing && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
