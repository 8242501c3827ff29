import * as Args from '@oclif/core/args';
import { QUERY_FORMATS } from '../src/actions/query/query-result.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Query extends BaseCommand {
  static override summary = SUMMARIES.query;
  static override args = {
    sql: Args.string({ required: true, description: 'One SELECT in DuckDB SQL, in quotes.' }),
  };
  static override flags = {
    format: choiceFlag({
      summary: 'Output format: table (default), csv or json (an array of rows).',
      name: 'format',
      choices: QUERY_FORMATS,
      exclusive: ['json'],
      helpValue: 'FORMAT',
    }),
  };
  static override examples = [
    '<%= config.bin %> query "show all tables"',
    '<%= config.bin %> query "select country, count(*) as people from persons_anonymized group by all order by all"',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Query);
    await this.act(flags, async (context) => {
      const { openProject, openPublished } = await import('../src/project.js');
      const { queryProject } = await import('../src/actions/query/query-result.js');
      const { describeQuery, formatQuery } = await import('../src/actions/query/query-result.js');
      // Only a statement that names bronze can read a raw zone.
      const open = /bronze/i.test(args.sql) ? openProject : openPublished;
      const result = await queryProject(await open(context), args.sql);
      const chosen = QUERY_FORMATS.find((format) => format === flags.format) ?? 'table';
      return { document: describeQuery(result), format: (terminal) => formatQuery(result, chosen, terminal) };
    });
  }
}
