import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Captured, runCaptured } from '../commands/capture-output.js';

/** An empty project, and the command line in it. */
export interface DraftProject {
  /** Holds the project and nothing else but what its commands leave beside it. */
  readonly root: string;
  readonly dir: string;
  readonly run: (...argv: string[]) => Promise<Captured>;
  /** With `--json --quiet`; the document, whatever the exit. */
  readonly ask: (...argv: string[]) => Promise<{ readonly exit: number; readonly document: unknown }>;
  readonly page: (name: string) => string;
  readonly remove: () => void;
}

export function makeDraftProject(): DraftProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-draft-')));
  const dir = join(root, 'project');
  mkdirSync(join(dir, 'pipelines'), { recursive: true });
  process.env['XDG_CONFIG_HOME'] = join(root, 'config');
  const run = (...argv: string[]): Promise<Captured> => runCaptured([...argv, '--project', dir]);
  return {
    ...{ root, dir, run },
    ask: async (...argv) => {
      const { exit, stdout } = await run(...argv, '--json', '--quiet');
      return { exit, document: JSON.parse(stdout) as unknown };
    },
    page: (name) => readFileSync(join(dir, 'pipelines', `${name}.yaml`), 'utf8'),
    remove: () => {
      Reflect.deleteProperty(process.env, 'XDG_CONFIG_HOME');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The n-th of some made-up people: every value of somebody holds `kanary`, or digits that nothing else has. */
export function makePerson(n: number): Record<string, unknown> {
  const digits = String(n).padStart(3, '0');
  return {
    id: 77_315_000 + n,
    fullName: `Kanary${digits} Xq`,
    email: `kanary${digits}@kanary-host.example`,
    phone: `+4930777315${digits}`,
    card: '4111111111111111',
    iban: 'GB82WEST12345698765432',
    born: `19${String(50 + (n % 50))}-03-1${String(n % 10)}`,
    status: n % 2 === 0 ? 'active' : 'closed',
    quantity: n % 7,
    active: n % 3 === 0,
    apiKey: `kanarysecret${digits}`,
    comment: `Kanary said ${digits}`,
    manager: 'Kanaryboss Xq',
    foo: `kanaryfoo${digits}`,
    address: {
      street: `${digits} Kanary Road`,
      city: 'Springfield',
      zip: `77315${digits}`,
      geo: { lat: 8.1377315 + n / 1000, lng: 1.5777315 },
    },
    tags: [`kanarytag${digits}`],
    visits: { [`kanary${digits}@kanary-host.example`]: n },
    [`kanaryname${digits}`]: true,
  };
}

export function makePeople(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, n) => makePerson(n));
}

/**
 * What no draft, no output and no file of the lake may hold. Numbers are matched with more digits than the
 * milliseconds of a timestamp have, and not inside a hash.
 */
export const CANARIES =
  /kanary|4111111111111111|GB82WEST|(?<![0-9a-f])(?:\+?4930777315|77315)\d{3}|8\.13[78]\d|1\.577\d|19[5-9]\d-03-1/i;
