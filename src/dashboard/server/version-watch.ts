/** How long a version that was read is taken for the current one. */
const TRUSTED_MS = 250;

/**
 * Reads a version at most a few times a second, and once however many ask.
 * @param mark a text that is known at once; when it changes, what was read or is being read is not trusted any more
 */
export function watchVersion(
  read: () => Promise<string>,
  nowMs: () => number,
  mark: () => string,
): () => Promise<string> {
  let reading: Promise<string> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isDone = false;
  let readAt = '';
  return () => {
    const isOld = isDone && nowMs() - readAtMs > TRUSTED_MS;
    if (reading !== null && !isOld && readAt === mark()) return reading;
    [isDone, readAt] = [false, mark()];
    const begun = read().finally(() => {
      if (reading !== begun) return;
      isDone = true;
      readAtMs = nowMs();
    });
    reading = begun;
    return begun;
  };
}
