import { Worker } from 'node:worker_threads';
import { ShardmillError } from '@shardmill/core';
import type { LaneReply, LaneRequest } from './lane-messages.js';
import type { ProviderReport } from '../onnx/probe-providers.js';

/** A thread that loads ONNX Runtime already, before it is known which model it is for. */
let spare: Worker | undefined;

/** Starts such a thread, for the next lane that is added. */
export function warmUpLane(): void {
  spare ??= startThread();
}

/** A thread for a lane. */
export function takeThread(): Worker {
  const thread = spare ?? startThread();
  spare = undefined;
  return thread;
}

/** Whether each execution provider can be used here, asked in a thread of its own. */
export async function askProviders(): Promise<ProviderReport[]> {
  const thread = startThread();
  try {
    return await new Promise<ProviderReport[]>((resolve, reject) => {
      thread.on('message', (reply: LaneReply) => {
        if (reply.kind === 'probed') resolve(reply.providers);
      });
      const fail = (what: unknown): void =>
        reject(new ShardmillError('ENGINE_CRASHED', `asking for providers: ${String(what)}`));
      thread.once('error', fail);
      thread.once('exit', (code) => fail(`exit code ${code}`));
      send(thread, { kind: 'probe' });
    });
  } finally {
    await thread.terminate();
  }
}

/** Sends to a thread; the memory of `transfer` is handed over instead of copied. */
export function send(thread: Worker, request: LaneRequest, transfer: ArrayBuffer[] = []): void {
  thread.postMessage(request, transfer);
}

function startThread(): Worker {
  return new Worker(new URL('./lane.js', import.meta.url));
}
