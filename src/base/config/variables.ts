interface Variable {
  /** Null if nothing stands in for it. */
  readonly default: string | null;
  /** What it sets, for docs/reference/environment.md. */
  readonly sets: string;
}

/** Every variable that Lakeveil itself reads. Definitions and `targets.yaml` name further ones. */
export const VARIABLES = {
  TOKEN_KEY: { default: null, sets: 'the key of the tokens: Base64 of 32 bytes or more' },
  TOKEN_KEY_FILE: { default: null, sets: 'a file that holds the key; only its owner may read it' },
  TOKEN_KEY_COMMAND: {
    default: null,
    sets: 'a JSON array: a command that prints the key, run without a shell; not in `.env`',
  },
  TOKEN_KEY_ID: { default: 'k1', sets: 'the prefix of every token: 1 to 16 characters of a-z and 0-9' },
  ALLOW_LOCAL_KEY: { default: '0', sets: '`1` uses the local key also for sources on other machines' },
  DATA_LAKE_DIR: { default: 'data_lake', sets: 'the folder of the lake' },
  DUCKDB_PATH: { default: 'db/lake.duckdb', sets: 'the file of the warehouse' },
  LAKE_COMPRESSION: { default: 'zstd', sets: 'the compression of Parquet files: `zstd` or `snappy`' },
  LOG_LEVEL: {
    default: 'warn',
    sets: 'the level of the log on stderr: `debug`, `info`, `warn`, `error` or `silent`',
  },
  LOG_DIR: { default: 'logs', sets: 'the folder of the log file' },
  RUN_HEAP_MB: {
    default: '2048',
    sets: 'the heap, in MB, of a run that the scheduler, `run --all` or the dashboard starts',
  },
  ALERT_WEBHOOK_URL: { default: null, sets: 'an incoming webhook in Slack’s format, for alerts; a secret' },
  ALERT_SMTP_URL: {
    default: null,
    sets: 'a mail server for alerts, `smtps://USER:PASSWORD@HOST:PORT`; a secret',
  },
  ALERT_EMAIL_FROM: { default: null, sets: 'the sender of alerts' },
  ALERT_EMAIL_TO: { default: null, sets: 'the recipients of alerts, with commas between them' },
  ALERT_ON: { default: null, sets: 'the kinds of alerts to send, with commas between them; all if not set' },
  OPENLINEAGE_URL: { default: null, sets: 'the server that events of OpenLineage are sent to' },
  OPENLINEAGE_ENDPOINT: { default: 'api/v1/lineage', sets: 'the path of that server that takes events' },
  OPENLINEAGE_API_KEY: { default: null, sets: 'the key that is sent to that server; a secret' },
  LINEAGE_FILE: { default: null, sets: 'a file that events of OpenLineage are appended to' },
  OPENLINEAGE_NAMESPACE: { default: 'lakeveil', sets: 'the namespace of the jobs in those events' },
  OPENLINEAGE_DISABLED: { default: 'false', sets: '`true`: no events of OpenLineage' },
  DUCKDB_EXTENSION_DIR: {
    default: '~/.duckdb/extensions',
    sets: 'a folder with extensions of DuckDB, for loading into PostgreSQL',
  },
  PGPASSFILE: { default: '~/.pgpass', sets: 'the file with passwords for PostgreSQL' },
  XDG_CONFIG_HOME: { default: '~/.config', sets: 'the folder that holds `lakeveil/local.key`' },
  HOME: { default: null, sets: 'the folder that `~` stands for' },
  NO_COLOR: { default: null, sets: 'any value: output without colors' },
  TERM: { default: null, sets: '`dumb`: no colors and no progress line' },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;
