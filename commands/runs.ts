import { BaseCommand } from './cli/base.js';
import { dateFlag, integerFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Runs extends BaseCommand {
  static override summary = SUMMARIES.runs;
  static override args = {
    pipeline: pipelineArg({ description: 'Name of the pipeline; default: all.' }),
  };
  static override flags = {
    limit: integerFlag({
      summary: 'Maximum number of runs; default: 20.',
      name: 'limit',
      min: 1,
      max: 1_000_000,
    }),
    date: dateFlag({ summary: 'List only runs for this logical date.' }),
  };
  static override examples = ['<%= config.bin %> runs', '<%= config.bin %> runs persons --limit 5'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Runs);
    await this.act(flags, async (context) => {
      const { readLedger } = await import('../src/actions/runs/run-list.js');
      const { formatRuns } = await import('../src/actions/runs/run-list.js');
      const document = await readLedger(context, {
        pipeline: args.pipeline ?? null,
        date: flags.date ?? null,
        limit: flags.limit ?? 20,
      });
      return { document, format: (terminal) => formatRuns(document, terminal) };
    });
  }
}
