/** How long a version that was read is taken for the current one. */
const TRUSTED_MS = 250;

/** Reads a version at most a few times a second, and once however many ask. */
export function watchVersion(read: () => Promise<string>, nowMs: () => number): () => Promise<string> {
  let reading: Promise<string> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isDone = false;
  return () => {
    if (reading === null || (isDone && nowMs() - readAtMs > TRUSTED_MS)) {
      isDone = false;
      reading = read().finally(() => {
        isDone = true;
        readAtMs = nowMs();
      });
    }
    return reading;
  };
}
