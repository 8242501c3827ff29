import { failure } from './errors.js';

export interface SignalWatch {
  /** Aborted with E_INTERRUPTED or E_TERMINATED. */
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  release(): void;
}

/**
 * Turns Ctrl-C and SIGTERM into one abort, so that work can stop between two steps. A second Ctrl-C ends the process
 * at once, which is as safe as a kill.
 * @param onFirst called at the first signal, to tell a person that the work is stopping
 */
export function watchSignals(onFirst: () => void): SignalWatch {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(failure('E_INTERRUPTED', {}));
    onFirst();
  };
  const terminate = (): void => {
    if (controller.signal.aborted) return;
    controller.abort(failure('E_TERMINATED', {}));
    onFirst();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  const release = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  };
  return { signal: controller.signal, release };
}
