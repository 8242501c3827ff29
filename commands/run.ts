import * as Flags from '@oclif/core/flags';
import type { Terminal } from '../src/base/config/config.js';
import { BaseCommand } from './cli/base.js';
import { pipelineArg } from './cli/flags.js';
import { INGEST_FLAGS, toAllRequest, toIngestRequest, toOverrides } from './cli/ingest-flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Run extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.run;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    ...INGEST_FLAGS,
    all: Flags.boolean({
      summary: 'Run every pipeline, one after another; ends with the worst exit code.',
      exclusive: ['records', 'source', 'concurrency', 'seed'],
    }),
  };
  static override examples = [
    '<%= config.bin %> run',
    '<%= config.bin %> run persons --date 2026-11-20 --records 1000',
    '<%= config.bin %> run persons --source https://fakerapi.it',
    '<%= config.bin %> run --all',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    if (flags.all) {
      const request = toAllRequest(args.pipeline, flags);
      await this.act(flags, async (context) => {
        const { formatAllRuns, runAll } = await import('../src/actions/run/run-all.js');
        const { document, worst } = await runAll(context, request);
        const outcome = { document, format: (terminal: Terminal) => formatAllRuns(document, terminal) };
        return worst === null ? outcome : { ...outcome, error: worst, isReported: true };
      });
      return;
    }
    await this.act(flags, async (context) => {
      const { openChosen, todayOf } = await import('../src/project.js');
      const { run } = await import('../src/pipeline.js');
      const { formatRun } = await import('../src/actions/run/run-summary.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'linked', toOverrides(flags));
      const document = await run(project, toIngestRequest(pipeline, flags, todayOf(project, pipeline)));
      return { document, format: (terminal) => formatRun(document, terminal) };
    });
  }
}
