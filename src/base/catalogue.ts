import { PRIVACY_ERRORS } from './privacy-errors.js';
import { SOURCE_ERRORS } from './source-errors.js';

/**
 * Every error that a command can report, one entry per code. Facts are numbers and names from the definition, the command
 * line or this file; never a value of a record.
 */

type Exit = 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143;

/** `[exit code, what happened, what to do next]`; `{name}` is replaced by the fact of that name. */
type Entry = readonly [exit: Exit, message: string, remedy: string];

export const CATALOGUE = {
  // 1: a bug in Lakeveil
  E_DEFECT: [1, 'unexpected {name}{at}', 'this is a bug in Lakeveil: report it with the lines above'],
  E_SAFE_ROOM: [
    1,
    'the safe room rejected the setting {setting}',
    'report it with the output of `pipeline doctor --json`',
  ],
  E_MASK: [1, 'masking {dataset} failed ({kind})', 'report it with the SQL that `pipeline explain` prints'],
  E_MEMORY: [6, '{work} ran out of memory{limit}', '{fix}'],
  E_LAND: [
    1,
    'joining the masked segments of {dataset} failed ({kind})',
    'run the command again; if it fails again, report it with the ledger file of the run',
  ],
  E_CUSTODY: [
    1,
    'column {column} of {dataset} does not match what the safe room wrote',
    'run the command again; if it fails again, check the disk and report it',
  ],
  E_COUNTS: [
    1,
    '{dataset}: {fetched} records were fetched, but {accounted} are accounted for',
    'report it with the ledger file of the run',
  ],
  E_TARGET: [
    1,
    'target {target} rejected a statement ({kind})',
    'report it with the lines that the log of the database has at this time, without values',
  ],

  // 2: usage, definition, configuration
  E_USAGE: [2, '{what}', '{hint}'],
  E_NAME: [
    2,
    'invalid {kind} name: names match [a-z][a-z0-9_]{0,62}',
    'use lowercase letters, digits and underscores; start with a letter',
  ],
  E_RUN_ID: [2, 'invalid run id', 'list run ids with `pipeline runs --json`'],
  E_UNKNOWN: [2, '{kind} not found', 'available: {known}'],
  E_DATE: [2, 'invalid date: dates have the form YYYY-MM-DD', 'for example: `--date {example}`'],
  E_DATE_FUTURE: [2, '{date} is later than tomorrow', 'choose an earlier date or add `--allow-future`'],
  E_DATE_SNAPSHOT: [
    2,
    'dataset {dataset} is a snapshot: only today’s state can be fetched, not {date}',
    'add `--as-of-now` to store today’s state under that date, or run today’s date',
  ],
  E_SLOT: [2, 'pipeline {pipeline} is not hourly', 'omit the hour: `--date {date}`'],
  E_SLOT_MISSING: [
    2,
    'dataset {dataset} is hourly, and {date} has no hour',
    'add the hour: `--date {date}T00` to `--date {date}T23`',
  ],
  E_TAKEN: [2, '{path} {what}', '{fix}'],
  E_DEFINITION: [2, '{problem}', '{fix}'],
  E_PATTERN: [
    2,
    'the pattern of {path} is not a valid RE2 expression',
    'remove look-around, back-references and repeat counts above 1,000',
  ],
  E_ENV_MISSING: [2, 'variable {name} is not set; looked in {places}', 'set it, or add `{name}=…` to .env'],
  E_ENV_INVALID: [2, 'variable {name} must be {wants}', 'correct its value in the environment or in .env'],
  E_URL: [2, 'a URL on the command line must not contain {part}', 'set it in the variable {variable}'],
  E_SAMPLE_URL: [
    2,
    'the URL of a sample must not contain {part}',
    "pass parameters with `--query 'NAME=VALUE'` and credentials with `--header` or `--auth`, secrets as variables",
  ],
  E_KEY_MISSING: [
    2,
    'no token key is set, and the source is not on this machine',
    'set TOKEN_KEY (create one with `openssl rand -base64 32`), or set ALLOW_LOCAL_KEY=1',
  ],
  E_KEY_INVALID: [2, 'invalid token key from {origin}: {why}', 'create a key with `openssl rand -base64 32`'],
  E_KEY_CHANGED: [
    2,
    'key id {key_id} belongs to a different key, which masked partition {partition}',
    'use the previous key, or set a new TOKEN_KEY_ID for the new key',
  ],
  E_FLAG_PROCESS: [
    2,
    'Node.js was started with {flag}, which may write raw values to a file, a socket or the terminal',
    'run the command again without {flag}',
  ],
  E_PLAIN_HTTP: [
    2,
    '{origin} uses plain HTTP and is not on this machine',
    'use https, or set `allow_http: true` in the definition',
  ],
  E_EMBEDDED_OVER_REAL: [
    2,
    '{date} of {dataset} holds real data, which the embedded server would replace',
    'choose another date, or add `--force`',
  ],
  E_PRUNED: [2, '{date} of {dataset} is pruned: raw files before {before} were removed', '{fix}'],
  E_PRUNE_REFUSED: [
    2,
    'pruning would lose rows of {model} that exist only in the raw files: {reason}',
    'change the model, or prune another pipeline or zone',
  ],
  E_TOKEN_FILE: [
    2,
    'invalid token file {path}: {why}',
    'write one line of at least 32 characters, readable by the owner only: `(umask 077; openssl rand -hex 32 > FILE)`',
  ],
  E_OUT_DIR: [2, 'exports cannot be written into {place}', 'choose another folder with `--out`'],
  E_EXPORT_RAW: [
    2,
    '{table} is in the restricted raw zone and cannot be exported or queried',
    'use a table in silver or gold',
  ],
  E_EXPORT_TOKENS: [
    2,
    '{table} contains tokens ({columns})',
    'add `--with-tokens` if the recipient may join on them',
  ],
  E_QUERY: [
    2,
    '{problem}',
    'write one SELECT over the tables that `pipeline query "show all tables"` lists, without table functions',
  ],
  E_MODEL: [2, '{problem}', '{fix}'],
  E_LINEAGE: [2, '{problem}', '{fix}'],
  E_NOT_LANDED: [2, 'no data has landed for {pipeline}{date}', 'run `{command}`'],
  E_NOT_BUILT: [2, '{date} of {pipeline} is not in the warehouse', 'run `pipeline transform {pipeline}`'],
  E_LAKE_MOVED: [
    2,
    'the lake is in another folder than when the tables were built',
    'run `pipeline transform`, which points the tables of bronze to the files',
  ],
  E_NO_WAREHOUSE: [2, 'the warehouse does not exist', 'run `pipeline run`, or `pipeline transform --all`'],
  E_WAREHOUSE_OLD: [
    2,
    'the warehouse was built by another version of Lakeveil',
    'rebuild it with `pipeline transform --all`',
  ],
  E_TARGET_LOGIN: [2, 'target {target} did not accept the connection ({kind})', '{fix}'],
  E_TARGET_TABLE: [2, '{table} in target {target} {problem}', '{fix}'],
  E_ADOPT: [
    2,
    'cannot adopt the file: {why}',
    'give the columns the names and types that `pipeline explain {pipeline}` lists',
  ],

  // 3: the source
  ...SOURCE_ERRORS,

  E_ALERT: [
    3,
    'an alert could not be sent ({kind})',
    'correct the channel, then run `pipeline alert --test`',
  ],
  E_TARGET_DOWN: [3, 'target {target} is not available ({kind})', '{fix}'],

  // 4: contract and quality
  E_TARGET_ROWS: [4, 'target {target} cannot hold rows of {table} ({kind})', '{fix}'],
  E_FEWER_ROWS: [
    4,
    '{date} has {landed} rows of {dataset} landed, and this pull has {got}',
    'check the source; land them all the same with `--force`, or raise `max_drop` of the dataset',
  ],
  E_REJECTED: [
    4,
    '{rejected} of {fetched} records of {dataset} were rejected; max_rejected allows {allowed}: {reasons}',
    'fix the contract or the source; `pipeline runs --json` shows the counts',
  ],
  E_FROZEN: [
    4,
    '{dataset} has {count} records with fields that its frozen contract does not list',
    'add the fields to the contract, or change on_unknown_field',
  ],
  E_DUPLICATES: [
    4,
    '{dataset} has {count} records with a duplicate key, and on_duplicate is fail',
    'change on_duplicate, or fix the source',
  ],
  E_SQL_RUN: [4, '{name} failed at run time ({kind})', 'check the SQL in {file} and the rows it reads'],
  E_TEST_FAILED: [
    4,
    '{failed} of {total} model tests failed',
    'compare the rows above, then fix the model or the expected rows',
  ],
  E_CHECK_FAILED: [
    4,
    'check {check} found {what}{more}',
    'fix the source or the check, then run the command again; `pipeline runs --json` lists all failed checks',
  ],

  E_SUSPECT: [
    4,
    'found {found}: cells or lines that look like personal data, or files that could not be read',
    'look at each place of the list above; give its column a treatment or a bound, or remove the file',
  ],

  E_LOST: [
    4,
    '{date} of {dataset}, which run {run} landed, {what}{more}',
    'restore the files, or land the date again with `{command}`; to build the tables without it: `pipeline transform --accept-loss`',
  ],

  // 5: privacy, and landed data that is gone
  ...PRIVACY_ERRORS,

  // 6: the machine
  E_LOCKED: [
    6,
    'the lake is locked by {holder}; waited {seconds} s',
    'run the command again once the other one has finished',
  ],
  E_DISK: [
    6,
    'cannot write {path} ({kind})',
    'free disk space or fix the permissions, then run the command again',
  ],
  E_ENGINE: [
    6,
    'DuckDB cannot be loaded ({kind})',
    'raise the memory limit of the process (`ulimit -v`), or install Lakeveil again on this machine',
  ],
  E_DISK_READ: [6, 'cannot read {path} ({kind})', 'fix the permissions or restore the file'],
  E_NOT_A_DATABASE: [
    6,
    '{path} is not a DuckDB database',
    'move the file, then rebuild the warehouse with `pipeline transform --all`',
  ],
  E_DATABASE_FOREIGN: [
    6,
    '{path} is a database that Lakeveil did not create',
    'move the file, or set DUCKDB_PATH to another file',
  ],
  E_LAKE_DAMAGED: [
    6,
    '{path} does not match its manifest ({kind})',
    'restore the file or run its date again',
  ],
  E_TARGET_BUSY: [
    6,
    '{table} in target {target} is locked by another session; waited {seconds} s',
    'run the command again once the other session has finished, or raise `lock_timeout` of the target',
  ],
  E_TARGET_FULL: [6, 'target {target} ran out of {kind}', '{fix}'],
  E_TARGET_FILE: [6, 'cannot load into {path} ({kind})', '{fix}'],
  E_LAKE_FILE: [6, 'cannot use {path} of the lake ({kind})', '{fix}'],
  E_LAKE_NEWER: [
    6,
    '{path} was {what}',
    'upgrade Lakeveil; landing the date again with this version would replace newer data',
  ],
  E_FORGOTTEN: [6, 'people were erased from {dataset} during this run', 'run the command again'],
  E_BUSY: [
    6,
    'a run of {pipeline} for {date} is in progress',
    'wait until it finishes; its view shows the progress',
  ],
  E_RUN_DIED: [
    6,
    'the process of the run ended unexpectedly ({kind})',
    'run `pipeline status`, then run the date again; if its process is killed again, give the machine more memory',
  ],
  E_PORT: [6, 'port {port} is in use', 'choose another port with `--port`'],

  E_INTERRUPTED: [130, 'interrupted', 'run the same command again'],
  E_TERMINATED: [143, 'terminated', 'run the same command again'],
} as const satisfies Record<string, Entry>;
