import { warmUpLane } from '../lane/lane-thread.js';
import { endWithParent } from './end-with-parent.js';
import { listenToParent } from './parent-messages.js';

/**
 * The engine process: DuckDB and ONNX Runtime, apart from the process that holds the queue. It is
 * ended with SIGKILL, at any moment and always: `process.exit` with native threads alive aborts.
 *
 * A first lane loads its modules while this thread loads its own, which takes as long: so nothing
 * else is imported by this file before the lane's thread has been started.
 */

warmUpLane();
endWithParent();
const messages = listenToParent();
const { serveRequests } = await import('./serve-requests.js');
serveRequests(await messages);
