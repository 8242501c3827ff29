import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { NULL_RULES } from '../src/privacy/measure.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Privacy extends BaseCommand {
  static override summary = SUMMARIES.privacy;
  static override args = {
    table: Args.string({
      required: true,
      description: 'A table such as silver.users, or a file *.csv or *.parquet.',
    }),
  };
  static override flags = {
    quasi: Flags.string({
      summary:
        'Columns that someone may know of a person, with commas between them; repeatable. A release names its own.',
      helpValue: 'COLUMNS',
      multiple: true,
    }),
    sensitive: Flags.string({
      summary: 'Columns that no one is to learn of a person; repeatable.',
      helpValue: 'COLUMNS',
      multiple: true,
    }),
    person: Flags.string({
      summary: 'Column that names a person, such as a token; default: each row is a person.',
      helpValue: 'COLUMN',
    }),
    nulls: choiceFlag({
      summary: 'Whether null is a value of its own (own, default) or may be any value (wildcard).',
      name: 'nulls',
      choices: NULL_RULES,
      helpValue: 'RULE',
    }),
  };
  static override examples = [
    '<%= config.bin %> privacy silver.persons_anonymized --quasi city,gender,age_group --sensitive email',
    '<%= config.bin %> privacy gold.persons_release',
    '<%= config.bin %> privacy people.csv --quasi zip,age --sensitive disease --person patient',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Privacy);
    await this.act(flags, async ({ config, effects }) => {
      const { formatMeasures, measureTable } = await import('../src/actions/privacy/measure-table.js');
      const request = {
        target: args.table,
        quasi: flags.quasi ?? [],
        sensitive: flags.sensitive ?? [],
        person: flags.person ?? null,
        nulls: NULL_RULES.find((rule) => rule === flags.nulls) ?? 'own',
      };
      const table = await measureTable(config.databasePath, request, effects);
      return { document: table.measures, format: (terminal) => formatMeasures(table, terminal) };
    });
  }
}
