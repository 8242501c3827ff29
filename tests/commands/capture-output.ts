import { launch } from '../../commands/cli/launch.js';

export interface Captured {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, without a build, and gives what it wrote. */
export async function runCaptured(argv: readonly string[]): Promise<Captured> {
  const written = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: unknown) => {
      written[name] += String(chunk);
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    const exit = await launch(argv);
    return { exit, ...written };
  } finally {
    for (const undo of restore) undo();
  }
}
