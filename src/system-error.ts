/** The code of an error of the operating system, such as `ENOSPC`: all of it that may be told, since its message has paths. */
export function nameSystemError(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
