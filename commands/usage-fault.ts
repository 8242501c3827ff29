import { CLIError } from '@oclif/core/errors';
import type { LakeveilError } from '../src/errors.js';

/**
 * Carries an error of the catalogue through oclif's parser, which writes over the message of whatever a flag's
 * `parse` throws.
 */
export class UsageFault extends CLIError {
  readonly told: LakeveilError;

  constructor(told: LakeveilError) {
    super(told.message, { exit: told.exit });
    this.told = told;
  }
}
