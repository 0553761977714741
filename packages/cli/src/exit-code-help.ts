/** A test holds these against `EXIT_CODES`, which is not loaded just for the help. */
export const EXIT_CODE_HELP = `
Exit codes:
  0    done
  1    the run failed; what is done is kept
  2    the definition or the command line is wrong
  3    over a budget of the job: rejected rows, time or cost
  4    skipped: its input did not come in time
  5    a check failed: the result is kept, and not published
  130  interrupted; run again to go on

A job is a name in the jobs folder, or a path:
  shardmill plan churn
  shardmill run ./jobs/churn/job.ts --param ds=2026-01-31`;
