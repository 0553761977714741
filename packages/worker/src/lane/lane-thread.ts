import { Worker } from 'node:worker_threads';
import type { LaneRequest } from './lane-messages.js';

/** What a thread is started with. */
export interface LaneStart {
  /** Started before it is known which model it is for: it has the time to load all that a lane may need. */
  readonly ahead: boolean;
}

/** A thread that loads its modules already, before it is known which model it is for. */
let spare: Worker | undefined;

/** Starts such a thread, for the next lane that is added. */
export function warmUpLane(): void {
  spare ??= startThread({ ahead: true });
}

/** A thread for a lane. */
export function takeThread(): Worker {
  const thread = spare ?? startThread();
  spare = undefined;
  return thread;
}

/** Sends to a thread; the memory of `transfer` is handed over instead of copied. */
export function send(thread: Worker, request: LaneRequest, transfer: ArrayBuffer[] = []): void {
  thread.postMessage(request, transfer);
}

/** A new thread, which loads what every lane needs. */
export function startThread(start: LaneStart = { ahead: false }): Worker {
  return new Worker(new URL('./lane.js', import.meta.url), { workerData: start });
}
