import { failure, LakeveilError, systemCode } from './errors.js';

const CLASS_NAME = /^[A-Z][A-Za-z0-9]{0,39}$/;
const MAX_FRAMES = 8;

/** A stack line in one of the package's own files. Only the captured group is shown. */
const OWN_FRAME =
  /^ {4}at (?:.*\()?(?:file:\/\/)?\/(?:[^()]*?\/)?((?:dist|src|commands|bin)\/[\w./-]+:\d+:\d+)\)?$/;

/**
 * Converts anything thrown to an error of the catalogue. An unknown error keeps only its class name and its place in our own
 * files, never its message, `name` or any other property, since those may quote a record. An error of the catalogue is
 * returned unchanged.
 */
export function toLakeveilError(thrown: unknown): LakeveilError {
  if (thrown instanceof LakeveilError) return thrown;
  const machine = findMachineFault(thrown);
  if (machine !== null) return machine;
  const frames = listOwnFrames(thrown);
  const at = frames.map((frame) => `\n    at ${frame}`).join('');
  return failure('E_DEFECT', { name: nameClass(thrown), at });
}

/** What the system says of a disk or of memory that is full. */
const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE'];
const FULL_MEMORY = /^(?:Out of Memory Error: |Array buffer allocation failed$|(?:std::)?bad_alloc$)/;

/** A fault of the machine that no stage expected; null for a defect. */
function findMachineFault(thrown: unknown): LakeveilError | null {
  const kind = systemCode(thrown);
  if (DISK_FAULTS.includes(kind)) return failure('E_DISK', { path: 'a file', kind });
  if (kind !== 'ENOMEM' && !(thrown instanceof Error && FULL_MEMORY.test(thrown.message))) return null;
  const fix = 'free memory or raise the limit of the process, then run the command again';
  return failure('E_MEMORY', { work: 'the process', limit: '', fix });
}

/** The name of the class as declared; `error.name` is a property and could hold anything. */
function nameClass(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'value that is not an Error';
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

/** A message can contain lines that look like stack lines, so everything up to its end is skipped. */
function cutMessage(stack: string, message: unknown): string {
  if (typeof message !== 'string' || message === '') return stack;
  const start = stack.indexOf(message);
  return start === -1 ? '' : stack.slice(start + message.length);
}
