import { Worker } from 'node:worker_threads';
import type { LaneRequest } from './lane-messages.js';

/** What a thread is started with. */
export interface LaneStart {
  /** Started before it is known which model it is for: it has the time to load all that a lane may need. */
  readonly ahead: boolean;
}

/** Threads that load their modules already, or have them, before it is known which model they are for. */
const spare: Worker[] = [];

/** Starts such a thread, for the next lane that is added. */
export function warmUpLane(): void {
  if (spare.length === 0) spare.push(startThread({ ahead: true }));
}

/** Keeps the thread of a lane that is idle and not needed any more for the next lane that is added. */
export function giveThread(thread: Worker): void {
  spare.push(thread);
}

/** A thread for a lane. */
export function takeThread(): Worker {
  return spare.pop() ?? startThread();
}

/** Sends to a thread; the memory of `transfer` is handed over instead of copied. */
export function send(thread: Worker, request: LaneRequest, transfer: ArrayBuffer[] = []): void {
  thread.postMessage(request, transfer);
}

/** A new thread, which loads what every lane needs. */
export function startThread(start: LaneStart = { ahead: false }): Worker {
  return new Worker(new URL('./lane.js', import.meta.url), { workerData: start });
}
