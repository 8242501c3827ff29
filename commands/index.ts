import Doctor from './doctor.js';

/** Every verb by its id; oclif reads this map. */
export const COMMANDS = {
  doctor: Doctor,
};
