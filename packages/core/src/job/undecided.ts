/**
 * What `init` begins an expression with that only a person can write. Such a job is refused with
 * JOB_UNDECIDED, by whatever would run it.
 */
export const UNDECIDED = 'DECIDE:';
