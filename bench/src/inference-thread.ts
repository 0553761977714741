import { parentPort, workerData } from 'node:worker_threads';
import { InferenceLoop } from './inference-loop.js';

/** A thread with an ONNX session of one thread: `session.run` blocks the thread that calls it. */

/** What the thread is started with. */
export interface LoopStart {
  readonly model: string;
  readonly features: Float32Array;
  readonly width: number;
}

/** What it is asked; it answers with {@link LoopReply}. */
interface LoopRequest {
  readonly batchRows: number;
  readonly seconds: number;
}

/** What the thread sends after each request, and once without a rate when it is ready. */
export interface LoopReply {
  readonly rowsPerSecond?: number;
}

if (parentPort === null) throw new Error('inference-thread.js is started as a worker thread');
const port = parentPort;
const { model, features, width }: LoopStart = workerData;
const loop = await InferenceLoop.create(model, 1, features, width);
port.on('message', (request: LoopRequest) => {
  void loop
    .run(request.batchRows, request.seconds)
    .then((rowsPerSecond) => reply({ rowsPerSecond }));
});
reply({});

function reply(message: LoopReply): void {
  port.postMessage(message);
}
