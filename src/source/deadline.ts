/** A signal that is aborted with its parent, or when the time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True once the time was up. */
  readonly isExpired: () => boolean;
  /** Must be called at the end, or timer and listener stay behind. */
  readonly release: () => void;
}

/**
 * Made by hand, because in Node 20 a signal of `AbortSignal.any` and `AbortSignal.timeout` may be collected before it
 * fires, and keeps memory on a parent that lives long.
 */
export function startDeadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController();
  let expired = false;
  const stop = (): void => {
    controller.abort();
  };
  const timer = setTimeout(() => {
    expired = true;
    stop();
  }, ms);
  parent.addEventListener('abort', stop, { once: true });
  if (parent.aborted) stop();
  const release = (): void => {
    clearTimeout(timer);
    parent.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, isExpired: () => expired, release };
}
