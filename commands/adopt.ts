import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { dateOf } from '../src/base/dates/calendar.js';
import { BaseCommand } from './cli/base.js';
import { allowFutureFlag, dateFlag, parseName, resolveDate } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Adopt extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.adopt;
  static override args = { file: Args.string({ required: true, description: 'A Parquet file.' }) };
  static override flags = {
    dataset: Flags.string({ summary: 'Dataset of the file.', helpValue: 'NAME', required: true }),
    date: dateFlag({ summary: 'Date to import the file as.', required: true }),
    'allow-future': allowFutureFlag,
  };
  static override examples = [
    '<%= config.bin %> adopt old/2026-11-20.parquet --dataset persons --date 2026-11-20',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Adopt);
    await this.act(flags, async (context) => {
      const request = {
        file: args.file,
        dataset: parseName(flags.dataset, 'dataset'),
        date: resolveDate(flags.date, flags['allow-future'], dateOf(context.effects.now())),
      };
      const { openProject } = await import('../src/project.js');
      const { adoptFile } = await import('../src/actions/adopt/adopt-file.js');
      const { formatAdopted } = await import('../src/actions/adopt/adopt-file.js');
      const result = await adoptFile(await openProject(context), request);
      const document = { date: request.date, ...result };
      return { document, format: () => formatAdopted(document) };
    });
  }
}
