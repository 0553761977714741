import type { EngineOptions } from './engine-options.js';
import type { EngineRequest } from './protocol.js';

/** What comes from the process that started this one: its options, and then requests. */
export interface ParentMessages {
  readonly options: EngineOptions;
  /** Hands on the requests, those included that have come already. */
  readonly onRequest: (handle: (request: EngineRequest) => void) => void;
}

/**
 * Waits for the options. It listens from the first message on and without a pause: Node loses
 * messages that come while there is no listener.
 */
export function listenToParent(): Promise<ParentMessages> {
  let handle: ((request: EngineRequest) => void) | undefined;
  const waiting: EngineRequest[] = [];
  return new Promise((resolve) => {
    let first = true;
    process.on('message', (message) => {
      if (first) {
        first = false;
        resolve({
          // The process that forks an engine sends the options first.
          options: message as EngineOptions,
          onRequest: (handler) => {
            handle = handler;
            for (const request of waiting.splice(0)) handler(request);
          },
        });
        return;
      }
      const request = message as EngineRequest;
      if (handle === undefined) waiting.push(request);
      else handle(request);
    });
  });
}
