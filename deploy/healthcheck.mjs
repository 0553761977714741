// Whether the process of this container can do its work: what Docker's HEALTHCHECK runs.
//   node healthcheck.mjs worker|scheduler
import * as http from 'node:http';
import * as https from 'node:https';

const DEFAULT_PORTS = { worker: 9464, scheduler: 9465 };
const role = process.argv[2] ?? '';
const port = process.env[`SHARDMILL_${role.toUpperCase()}_STATUS_PORT`] || DEFAULT_PORTS[role];
if (port === undefined) throw new Error(`worker or scheduler, not ${role}`);
const secure = Boolean(process.env.SHARDMILL_STATUS_TLS_CERT);
const get = secure ? https.get : http.get;
// The certificate is for the names by which others ask: here it is the process itself that is asked.
const options = {
  host: '127.0.0.1',
  port,
  path: '/readyz',
  timeout: 3000,
  rejectUnauthorized: false,
};
process.exitCode = 1;
get(options, (response) => {
  response.pipe(process.stdout);
  response.once('end', () => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  });
}).on('timeout', function () {
  this.destroy(new Error('no answer in 3 s'));
});
