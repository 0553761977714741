// Whether the process of this container can do its work: what Docker's HEALTHCHECK runs.
//   node healthcheck.mjs worker|scheduler
const DEFAULT_PORTS = { worker: 9464, scheduler: 9465 };
const role = process.argv[2] ?? '';
const port = process.env[`SHARDMILL_${role.toUpperCase()}_STATUS_PORT`] || DEFAULT_PORTS[role];
if (port === undefined) throw new Error(`worker or scheduler, not ${role}`);
const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
  signal: AbortSignal.timeout(3000),
});
process.stdout.write(await response.text());
process.exitCode = response.ok ? 0 : 1;
