import { ShardmillError } from '@shardmill/core';
import type { ProviderReport } from '../onnx/probe-providers.js';
import type { LaneReply } from './lane-messages.js';
import { send, startThread } from './lane-thread.js';

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
