/** Profiles of data sets and of runs: to compare runs with, and to look at. */
export type { CreatedProfile } from './create-profile.js';
export type { DatasetEvents, ProfiledDataset, ProfileDatasetRequest } from './profile-dataset.js';
export { readProfile } from './read-profile.js';
