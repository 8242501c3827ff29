import { failure, LakeveilError } from './errors.js';

const CLASS_NAME = /^[A-Z][A-Za-z0-9]{0,39}$/;
const MAX_FRAMES = 8;

/** A stack line of a file of ours, below the package's folder. Only what the group holds is shown. */
const OWN_FRAME =
  /^ {4}at (?:.*\()?(?:file:\/\/)?\/(?:[^()]*?\/)?((?:dist|src|commands|bin)\/[\w./-]+:\d+:\d+)\)?$/;

/**
 * What may be said of something that was thrown and is not of the catalogue: the name of its class and where in our
 * own files, never its message, name or any other property, since those may quote a record. An error of the
 * catalogue comes back as it is.
 */
export function toLakeveilError(thrown: unknown): LakeveilError {
  if (thrown instanceof LakeveilError) return thrown;
  const frames = listOwnFrames(thrown);
  const at = frames.map((frame) => `\n    at ${frame}`).join('');
  return failure('E_DEFECT', { name: nameClass(thrown), at });
}

/** The class as the code names it; `error.name` is a property like any other and could hold anything. */
function nameClass(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'something that is no error';
  const prototype: unknown = Object.getPrototypeOf(thrown);
  const maker: unknown =
    typeof prototype === 'object' && prototype !== null && Object.hasOwn(prototype, 'constructor')
      ? Reflect.get(prototype, 'constructor')
      : undefined;
  const name = typeof maker === 'function' ? maker.name : '';
  return CLASS_NAME.test(name) ? name : 'Error';
}

function listOwnFrames(thrown: unknown): string[] {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') return [];
  return cutMessage(thrown.stack, thrown.message)
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'))
    .flatMap((line) => OWN_FRAME.exec(line)?.[1] ?? [])
    .slice(0, MAX_FRAMES);
}

/** A message can have lines that look like stack lines: what comes before its end is not looked at. */
function cutMessage(stack: string, message: unknown): string {
  if (typeof message !== 'string' || message === '') return stack;
  const start = stack.indexOf(message);
  return start === -1 ? '' : stack.slice(start + message.length);
}
